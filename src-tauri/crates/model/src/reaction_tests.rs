use proptest::prelude::*;

use super::*;

fn failure(fault: &Fault, delivery: Delivery, repeat: Repeat) -> Failure<'_> {
    Failure { fault, delivery, repeat, sign_again: false }
}

/// A reaction as a word, for tables.
fn word(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::SignAgain => "sign again",
        Reaction::ReplaceKey => "replace key",
        Reaction::Retry { counts: Counts::Yes, .. } => "retry, counted",
        Reaction::Retry { counts: Counts::No, .. } => "retry",
        Reaction::AskStore { .. } => "ask",
        Reaction::HoldProfile => "hold",
        Reaction::Report => "report",
    }
}

/// Every kind and delivery: (not sent, perhaps, answered) of a request that may be repeated, and of
/// one that may not, each with the item's blame and with the endpoint's.
#[test]
fn the_table() {
    let mut seen = std::collections::BTreeMap::<String, Vec<FaultKind>>::new();
    for kind in FaultKind::ALL {
        let fault = Fault::new(*kind);
        let mut row = Vec::new();
        for blame in [Blame::Item, Blame::Endpoint] {
            for repeat in [Repeat::Freely, Repeat::UnlessDoubtful] {
                for delivery in [Delivery::NotSent, Delivery::Perhaps, Delivery::Answered] {
                    let failure = failure(&fault, delivery, repeat);
                    row.push(word(reaction(&failure, &History::default(), blame, 1.0)));
                }
            }
        }
        seen.entry(row.join(" / ")).or_default().push(*kind);
    }
    let rows = |words: [&str; 4]| {
        let [item, item_doubtful, endpoint, endpoint_doubtful] = words;
        [
            [item, item, item],
            [item, item_doubtful, item],
            [endpoint, endpoint, endpoint],
            [endpoint, endpoint_doubtful, endpoint],
        ]
        .concat()
        .join(" / ")
    };
    use FaultKind as K;
    let endpoint = rows(["retry, counted", "ask", "retry", "ask"]);
    let item = rows(["retry, counted", "ask", "retry, counted", "ask"]);
    let waits_for_endpoint = [
        K::Unreachable,
        K::ConnectionLost,
        K::Stalled,
        K::NotStore,
        K::ProxyUnreachable,
        K::ProxyBroke,
        K::ServerError,
        K::Throttled,
        K::RequestTimeout,
    ];
    assert_eq!(seen[&endpoint], waits_for_endpoint);
    assert_eq!(seen[&item], [K::ObjectBusy, K::DigestRefused, K::ChecksumMismatch]);
    assert_eq!(seen[&rows(["replace key"; 4])], [K::BadAccessKey, K::TokenExpired]);
    for (row, kinds) in &seen {
        if *row == rows(["hold"; 4]) {
            assert!(kinds.iter().all(|kind| kind.affects() == Affects::Profile), "{kinds:?}");
        } else if *row == rows(["report"; 4]) {
            assert!(kinds.iter().all(|kind| kind.retry() == Retry::No), "{kinds:?}");
        } else if *row == rows(["retry", "ask", "retry", "ask"]) {
            assert!(kinds.iter().all(|kind| kind.affects() == Affects::Computer), "{kinds:?}");
        }
    }
    let known = [
        endpoint,
        item,
        rows(["replace key"; 4]),
        rows(["hold"; 4]),
        rows(["report"; 4]),
        rows(["retry", "ask", "retry", "ask"]),
    ];
    let unknown: Vec<_> = seen.iter().filter(|(row, _)| !known.contains(row)).collect();
    assert!(unknown.is_empty(), "rows without a name: {unknown:?}");
}

#[test]
fn an_outage_spends_no_attempt_however_long_it_lasts() {
    for kind in FaultKind::ALL.iter().filter(|kind| kind.affects() == Affects::Endpoint) {
        let fault = Fault::new(*kind);
        let failure = failure(&fault, Delivery::Perhaps, Repeat::Freely);
        let history = History { failures: 10_000, ..History::default() };
        let reacted = reaction(&failure, &history, Blame::Endpoint, 1.0);
        assert!(
            matches!(reacted, Reaction::Retry { counts: Counts::No, .. }),
            "{kind:?}: {reacted:?}"
        );
    }
}

#[test]
fn an_item_has_bounded_tries_and_a_merge_has_more() {
    let fault = Fault::new(FaultKind::ServerError);
    for (repeat, most) in [(Repeat::Freely, ATTEMPTS), (Repeat::UnlessDoubtful, MERGE_ATTEMPTS)] {
        let failure = failure(&fault, Delivery::Perhaps, repeat);
        let after = |spent| {
            let history = History { spent, failures: spent, ..History::default() };
            reaction(&failure, &history, Blame::Item, 0.5)
        };
        assert_ne!(after(most - 2), Reaction::Report, "{repeat:?}");
        assert_eq!(after(most - 1), Reaction::Report, "{repeat:?}");
    }
    let once = Fault::new(FaultKind::DigestRefused);
    let failure = failure(&once, Delivery::Answered, Repeat::Freely);
    let second = History { spent: 1, failures: 1, ..History::default() };
    assert_eq!(reaction(&failure, &second, Blame::Item, 0.5), Reaction::Report);
}

#[test]
fn a_merge_may_take_minutes() {
    let fault = Fault::new(FaultKind::ServerError);
    let total: Duration =
        (0..MERGE_ATTEMPTS - 1).map(|failures| backoff(&fault, failures, 0.5)).sum();
    assert!(total >= Duration::from_secs(180), "{total:?} on average");
}

#[test]
fn clock_and_key_are_tried_once_each() {
    let skew = Fault::new(FaultKind::ClockSkew);
    let mut failed = failure(&skew, Delivery::Answered, Repeat::Freely);
    failed.sign_again = true;
    let first = History::default();
    assert_eq!(reaction(&failed, &first, Blame::Item, 1.0), Reaction::SignAgain);
    let second = History { signed_again: true, ..first };
    assert_eq!(reaction(&failed, &second, Blame::Item, 1.0), Reaction::HoldProfile);
    let token = Fault::new(FaultKind::TokenExpired);
    let failed = failure(&token, Delivery::Answered, Repeat::Freely);
    assert_eq!(reaction(&failed, &first, Blame::Item, 1.0), Reaction::ReplaceKey);
    let second = History { key_replaced: true, ..first };
    assert_eq!(reaction(&failed, &second, Blame::Item, 1.0), Reaction::HoldProfile);
}

#[test]
fn waits_double_up_to_the_cap() {
    let fault = Fault::new(FaultKind::ServerError);
    let waits: Vec<_> = (0..9).map(|failures| backoff(&fault, failures, 1.0).as_millis()).collect();
    assert_eq!(waits, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
    assert_eq!(backoff(&fault, 3, 0.0), Duration::ZERO, "full jitter begins at nothing");
}

#[test]
fn a_broken_connection_is_replaced_at_once_where_nothing_is_in_doubt() {
    let fault = Fault::new(FaultKind::ConnectionLost);
    let after = |delivery, repeat, failures| {
        let history = History { failures, ..History::default() };
        match reaction(&failure(&fault, delivery, repeat), &history, Blame::Item, 1.0) {
            Reaction::Retry { after, .. } | Reaction::AskStore { after } => after,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(after(Delivery::Perhaps, Repeat::Freely, 0), Duration::ZERO);
    assert_eq!(after(Delivery::Perhaps, Repeat::Freely, 1), Duration::from_millis(400));
    assert_eq!(after(Delivery::Perhaps, Repeat::UnlessDoubtful, 0), BASE);
}

#[test]
fn what_a_store_asks_for_is_obeyed() {
    let mut fault = Fault::new(FaultKind::Throttled);
    fault.retry_after_seconds = Some(17);
    assert_eq!(backoff(&fault, 0, 0.1), Duration::from_secs(17));
    fault.retry_after_seconds = Some(u32::MAX);
    assert_eq!(backoff(&fault, 0, 0.1), LONGEST_RETRY_AFTER);
}

proptest! {
    #[test]
    fn waits_stay_within_bounds(
        kind in 0..FaultKind::ALL.len(), failures: u32, random: f64, asked: Option<u32>,
    ) {
        let mut fault = Fault::new(FaultKind::ALL[kind]);
        fault.retry_after_seconds = asked;
        prop_assert!(backoff(&fault, failures, random) <= LONGEST_RETRY_AFTER);
    }
}
