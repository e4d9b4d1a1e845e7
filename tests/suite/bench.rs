//! `ferry bench`: the figures it tells, and that nothing of it is left in the bucket, however it
//! ends.

use std::collections::BTreeSet;
use std::time::Duration;

use ferry_sandbox::{Action, Entry, Operation, Rule};
use serde_json::Value;
use support::ferry::{BUCKET, Place, REGION, Ran};
#[cfg(unix)]
use support::poll::until;
use tokio::process::Command;

/// Another object below the same prefix, which no benchmark may touch.
const OTHER: &str = "speed/.ferry-bench-of-someone-else/large/00000000.bin";
const MIB: u64 = 1024 * 1024;

/// A place with the other object, and another upload of its key.
async fn place() -> Place {
    let place = Place::new().await;
    let file = place.write("00000000.bin", b"another object");
    let folder = OTHER.strip_suffix("00000000.bin").expect("its name");
    place.put_all(&[&file], &format!("oss://{BUCKET}/{folder}"), &[]).await.assert_verified(1);
    place.sandbox.ledger().clear();
    place
}

/// `ferry bench` of some files, as small as it makes them.
fn bench(place: &Place, provider: &str, options: &[&str]) -> Command {
    let mut command = place.ferry();
    command.args(["bench", &format!("{provider}://{BUCKET}/speed"), "--json"]);
    command.args(["--endpoint", &place.sandbox.endpoint(), "--region", REGION]);
    command.args(["--size", "16MiB", "--files", "40", "--file-size", "4KiB"]).args(options);
    command
}

/// The last line of its output.
fn last(ran: &Ran) -> Value {
    let line = ran.stdout.lines().last().unwrap_or_else(|| panic!("no output: {ran:?}"));
    let last: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(last["type"], "bench", "{ran:#?}");
    last
}

/// Nothing is in the bucket but the other object, and every key that was written or deleted lay
/// below one prefix.
fn assert_clean(place: &Place) {
    let keys: Vec<String> =
        place.sandbox.objects(BUCKET).into_iter().map(|object| object.key).collect();
    assert_eq!(keys, [OTHER], "objects are left");
    assert_eq!(place.sandbox.open_uploads(BUCKET).len(), 0, "uploads are left");
    let read = [Operation::HeadObject, Operation::GetObject, Operation::ListUploads];
    let touched: Vec<Entry> = place
        .sandbox
        .ledger()
        .entries()
        .into_iter()
        .filter(|entry| !read.contains(&entry.operation))
        .collect();
    let prefix_of = |entry: &Entry| {
        let key = entry.key.clone().unwrap_or_else(|| panic!("it is about no object: {entry:?}"));
        let mut folders = key.splitn(3, '/').map(str::to_owned);
        [folders.next(), folders.next()].map(Option::unwrap_or_default)
    };
    let prefixes: BTreeSet<[String; 2]> = touched.iter().map(prefix_of).collect();
    let [[first, own]] = Vec::from_iter(prefixes).try_into().expect("one prefix");
    assert_eq!(first, "speed");
    let random = own.strip_prefix(".ferry-bench-").unwrap_or_default();
    assert!(random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit()), "{own}");
}

fn assert_percentiles(of: &Value, count: u64) {
    assert_eq!(of["count"], count, "{of}");
    let at = |name: &str| of[name].as_f64().unwrap_or_else(|| panic!("{name}: {of}"));
    let [p50, p95, p99] = [at("p50_ms"), at("p95_ms"), at("p99_ms")];
    assert!(0.0 < p50 && p50 <= p95 && p95 <= p99 && p99 < 60_000.0, "{of}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_told_and_nothing_is_left() {
    for provider in ["oss", "s3"] {
        let place = place().await;
        let queue_before = place.run(["queue", "--json"]).await.stdout;
        let ran = Ran::of(bench(&place, provider, &[])).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        let plan = &ran.lines("plan")[0];
        assert_eq!(plan["bytes"], 16 * MIB + 40 * 4096, "{plan}");
        assert!(ran.stderr.contains("requests, which cost as any others do"), "{}", ran.stderr);
        let told = last(&ran);
        for (phase, objects, bytes, requests) in
            [("large", 1, 16 * MIB, 2), ("small", 40, 40 * 4096, 40)]
        {
            let figures = &told[phase];
            assert_eq!(figures["objects"], objects, "{phase}: {told}");
            assert_eq!(figures["unfinished"], 0, "{phase}: {told}");
            assert_eq!(figures["acked_bytes"], bytes, "{phase}: {told}");
            assert_eq!(figures["retries"], 0, "{phase}: {told}");
            let seconds = figures["seconds"].as_f64().expect("a number");
            let speed = figures["bytes_per_second"].as_f64().expect("a number");
            assert!(seconds > 0.0 && seconds < 60.0, "{phase}: {told}");
            let expected = bytes as f64 / seconds;
            assert!((speed / expected - 1.0).abs() < 0.1, "{phase}: {told}");
            assert!(figures["objects_per_second"].as_f64().expect("a number") > 0.0, "{told}");
            assert_percentiles(&figures["requests"], requests);
            assert_percentiles(&figures["answers"], requests);
            assert!(figures["parallel"].as_u64().expect("a number") >= 4, "{phase}: {told}");
            assert!(figures["parallel_chosen"].is_string(), "{phase}: {told}");
            assert!(figures.get("limited_by").is_some(), "{phase}: {told}");
        }
        let short = told["advice"].as_array().expect("a list").iter();
        let mut short = short.filter(|advice| advice["kind"] == "too_short");
        let advice = short.next().unwrap_or_else(|| panic!("16 MiB take no 3 s: {told}"));
        assert!(advice["en"].as_str().expect("text").contains("under 3 s"), "{advice}");
        assert_eq!(told["cleanup"]["deleted"], 41, "{told}");
        assert_eq!(told["cleanup"]["left"], serde_json::json!([]), "{told}");
        assert_clean(&place);
        // With parts, and verified: as any upload of Ferry's.
        let ledger = place.sandbox.ledger();
        assert_eq!(ledger.count(Operation::UploadPart), 2);
        assert_eq!(ledger.count(Operation::DeleteObject), 41);
        assert_eq!(place.run(["queue", "--json"]).await.stdout, queue_before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_the_figures_with_their_reasons() {
    let place = place().await;
    let mut command = place.ferry();
    command.args(["bench", &format!("oss://{BUCKET}/speed/"), "--progress", "none"]);
    command.args(["--endpoint", &place.sandbox.endpoint(), "--region", REGION]);
    command.args(["--size", "16MiB", "--files", "40"]).env("LC_ALL", "zh_CN.UTF-8");
    let ran = Ran::of(command).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    for wanted in ["大文件：", "小文件：", "请求 p50 ", "并发请求 ", "瓶颈：", "低于 3 秒"]
    {
        assert!(ran.stdout.contains(wanted), "{wanted}: {}", ran.stdout);
    }
    assert!(ran.stderr.contains("已删除 41 个对象，中止 0 个上传：没有残留。"), "{}", ran.stderr);
    assert_clean(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_measured_without_what_its_objects_would_set_off() {
    let place = place().await;
    let options = [
        "--prefix",
        "speed/",
        "--storage-class",
        "IA",
        "--acl",
        "public-read",
        "--meta",
        "a=b",
        "--tag",
        "c=d",
        "--callback-url",
        "http://callback.invalid/",
        "--callback-body",
        "b",
        "--keys",
        "environment",
        "--key-template",
        "x{name}",
    ];
    let added = place.add_profile("mine", "oss", &options).await;
    assert_eq!(added.code, 0, "{added:#?}");
    let sizes = ["--size", "16MiB", "--files", "3", "--json"];
    let ran = place.run(["bench", "mine"].iter().chain(&sizes)).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert_eq!(last(&ran)["cleanup"]["deleted"], 4);
    assert_clean(&place);
    for entry in place.sandbox.ledger().entries() {
        for name in [
            "x-oss-callback",
            "x-oss-storage-class",
            "x-oss-object-acl",
            "x-oss-tagging",
            "x-oss-meta-a",
        ] {
            assert!(!entry.has_header(name), "{name}: {entry:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_refuses_now_and_then_is_measured_and_left_clean() {
    let place = place().await;
    let refusal = || Action::Status { status: 503, code: "ServiceUnavailable".into() };
    let faults = place.sandbox.faults();
    let fired: Vec<_> = [
        Operation::Initiate,
        Operation::UploadPart,
        Operation::Complete,
        Operation::PutObject,
        Operation::DeleteObject,
        Operation::ListUploads,
    ]
    .map(|operation| faults.add(Rule::on(operation).nth(1), refusal()))
    .into_iter()
    .chain([
        faults.add(Rule::on(Operation::PutObject).chance(0.2, 3), refusal()),
        faults.add(Rule::on(Operation::DeleteObject).chance(0.2, 5), refusal()),
        // Carried out, and refused all the same.
        faults.add(
            Rule::on(Operation::DeleteObject).key("*7.bin").times(2),
            Action::EffectThenStatus { status: 503, code: "ServiceUnavailable".into() },
        ),
    ])
    .collect();
    let ran = Ran::of(bench(&place, "oss", &[])).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    for rule in fired {
        assert!(faults.fired(rule) > 0, "{rule:?}: {:#?}", place.sandbox.ledger().entries());
    }
    let told = last(&ran);
    assert!(told["large"]["retries"].as_u64().expect("a number") >= 3, "{told}");
    assert!(told["small"]["retries"].as_u64().expect("a number") >= 1, "{told}");
    let kinds: Vec<&Value> =
        told["advice"].as_array().expect("a list").iter().map(|advice| &advice["kind"]).collect();
    assert!(kinds.iter().any(|kind| **kind == "retries"), "{told}");
    assert_eq!(told["cleanup"]["left"], serde_json::json!([]), "{told}");
    assert_clean(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_leave_nothing() {
    let place = place().await;
    let faults = place.sandbox.faults();
    let fired =
        [Operation::Initiate, Operation::Complete, Operation::PutObject, Operation::DeleteObject]
            .map(|operation| faults.add(Rule::on(operation).nth(1), Action::EffectThenReset));
    let ran = Ran::of(bench(&place, "oss", &[])).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    for rule in fired {
        assert_eq!(faults.fired(rule), 1, "{rule:?}");
    }
    assert_clean(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_deleted_is_told_with_its_place() {
    let place = place().await;
    let refused = place.sandbox.faults().add(
        Rule::on(Operation::DeleteObject).key("*/small/0000000*"),
        Action::Status { status: 403, code: "AccessDenied".into() },
    );
    let ran = Ran::of(bench(&place, "oss", &[])).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert_eq!(place.sandbox.faults().fired(refused), 10, "it is not tried again");
    let told = last(&ran);
    let left: Vec<&str> = told["cleanup"]["left"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(Value::as_str)
        .collect();
    assert_eq!(left.len(), 10, "{told}");
    for key in &left {
        assert!(place.sandbox.object(BUCKET, key).is_some(), "{key} is told to be left");
    }
    assert_eq!(told["cleanup"]["fault"]["kind"], "accessDenied", "{told}");
    assert_eq!(told["cleanup"]["fault"]["permission"], "oss:DeleteObject", "{told}");
    let prefix = told["place"].as_str().expect("a place");
    assert!(ran.stderr.contains(&format!("delete all below {prefix}")), "{}", ran.stderr);
}

#[cfg(unix)]
fn interrupt(child: &tokio::process::Child) {
    let pid = child.id().expect("runs").to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.expect("kill runs").success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_amid_the_large_files_leaves_nothing() {
    let place = place().await;
    let stalled =
        place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2), Action::Stall);
    let child = place.start(bench(&place, "oss", &[]));
    until("a part, and one that stalls", || {
        let uploads = place.sandbox.open_uploads(BUCKET);
        uploads.first().is_some_and(|upload| !upload.parts.is_empty())
            && place.sandbox.faults().fired(stalled) > 0
    })
    .await;
    interrupt(&child);
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    assert_eq!(ran.code, 130, "{ran:#?}");
    let told = last(&ran);
    assert_eq!(told["large"]["acked_bytes"], 8 * MIB, "{told}");
    assert_eq!(told["cleanup"]["aborted"], 1, "{told}");
    assert_eq!(told["cleanup"]["deleted"], 0, "{told}");
    assert_eq!(told["advice"], serde_json::json!([]), "half a phase advises nothing: {told}");
    assert!(told.get("small").is_none(), "{told}");
    assert_eq!(place.sandbox.ledger().count(Operation::PutObject), 0);
    assert_clean(&place);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_amid_the_small_files_leaves_nothing() {
    let place = place().await;
    // The store has carried them out, and says nothing.
    let silent = Rule::on(Operation::PutObject).key("*/small/0000001*");
    let silent = place.sandbox.faults().add(silent, Action::EffectThenStall);
    let child = place.start(bench(&place, "oss", &[]));
    until("objects, and some without an answer", || {
        place.sandbox.objects(BUCKET).len() > 20 && place.sandbox.faults().fired(silent) >= 10
    })
    .await;
    interrupt(&child);
    let ran = Ran::from(child.wait_with_output().await.expect("ends"));
    assert_eq!(ran.code, 130, "{ran:#?}");
    let told = last(&ran);
    assert_eq!(told["large"]["objects"], 1, "{told}");
    assert!(told["small"]["objects"].as_u64().expect("a number") < 40, "{told}");
    assert_eq!(told["cleanup"]["left"], serde_json::json!([]), "{told}");
    assert_clean(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phase_ends_when_its_time_is_up() {
    let place = place().await;
    let slow = Action::Slow(2 * MIB);
    place.sandbox.faults().add(Rule::on(Operation::UploadPart).part(2), slow);
    let ran = Ran::of(bench(&place, "oss", &["--seconds", "1"])).await;
    assert_eq!(ran.code, 0, "{ran:#?}");
    let told = last(&ran);
    assert_eq!(told["large"]["objects"], 0, "{told}");
    assert_eq!(told["large"]["acked_bytes"], 8 * MIB, "{told}");
    let seconds = told["large"]["seconds"].as_f64().expect("a number");
    assert!((1.0..30.0).contains(&seconds), "{told}");
    assert_eq!(told["small"]["objects"], 40, "{told}");
    assert_clean(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_that_oss_tells_of_is_the_stores_and_no_slow_answer() {
    let held_back = Action::Throttle(Duration::from_millis(700));
    for (provider, least, slow) in [("oss", 40.0 * 0.7 * 0.99, true), ("s3", 0.0, false)] {
        let place = place().await;
        place.sandbox.faults().add(Rule::on(Operation::PutObject), held_back.clone());
        let ran = Ran::of(bench(&place, provider, &[])).await;
        assert_eq!(ran.code, 0, "{ran:#?}");
        let told = last(&ran);
        let seconds = told["small"]["slow_down_seconds"].as_f64().expect("a number");
        assert_eq!(seconds >= least && seconds > 0.0, slow, "{provider}: {told}");
        assert_eq!(told["small"]["limited_by"], "store", "{provider}: {told}");
        assert_eq!(told["large"]["slow_down_seconds"], 0.0, "{provider}: {told}");
        let advice = told["advice"].as_array().expect("a list").iter();
        let kinds: Vec<&str> = advice.filter_map(|advice| advice["kind"].as_str()).collect();
        // Where no one tells, the answers are what is slow.
        let (yes, no) =
            if slow { ("throttled", "slow_answers") } else { ("slow_answers", "throttled") };
        assert!(kinds.contains(&yes) && !kinds.contains(&no), "{provider}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_nothing_is_told_when_the_time_is_up() {
    let place = place().await;
    let refusal = Action::Status { status: 503, code: "ServiceUnavailable".into() };
    place.sandbox.faults().add(Rule::on(Operation::Initiate), refusal);
    let ran = Ran::of(bench(&place, "oss", &["--seconds", "1"])).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    let told = last(&ran);
    assert_eq!(told["fault"]["code"], "ServiceUnavailable", "{told}");
    assert_eq!(told["large"]["objects"], 0, "{told}");
    assert!(told.get("small").is_none(), "the second phase makes no sense: {told}");
    assert_clean(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_sends_nothing_and_says_so() {
    let place = place().await;
    let mut command = bench(&place, "oss", &[]);
    command.env("OSS_ACCESS_KEY_SECRET", "wrong");
    let ran = Ran::of(command).await;
    assert_eq!(ran.code, 1, "{ran:#?}");
    let told = last(&ran);
    assert_eq!(told["fault"]["kind"], "badSignature", "{told}");
    assert!(told.get("small").is_none(), "the second phase makes no sense: {told}");
    assert_eq!(place.sandbox.objects(BUCKET).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_bounds_is_refused_before_anything_is_sent() {
    let place = place().await;
    for (option, value) in [("--size", "1MiB"), ("--files", "0"), ("--file-size", "9MiB")] {
        let mut command = place.ferry();
        command.args(["bench", &format!("oss://{BUCKET}/"), option, value]);
        command.args(["--endpoint", &place.sandbox.endpoint(), "--region", REGION]);
        let ran = Ran::of(command).await;
        assert_eq!(ran.code, 1, "{option}: {ran:#?}");
        assert!(ran.stderr.contains(option), "{option}: {}", ran.stderr);
    }
    let named = place.run(["bench", "mine", "--endpoint", "http://127.0.0.1:1"]).await;
    assert_eq!(named.code, 1, "{named:#?}");
    assert!(named.stderr.contains("a profile has its address"), "{named:#?}");
    assert_eq!(place.sandbox.ledger().total(), 0);
}
