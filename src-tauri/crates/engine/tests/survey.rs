//! Drops are looked through before anything of them is queued.

mod bench;

use std::path::PathBuf;
use std::sync::Arc;

use bench::Bench;
use ferry_engine::{Change, Intake, IntakeProgress, MemoryFiles, ProblemFiles};
use ferry_model::{Existing, KeyForm, KeyTemplate, Provider, SurveyProblem};
use ferry_sandbox::{Action, Operation, Rule};

#[tokio::test]
async fn what_is_wrong_is_counted_and_can_be_left_out() {
    let files = MemoryFiles::new();
    let at = |name: &str| PathBuf::from("/home/drop").join(name);
    for (name, size) in [
        ("a/one.tif", 5u8),
        ("a/One.tif", 6),
        ("a/u\u{308}ber.txt", 7),
        ("a/\u{fc}ber.txt", 8),
        ("b.bin", 90),
    ] {
        files.apply(Change::Write(at(name), vec![1; size.into()].into()));
    }
    let dropped = [at("a"), at("b.bin"), at("gone.txt"), at("\\x")];
    files.apply(Change::Write(dropped[3].clone(), vec![1; 3].into()));
    let bench = Bench::over(Arc::new(files), Provider::Oss, |_| {}).await;
    let paths: Vec<&PathBuf> = dropped.iter().collect();
    let intake = bench.intake(&bench.profile, &paths).await;

    let progress = IntakeProgress::default();
    let as_is = Intake { form: KeyForm::AsIs, ..intake.clone() };
    let survey = bench.engine.survey(&as_is, &progress).await.expect("walks").survey;
    assert_eq!(progress.files(), 7);
    assert_eq!((survey.files, survey.bytes), (5, 116));
    assert_eq!(survey.largest, Some(("b.bin".to_owned(), 90)));
    let found = |problem| survey.found(problem).examples.clone();
    assert_eq!(found(SurveyProblem::Unreadable), ["gone.txt"]);
    assert_eq!(found(SurveyProblem::BadKey), ["\\x"]);
    assert_eq!(found(SurveyProblem::SameKey), Vec::<String>::new());
    assert_eq!(found(SurveyProblem::SameButForCase), ["a/one.tif"]);
    assert_eq!(survey.found(SurveyProblem::SameButForForm).files, 1);
    assert!(survey.asks_first());

    // Composed, both names are one key.
    let survey = bench.engine.survey(&intake, &IntakeProgress::default()).await.expect("walks");
    let survey = survey.survey;
    assert_eq!(survey.found(SurveyProblem::SameKey).files, 1);
    assert_eq!((survey.files, survey.kept_out()), (4, 3));
    assert_eq!(bench.rows().await.len(), 0, "nothing is queued by looking");

    let left_out = Intake { problem_files: ProblemFiles::LeaveOut, ..intake };
    let report = bench.engine.add_paths(left_out, IntakeProgress::default()).await;
    assert_eq!(report.expect("takes in").added, 4);
    assert!(bench.rows().await.iter().all(|row| row.fault.is_none()));
}

/// Names of a folder's files.
const NAMES: [&str; 3] = ["a+b.tif", "b.tif", "照 1.tif"];

/// A folder of those files, and a store that lists two objects a page.
async fn folder_of_three(provider: Provider) -> (Bench, Intake) {
    let files = MemoryFiles::new();
    let folder = PathBuf::from("/home/scans");
    for name in NAMES {
        files.apply(Change::Write(folder.join(name), vec![1; 3].into()));
    }
    let bench = Bench::over(Arc::new(files), provider, |config| config.limits.page = 2).await;
    let intake = bench.intake(&bench.profile, &[&folder]).await;
    (bench, intake)
}

async fn existing(bench: &Bench, intake: &Intake) -> Existing {
    let found = bench.engine.survey(intake, &IntakeProgress::default()).await.expect("walks");
    bench.engine.existing(intake, &found.keys).await
}

#[tokio::test]
async fn files_that_exist_at_the_destination_are_counted_where_that_can_be_known() {
    for provider in [Provider::Oss, Provider::S3] {
        let (bench, intake) = folder_of_three(provider).await;
        assert_eq!(existing(&bench, &intake).await, Existing::Exactly(0), "{provider:?}");
        for key in ["scans/a+b.tif", "scans/照 1.tif", "scans/others.tif", "b.tif", "scan"] {
            bench.put_theirs(key, b"theirs").await;
        }
        assert_eq!(existing(&bench, &intake).await, Existing::Exactly(2), "{provider:?}");
        // Keys that hold a digest are not computed for a look.
        let template = KeyTemplate::parse("{prefix}{dir}{stem}-{hash8}{ext}").expect("a template");
        let hashed = Intake { template, ..intake.clone() };
        assert_eq!(existing(&bench, &hashed).await, Existing::Unknown, "{provider:?}");

        let denied = Action::Status { status: 403, code: "AccessDenied".into() };
        let denied = bench.sandbox.faults().add(Rule::on(Operation::ListObjectsV2), denied);
        assert_eq!(existing(&bench, &intake).await, Existing::Unknown, "{provider:?}");
        bench.sandbox.faults().remove(denied);
        assert_eq!(existing(&bench, &intake).await, Existing::Exactly(2), "{provider:?}");
    }
}

#[tokio::test]
async fn a_long_list_is_read_to_a_bound_and_tells_what_it_named() {
    let (bench, intake) = folder_of_three(Provider::Oss).await;
    for number in 0..21 {
        bench.put_theirs(&format!("scans/c{number:02}.tif"), b"theirs").await;
    }
    // It comes after all of them.
    bench.put_theirs("scans/照 1.tif", b"theirs").await;
    let answered = || {
        let figures = bench.engine.figures().operations;
        let listed = figures.iter().find(|it| format!("{:?}", it.operation) == "ListObjectsV2");
        listed.map_or(0, |it| it.answered.count)
    };
    assert_eq!(existing(&bench, &intake).await, Existing::Unknown, "not zero");
    assert_eq!(answered(), 10, "ten pages of two");
    bench.put_theirs("scans/b.tif", b"theirs").await;
    assert_eq!(existing(&bench, &intake).await, Existing::AtLeast(1));
    // One file's key is all that is listed for it.
    let paths = vec!["/home/scans/照 1.tif".into()];
    let one = Intake { paths, prefix: "scans".into(), ..intake };
    assert_eq!(existing(&bench, &one).await, Existing::Exactly(1));
}
