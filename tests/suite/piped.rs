//! `ferry put -`: standard input of unknown length becomes one verified object, or nothing is left
//! of it.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use ferry_sandbox::{Action, Operation, Rule};
use support::ferry::{BUCKET, Place, Ran};
use support::poll::until;
use support::read_back::{Reader, assert_same};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};

const MIB: usize = 1024 * 1024;

fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    fastrand::Rng::with_seed(len as u64).fill(&mut bytes);
    bytes
}

/// `ferry put - …`, which reads what is written to the returned end.
fn begin(place: &Place, destination: &str, options: &[&str]) -> (Child, ChildStdin) {
    let mut command = place.put(&[Path::new("-")], destination, options);
    command.stdin(Stdio::piped());
    let mut child = place.start(command);
    let input = child.stdin.take().expect("piped");
    (child, input)
}

async fn end(child: Child) -> Ran {
    Ran::from(child.wait_with_output().await.expect("ends"))
}

/// Pipes all of these bytes.
async fn pipe(place: &Place, destination: &str, options: &[&str], bytes: &[u8]) -> Ran {
    let (child, mut input) = begin(place, destination, options);
    let writing = async move {
        // Who leaves the rest unread has a reason, and says so.
        let _ = input.write_all(bytes).await;
    };
    tokio::join!(writing, end(child)).1
}

/// Nothing of it is on the store, and the command says so.
#[track_caller]
fn assert_taken_back(place: &Place, ran: &Ran, key: &str, code: i32) {
    assert_eq!(ran.code, code, "{ran:#?}");
    assert_eq!(place.sandbox.open_uploads(BUCKET), [], "{ran:#?}");
    assert!(place.sandbox.object(BUCKET, key).is_none(), "{ran:#?}");
    let told = ran.lines("taken_back");
    assert_eq!((told.len(), &told[0]["open"]), (1, &false.into()), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_length_arrives_byte_for_byte() {
    for (scheme, reader, part) in [("oss", Reader::Oss2, MIB), ("s3", Reader::Boto3, 5 * MIB)] {
        let place = Place::new().await;
        let sizes =
            [0, 1, part - 1, part, part + 1, 2 * part, 2 * part + 1, 7 * part, 23 * part + 4_321];
        let mut expected = Vec::new();
        for size in sizes {
            let (key, bytes) = (format!("in/{size}.bin"), random(size));
            let ledger = place.sandbox.ledger();
            ledger.clear();
            let part_size = part.to_string();
            let options = ["--part-size", part_size.as_str()];
            let to = format!("{scheme}://{BUCKET}/{key}");
            let ran = pipe(&place, &to, &options, &bytes).await;
            ran.assert_verified(1);
            assert_eq!(ran.number("bytes"), size as u64, "{ran:?}");
            // Each byte once; a short input is one Put.
            assert_eq!(ran.number("sent_bytes"), size as u64, "{size}");
            let parts = if size > part { size.div_ceil(part) } else { 0 };
            let count = |operation| ledger.count(operation) as usize;
            assert_eq!(count(Operation::UploadPart), parts, "{size}");
            assert_eq!(count(Operation::PutObject), usize::from(parts == 0), "{size}");
            expected.push((key, place.write(format!("{size}.bin"), &bytes)));
        }
        assert_same(&place, reader, &expected).await;
        assert_eq!(place.sandbox.open_uploads(BUCKET), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_go_side_by_side_and_are_sent_before_the_input_ends() {
    let place = Place::new().await;
    place
        .sandbox
        .faults()
        .add(Rule::on(Operation::UploadPart), Action::DelayAnswer(Duration::from_millis(300)));
    let bytes = random(12 * MIB);
    let options = ["--part-size", "1MiB", "--parallel", "4", "--integrity", "strict"];
    let (child, mut input) = begin(&place, &format!("oss://{BUCKET}/a.tar"), &options);
    input.write_all(&bytes[..11 * MIB]).await.expect("it is read");
    until("ten parts while the input goes on", || {
        place.sandbox.open_uploads(BUCKET).first().is_some_and(|upload| upload.parts.len() >= 10)
    })
    .await;
    assert!(place.sandbox.ledger().peak_in_flight() >= 3);
    input.write_all(&bytes[11 * MIB..]).await.expect("it is read");
    drop(input);
    end(child).await.assert_verified(1);
    assert!(place.sandbox.read_object(BUCKET, "a.tar").expect("is there") == bytes, "differs");
    let history = place.run(["history"]).await;
    assert!(history.stdout.contains(" - "), "it is in the history: {history:#?}");
}

/// Begins, writes six parts of a piped input, and waits until one is on the store.
async fn half_sent(place: &Place, key: &str) -> (Child, ChildStdin) {
    let options = ["--part-size", "1MiB"];
    let (child, mut input) = begin(place, &format!("oss://{BUCKET}/{key}"), &options);
    input.write_all(&random(6 * MIB)).await.expect("it is read");
    until("a part", || {
        place.sandbox.open_uploads(BUCKET).iter().any(|upload| !upload.parts.is_empty())
    })
    .await;
    (child, input)
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().expect("runs").to_string();
    let sent = std::process::Command::new("kill").args([name, &pid]).status();
    assert!(sent.expect("kill runs").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_leaves_nothing_open() {
    let place = Place::new().await;
    let (child, _input) = half_sent(&place, "a.tar").await;
    signal(&child, "-INT");
    assert_taken_back(&place, &end(child).await, "a.tar", 130);
    // Before anything was read, too; and with an abort whose first answer is lost.
    let (child, _input) = begin(&place, &format!("s3://{BUCKET}/b.tar"), &[]);
    tokio::time::sleep(Duration::from_millis(500)).await;
    signal(&child, "-INT");
    let ran = end(child).await;
    assert_eq!((ran.code, place.sandbox.open_uploads(BUCKET).len()), (130, 0), "{ran:#?}");
    let lost = Rule::on(Operation::Abort).once();
    let lost = place.sandbox.faults().add(lost, Action::EffectThenReset);
    let (child, _input) = half_sent(&place, "c.tar").await;
    signal(&child, "-INT");
    assert_taken_back(&place, &end(child).await, "c.tar", 130);
    assert_eq!(place.sandbox.faults().fired(lost), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_left_open_is_told_and_aborted_by_the_next_start() {
    let place = Place::new().await;
    let refused = Action::Status { status: 503, code: "ServiceUnavailable".into() };
    let refused = place.sandbox.faults().add(Rule::on(Operation::Abort), refused);
    let (child, _input) = half_sent(&place, "a.tar").await;
    let open = place.sandbox.open_uploads(BUCKET)[0].upload_id.clone();
    signal(&child, "-INT");
    let ran = end(child).await;
    assert_eq!(ran.code, 130, "{ran:#?}");
    let told = &ran.lines("taken_back")[0];
    assert_eq!((&told["open"], &told["upload_id"]), (&true.into(), &open.into()), "{ran:#?}");
    assert_eq!(told["key"], "a.tar", "{ran:#?}");
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 1);
    place.sandbox.faults().remove(refused);
    pipe(&place, &format!("oss://{BUCKET}/b"), &[], b"next").await.assert_verified(1);
    assert_eq!(place.sandbox.open_uploads(BUCKET), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_leaves_is_aborted_by_the_next_start() {
    let place = Place::new().await;
    let (mut child, _input) = half_sent(&place, "a.tar").await;
    child.kill().await.expect("it is killed");
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 1);
    // A file that is called as the input was is none of its business.
    let mut command = place.put(&[Path::new("-")], &format!("oss://{BUCKET}/b"), &[]);
    command.current_dir(place.write("-", b"a file").parent().expect("a folder"));
    Ran::of(command).await.assert_verified(1);
    assert_eq!(place.sandbox.open_uploads(BUCKET), []);
    let keys: Vec<String> =
        place.sandbox.objects(BUCKET).into_iter().map(|object| object.key).collect();
    assert_eq!(keys, ["b"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_breaks_leaves_nothing_open() {
    use std::io::Write as _;

    let place = Place::new().await;
    // A folder can be opened, and not read.
    let mut command = place.put(&[Path::new("-")], &format!("oss://{BUCKET}/a"), &[]);
    command.stdin(File::open(place.root.path()).expect("opens"));
    let ran = Ran::of(command).await;
    assert_taken_back(&place, &ran, "a", 1);
    assert_eq!(ran.unfinished()[0]["fault"]["kind"], "sourceReadFailed", "{ran:#?}");

    // A connection that is reset once a part is on the store.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listens");
    let mut near =
        std::net::TcpStream::connect(listener.local_addr().expect("bound")).expect("connects");
    let (mut far, _) = listener.accept().expect("accepts");
    near.write_all(b"never read").expect("writes");
    let options = ["--part-size", "1MiB"];
    let mut command = place.put(&[Path::new("-")], &format!("oss://{BUCKET}/b"), &options);
    command.stdin(std::os::fd::OwnedFd::from(near));
    let child = place.start(command);
    let sending = tokio::task::spawn_blocking(move || {
        far.write_all(&random(3 * MIB)).expect("writes");
        far
    });
    let far = sending.await.expect("writes");
    until("a part", || {
        place.sandbox.open_uploads(BUCKET).first().is_some_and(|upload| !upload.parts.is_empty())
    })
    .await;
    // Closed with unread bytes, it is reset.
    drop(far);
    let ran = end(child).await;
    assert_taken_back(&place, &ran, "b", 1);
    assert_eq!(ran.unfinished()[0]["fault"]["kind"], "sourceReadFailed", "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_on_the_way_are_tried_again() {
    for scheme in ["oss", "s3"] {
        let place = Place::new().await;
        let faults = place.sandbox.faults();
        let busy = || Action::Status { status: 503, code: "SlowDown".into() };
        let on = Rule::on;
        for (rule, action) in [
            (on(Operation::UploadPart).times(4), busy()),
            (on(Operation::UploadPart).part(3).nth(3), Action::ResetAfterBody(300_000)),
            (on(Operation::UploadPart).part(4).nth(3), Action::EffectThenReset),
            (on(Operation::Initiate).once(), Action::EffectThenReset),
            (on(Operation::Complete).once(), Action::EffectThenReset),
        ] {
            faults.add(rule, action);
        }
        let bytes = random(41 * MIB);
        let to = format!("{scheme}://{BUCKET}/a.tar");
        let ran = pipe(&place, &to, &["--part-size", "5MiB"], &bytes).await;
        ran.assert_verified(1);
        assert!(ran.number("retries") >= 4, "{ran:#?}");
        let stored = place.sandbox.read_object(BUCKET, "a.tar").expect("is there");
        assert!(stored == bytes, "{scheme}: differs");
        assert_eq!(place.sandbox.object(BUCKET, "a.tar").expect("is there").versions, 1);
        assert_eq!(place.sandbox.open_uploads(BUCKET), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_short_input_is_asked_about() {
    let place = Place::new().await;
    place.sandbox.faults().add(Rule::on(Operation::PutObject).once(), Action::EffectThenReset);
    pipe(&place, &format!("oss://{BUCKET}/a"), &[], b"short").await.assert_verified(1);
    assert_eq!(place.sandbox.object(BUCKET, "a").expect("is there").versions, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_the_middle_ends_it_and_leaves_nothing_open() {
    let place = Place::new().await;
    let refused = Action::Status { status: 400, code: "InvalidArgument".into() };
    place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(4), refused);
    let to = format!("oss://{BUCKET}/a.tar");
    let ran = pipe(&place, &to, &["--part-size", "1MiB"], &random(9 * MIB)).await;
    assert_taken_back(&place, &ran, "a.tar", 1);
    assert_eq!(ran.unfinished().len(), 1, "{ran:#?}");

    // A part that the store loses again after it was acknowledged is not sent a second time: its
    // bytes are gone. It is never called done.
    place.sandbox.faults().clear();
    place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2), Action::DropPart);
    let ran = pipe(&place, &to, &["--part-size", "1MiB"], &random(9 * MIB)).await;
    assert_taken_back(&place, &ran, "a.tar", 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_objects_are_treated_as_told() {
    let place = Place::new().await;
    for (key, size) in [("short", 9), ("long", 3 * MIB)] {
        let to = format!("oss://{BUCKET}/{key}");
        let (first, second) = (random(size), random(size + 1));
        let put = async |policy, bytes: &[u8]| {
            pipe(&place, &to, &["--part-size", "1MiB", "--existing", policy], bytes).await
        };
        put("ask", &first).await.assert_verified(1);
        let asked = put("ask", &second).await;
        assert_eq!((asked.code, &asked.unfinished()[0]["state"]), (1, &"conflict".into()));
        let skipped = put("skip", &second).await;
        assert_eq!((skipped.code, skipped.number("skipped")), (0, 1), "{skipped:?}");
        assert!(place.sandbox.read_object(BUCKET, key).expect("is there") == first);
        put("rename", &second).await.assert_verified(1);
        let beside = place.sandbox.read_object(BUCKET, &format!("{key} (2)"));
        assert!(beside.expect("is there") == second);
        put("overwrite", &second).await.assert_verified(1);
        assert!(place.sandbox.read_object(BUCKET, key).expect("is there") == second);
        // Another client is quicker between the look and the end.
        assert_eq!(place.sandbox.open_uploads(BUCKET), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_known_before_the_first_byte_is_refused() {
    let place = Place::new().await;
    let ran = pipe(&place, &format!("oss://{BUCKET}/a"), &["--sha256"], b"x").await;
    assert_eq!((ran.code, &ran.summary()["fault"]["kind"]), (1, &"invalidInput".into()));
    for (destination, options) in
        [("oss://acceptance/", &[][..]), ("oss://acceptance/a/", &[]), ("oss://acceptance", &[])]
    {
        let ran = pipe(&place, destination, options, b"x").await;
        assert_eq!(ran.code, 2, "{ran:#?}");
    }
    let ran = pipe(&place, &format!("oss://{BUCKET}/a/../b"), &[], b"x").await;
    assert_eq!((ran.code, &ran.summary()["fault"]["kind"]), (1, &"keyInvalid".into()), "{ran:#?}");
    assert_eq!(place.sandbox.ledger().total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_that_it_cannot_go_on() {
    let place = Place::new().await;
    let refused = Action::Status { status: 400, code: "InvalidArgument".into() };
    place.sandbox.faults().add(Rule::on(Operation::UploadPart), refused);
    let mut command: Command = place.ferry();
    command.args(["put", "-", &format!("oss://{BUCKET}/a"), "--part-size", "1MiB"]);
    command.args(["--endpoint", &place.sandbox.endpoint(), "--region", support::ferry::REGION]);
    let input = place.write("input", &random(3 * MIB));
    command.stdin(File::open(input).expect("opens"));
    let ran = Ran::of(command).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.stderr.contains("run the whole pipe again"), "{ran:#?}");
}
