//! Drops are looked through before anything of them is queued.

mod bench;

use std::path::PathBuf;
use std::sync::Arc;

use bench::Bench;
use ferry_engine::{Change, Intake, IntakeProgress, MemoryFiles, ProblemFiles};
use ferry_model::{KeyForm, Provider, SurveyProblem};

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
    let survey = bench.engine.survey(&as_is, &progress).await.expect("walks");
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
    assert_eq!(survey.found(SurveyProblem::SameKey).files, 1);
    assert_eq!((survey.files, survey.kept_out()), (4, 3));
    assert_eq!(bench.rows().await.len(), 0, "nothing is queued by looking");

    let left_out = Intake { problem_files: ProblemFiles::LeaveOut, ..intake };
    let report = bench.engine.add_paths(left_out, IntakeProgress::default()).await;
    assert_eq!(report.expect("takes in").added, 4);
    assert!(bench.rows().await.iter().all(|row| row.fault.is_none()));
}
