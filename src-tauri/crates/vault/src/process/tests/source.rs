use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::error::{ProcessCause, ProcessError};
use super::super::source::{ProcessSource, Runner};
use super::*;

type Outcome = Result<Credentials, ProcessError>;

/// A source whose command takes ten seconds and gives these, one a run; the count of runs.
fn scripted(outcomes: Vec<Outcome>) -> (Arc<ProcessSource>, Arc<AtomicUsize>) {
    let (runs, outcomes) = (Arc::new(AtomicUsize::new(0)), Mutex::new(VecDeque::from(outcomes)));
    let counted = runs.clone();
    let runner: Runner = Box::new(move |_now| {
        counted.fetch_add(1, Ordering::SeqCst);
        let outcome = outcomes.lock().expect("whole").pop_front().expect("an outcome for each run");
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            outcome
        })
    });
    (Arc::new(ProcessSource::with_runner("helper".into(), runner)), runs)
}

fn failure() -> ProcessError {
    ProcessError { program: "helper".into(), cause: ProcessCause::BadAnswer("no") }
}

fn named(id: &str, expires_ms: Option<i64>) -> Credentials {
    key(id, "s", Some("t"), expires_ms)
}

#[tokio::test(start_paused = true)]
async fn a_key_is_kept_until_shortly_before_its_end() {
    // The run takes ten seconds, so that is when a key's life is measured from.
    let got = NOW + 10 * SECOND;
    let cases = [
        ("an hour", Some(got + HOUR), got + 55 * MINUTE),
        ("ten minutes", Some(got + 10 * MINUTE), got + 5 * MINUTE),
        ("four minutes: at half of its life", Some(got + 4 * MINUTE), got + 2 * MINUTE),
        ("for ever", None, i64::MAX),
    ];
    for (what, end, renewed) in cases {
        let (source, runs) = scripted(vec![Ok(named("one", end)), Ok(named("two", None))]);
        for (now, id, count) in
            [(NOW, "one", 1), (got, "one", 1), (renewed - 1, "one", 1), (renewed, "two", 2)]
        {
            if now == i64::MAX {
                continue;
            }
            let key = source.credentials(now).await.expect(what);
            assert_eq!(
                (key.access_key_id.as_str(), runs.load(Ordering::SeqCst)),
                (id, count),
                "{what}, at {}",
                now - NOW
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_callers_make_one_run() {
    let (source, runs) = scripted(vec![Ok(named("one", None))]);
    let callers: Vec<_> = (0..50)
        .map(|nth| {
            let source = source.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(nth * 300)).await;
                source.credentials(NOW + nth as i64 * 300).await
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("ends"), Ok(named("one", None)));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn while_one_renews_the_others_go_on_with_what_is_good() {
    let end = NOW + HOUR;
    let (source, runs) =
        scripted(vec![Ok(named("one", Some(end))), Ok(named("two", Some(end + HOUR)))]);
    source.credentials(NOW).await.expect("a key");
    let near = end - MINUTE;
    let renewing = tokio::spawn({
        let source = source.clone();
        async move { source.credentials(near).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(source.credentials(near + SECOND).await, Ok(named("one", Some(end))));
    assert_eq!(begun.elapsed(), Duration::ZERO, "it did not wait");
    // Who finds none that is good waits for the same run.
    assert_eq!(source.credentials(end).await, Ok(named("two", Some(end + HOUR))));
    assert_eq!(renewing.await.expect("ends"), Ok(named("two", Some(end + HOUR))));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_run_is_not_repeated_at_once() {
    let (source, runs) = scripted(vec![Err(failure()), Ok(named("one", None))]);
    let waiting = tokio::spawn({
        let source = source.clone();
        async move { source.credentials(NOW).await }
    });
    assert_eq!(source.credentials(NOW).await, Err(failure()));
    assert_eq!(
        waiting.await.expect("ends"),
        Err(failure()),
        "who waited for the run is told how it went"
    );
    // It ended ten seconds later.
    let failed = NOW + 10 * SECOND;
    for now in [failed, failed + 5 * SECOND - 1] {
        assert_eq!(source.credentials(now).await, Err(failure()));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(source.credentials(failed + 5 * SECOND).await, Ok(named("one", None)));
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_ends_the_pause() {
    let (source, _) = scripted(vec![Err(failure()), Ok(named("one", None))]);
    assert_eq!(source.credentials(NOW).await, Err(failure()));
    assert_eq!(source.credentials(NOW - HOUR).await, Ok(named("one", None)));
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_takes_no_good_key_away() {
    let end = NOW + HOUR;
    let (source, runs) =
        scripted(vec![Ok(named("one", Some(end))), Err(failure()), Err(failure())]);
    source.credentials(NOW).await.expect("a key");
    let near = end - MINUTE;
    assert_eq!(source.credentials(near).await, Ok(named("one", Some(end))));
    assert_eq!(
        source.credentials(near + 11 * SECOND).await,
        Ok(named("one", Some(end))),
        "without a run"
    );
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(source.credentials(end).await, Err(failure()), "past its end it is no key");
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_replaced_once_for_all_who_were_refused() {
    let (source, runs) =
        scripted(vec![Ok(named("one", None)), Ok(named("two", None)), Ok(named("two", None))]);
    let one = source.credentials(NOW).await.expect("a key");
    let refused: Vec<_> = (0..10)
        .map(|_| {
            let (source, one) = (source.clone(), one.clone());
            tokio::spawn(async move { source.refresh(NOW, &one).await })
        })
        .collect();
    // Who asks meanwhile must not be given the dead one.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(source.credentials(NOW + SECOND).await, Ok(named("two", None)));
    for caller in refused {
        assert_eq!(caller.await.expect("ends"), Ok(named("two", None)));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    // The same key again is no help, and asking on and on would be none either.
    let again = ProcessError { program: "helper".into(), cause: ProcessCause::SameAgain };
    let two = named("two", Some(NOW));
    assert_eq!(source.refresh(NOW, &two).await, Err(again.clone()));
    assert_eq!(source.refresh(NOW + 11 * SECOND, &two).await, Err(again.clone()));
    assert_eq!(source.credentials(NOW + 11 * SECOND).await, Err(again));
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_takes_only_his_own_run_along() {
    let (source, runs) = scripted(vec![Ok(named("lost", None)), Ok(named("one", None))]);
    let leaving = tokio::time::timeout(Duration::from_secs(3), source.credentials(NOW));
    let staying = source.credentials(NOW + SECOND);
    let (left, stayed) = tokio::join!(leaving, staying);
    assert!(left.is_err());
    assert_eq!(stayed, Ok(named("one", None)));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[test]
fn a_source_shows_its_program_at_most() {
    let source = ProcessSource::new("/opt/cred helper --password canary");
    assert_eq!(format!("{source:?}"), "ProcessSource { program: \"cred\", .. }");
}
