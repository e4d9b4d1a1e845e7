use proptest::prelude::*;

use super::*;
use crate::FaultKind;

const A: RequestId = 1;
const B: RequestId = 2;
const C: RequestId = 3;

/// A failure of the transfer whose only request this is.
fn failed(health: &mut Health, request: RequestId, fault: &Fault, now: Duration) -> Blame {
    health.failed(&write(request, &request.to_string()), false, fault, now)
}

/// A request that writes was answered.
fn answered(health: &mut Health, request: RequestId, now: Duration) -> bool {
    health.answered(&write(request, &request.to_string()), now)
}

fn write(id: RequestId, key: &str) -> Request<'_> {
    Request { id, key, access: Access::Write }
}

fn read(id: RequestId, key: &str) -> Request<'_> {
    Request { id, key, access: Access::Read }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn fault() -> Fault {
    Fault::new(FaultKind::ServerError)
}

/// An endpoint that is offline since second 0.
fn offline() -> Health {
    let mut health = Health::default();
    for transfer in [A, B, C, A] {
        failed(&mut health, transfer, &fault(), Duration::ZERO);
    }
    assert!(health.outage().is_some());
    health
}

#[test]
fn while_others_succeed_a_failure_is_the_items() {
    let mut health = Health::default();
    for second in 0..40 {
        answered(&mut health, B, seconds(second));
        assert_eq!(failed(&mut health, A, &fault(), seconds(second)), Blame::Item);
    }
    assert_eq!(health.outage(), None);
}

#[test]
fn while_nothing_succeeds_a_failure_is_the_endpoints() {
    let mut health = Health::default();
    assert_eq!(failed(&mut health, A, &fault(), seconds(0)), Blame::Endpoint);
    answered(&mut health, B, seconds(1));
    assert_eq!(failed(&mut health, A, &fault(), seconds(100)), Blame::Endpoint, "too long ago");
}

#[test]
fn it_opens_probes_one_at_a_time_and_closes_for_all() {
    let mut health = offline();
    assert_eq!(health.permission(B, seconds(0)), Permission::Wait(FIRST_WAIT));
    assert_eq!(health.permission(B, FIRST_WAIT), Permission::Probe);
    assert_eq!(health.permission(C, seconds(5)), Permission::Wait(FIRST_WAIT + PROBE_LEASE));
    health.probe_answered();
    assert_eq!(health.permission(B, seconds(5)), Permission::Send);
    assert!(matches!(health.permission(C, seconds(5)), Permission::Wait(_)));
    assert!(answered(&mut health, B, seconds(6)));
    assert_eq!(health.permission(C, seconds(6)), Permission::Send);
    assert_eq!((health.outage(), health.reached()), (None, Reached::Yes));
}

#[test]
fn a_probe_that_is_given_up_frees_its_place() {
    let mut health = offline();
    assert_eq!(health.permission(A, seconds(1)), Permission::Probe);
    assert!(health.given_up(A));
    assert_eq!(health.permission(B, seconds(1)), Permission::Probe);
    assert_eq!(health.permission(C, seconds(1) + PROBE_LEASE), Permission::Probe, "it hangs");
}

#[test]
fn failed_probes_wait_longer_up_to_the_cap() {
    let mut health = offline();
    let mut now = Duration::ZERO;
    let mut waits = Vec::new();
    for _ in 0..7 {
        let Permission::Wait(until) = health.permission(A, now) else { panic!("it may not send") };
        waits.push((until - now).as_secs());
        now = until;
        assert_eq!(health.permission(A, now), Permission::Probe);
        health.probe_failed(&fault(), now);
    }
    assert_eq!(waits, [1, 2, 4, 8, 10, 10, 10]);
}

#[test]
fn where_one_file_fails_alone_a_probe_decides() {
    let mut health = Health::default();
    for _ in 0..FAILURES_TO_OPEN {
        assert_eq!(
            failed(&mut health, A, &fault(), seconds(0)),
            Blame::Endpoint,
            "nothing is known yet"
        );
    }
    assert_eq!(health.permission(A, seconds(1)), Permission::Probe);
    health.probe_answered();
    assert_eq!(health.permission(A, seconds(1)), Permission::Send);
    assert_eq!(failed(&mut health, A, &fault(), seconds(1)), Blame::Item, "the endpoint is well");
    // Many at once are no accident of one file, whatever a request without a body says.
    let mut many = offline();
    assert_eq!(many.permission(A, seconds(1)), Permission::Probe);
    many.probe_answered();
    assert_eq!(failed(&mut many, A, &fault(), seconds(1)), Blame::Endpoint);
}

#[test]
fn what_the_store_asks_for_is_obeyed_and_try_now_overrules_it() {
    let mut health = Health::default();
    let mut slow = Fault::new(FaultKind::Throttled);
    slow.retry_after_seconds = Some(40);
    for _ in 0..FAILURES_TO_OPEN {
        failed(&mut health, A, &slow, seconds(0));
    }
    assert_eq!(health.permission(A, seconds(39)), Permission::Wait(seconds(40)));
    health.try_now(seconds(10));
    assert_eq!(health.permission(A, seconds(10)), Permission::Probe);
}

/// A firewall, or a link too slow for bodies, lets requests without a body through.
#[test]
fn answered_reads_do_not_end_an_outage_of_many_writes() {
    let mut health = offline();
    for (second, request) in [(10, A), (30, B), (60, C)] {
        assert_eq!(health.permission(request, seconds(second)), Permission::Probe);
        health.probe_answered();
        assert!(!health.answered(&read(request, "a"), seconds(second)), "it is still offline");
        assert_eq!(health.permission(request, seconds(second)), Permission::Probe);
        health.probe_answered();
        let blame = health.failed(&write(request, "a"), true, &fault(), seconds(second));
        assert_eq!(blame, Blame::Endpoint, "asked, and many fail all the same");
    }
    assert!(answered(&mut health, A, seconds(99)));
    assert_eq!(failed(&mut health, B, &fault(), seconds(99)), Blame::Item, "another is well");
}

#[test]
fn an_answered_read_ends_an_outage_that_only_reads_saw() {
    let mut health = Health::default();
    for request in [A, B, C, 4] {
        health.failed(&read(request, &request.to_string()), false, &fault(), seconds(0));
    }
    assert!(health.outage().is_some());
    assert!(health.answered(&read(A, "a"), seconds(1)));
}

proptest! {
    /// Whatever happens, some request may always be sent at some time, and waits are bounded.
    #[test]
    fn nobody_waits_for_ever(steps in prop::collection::vec((0u64..4, 0u8..6, 0u64..20), 0..200)) {
        let mut health = Health::default();
        let mut now = Duration::ZERO;
        for (id, what, passed) in steps {
            now += Duration::from_secs(passed);
            match what {
                0 => {
                    answered(&mut health, id, now);
                }
                1 => {
                    failed(&mut health, id, &fault(), now);
                }
                2 => health.probe_failed(&fault(), now),
                3 => health.probe_answered(),
                4 => health.left(&id.to_string()),
                _ => health.try_now(now),
            }
            match health.clone().permission(id, now) {
                Permission::Wait(until) => {
                    prop_assert!(until > now && until <= now + PROBE_LEASE.max(LONGEST_WAIT));
                    let then = health.clone().permission(id, until);
                    prop_assert!(!matches!(then, Permission::Wait(_)), "{:?}", then);
                }
                Permission::Send | Permission::Probe => {}
            }
        }
    }
}

#[test]
fn transfers_to_one_key_are_one_item() {
    let mut health = Health::default();
    for request in 0..RequestId::from(FAILURES_TO_OPEN) {
        health.failed(&write(request, "a/b.bin"), false, &fault(), Duration::ZERO);
    }
    // One after another probes, is told that the endpoint is well, and fails all the same.
    for (second, request) in [(10, A), (30, 71), (60, 72), (90, 73)] {
        assert_eq!(health.permission(request, seconds(second)), Permission::Probe);
        health.probe_answered();
        let blame = health.failed(&write(request, "a/b.bin"), false, &fault(), seconds(second));
        assert_eq!(blame, Blame::Item);
    }
}
