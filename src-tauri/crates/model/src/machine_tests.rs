use proptest::prelude::*;

use super::*;

fn run(transfer: &mut Transfer, events: impl IntoIterator<Item = Event>) {
    for event in events {
        transfer.on(event);
    }
}

fn id() -> String {
    "0004B989".to_owned()
}

#[test]
fn the_two_plain_ways_end_in_done() {
    let mut put = Transfer::default();
    assert_eq!(put.effect(), Some(Effect::Prepare));
    run(&mut put, [Event::Prepared(Route::Put)]);
    assert_eq!(put.effect(), Some(Effect::Put));
    run(&mut put, [Event::PutAgreed]);
    assert_eq!((put.standing, put.effect()), (Standing::Done, None));

    let mut multipart = Transfer::default();
    let steps = [
        (Event::Prepared(Route::Multipart), Effect::Initiate),
        (Event::Initiated(id()), Effect::ListParts),
        (Event::PartsListed, Effect::SendParts),
        (Event::PartsSent, Effect::Complete),
        (Event::Completed, Effect::Verify),
    ];
    for (event, effect) in steps {
        multipart.on(event);
        assert_eq!(multipart.effect(), Some(effect));
    }
    multipart.on(Event::Verified);
    assert_eq!((multipart.standing, multipart.upload_id), (Standing::Done, None));
}

#[test]
fn a_failed_callback_is_a_remark_on_what_is_done() {
    let remark = Fault::new(FaultKind::CallbackFailed).with_detail("502");
    for (phase, upload_id) in [(Phase::Putting, None), (Phase::Completing, Some(id()))] {
        let mut transfer = Transfer { phase, upload_id, ..Transfer::default() };
        transfer.on(Event::CallbackFailed(remark.clone()));
        assert_eq!(
            transfer.effect(),
            Some(Effect::Verify),
            "the object is there: nothing is sent again"
        );
        run(&mut transfer, [Event::Pause, Event::Resume, Event::Verified]);
        assert_eq!((transfer.standing, transfer.fault), (Standing::Done, Some(remark.clone())));
    }
    let mut other = Transfer {
        phase: Phase::Verifying,
        fault: Some(Fault::new(FaultKind::Unreachable)),
        ..Transfer::default()
    };
    other.on(Event::Verified);
    assert_eq!((other.standing, other.fault), (Standing::Done, None));
}

#[test]
fn after_a_restart_the_store_is_asked_before_anything_is_sent() {
    for (phase, upload_id, effect) in [
        (Phase::Fresh, None, Effect::Prepare),
        (Phase::Putting, None, Effect::Inspect),
        (Phase::Creating, None, Effect::FindUpload),
        (Phase::Sending, Some(id()), Effect::ListParts),
        (Phase::Completing, Some(id()), Effect::ListParts),
        (Phase::Verifying, None, Effect::Verify),
        (Phase::Aborting, Some(id()), Effect::Abort),
        (Phase::Withdrawing, None, Effect::Inspect),
    ] {
        let mut transfer = Transfer { phase, upload_id, ..Transfer::default() };
        transfer.on(Event::Reloaded);
        assert_eq!(transfer.effect(), Some(effect), "{phase:?}");
    }
}

#[test]
fn a_complete_without_an_answer_is_settled_by_what_is_there() {
    // (what HEAD finds, where it leads)
    for (found, standing, effect) in [
        (Found::Ours, Standing::Done, None),
        (Found::Absent, Standing::Active, Some(Effect::Prepare)),
        (Found::Other, Standing::Failed, None),
        (Found::Corrupt, Standing::Failed, None),
    ] {
        let mut transfer =
            Transfer { phase: Phase::Completing, upload_id: Some(id()), ..Transfer::default() };
        run(&mut transfer, [Event::Doubt, Event::UploadGone]);
        assert_eq!(transfer.effect(), Some(Effect::Inspect));
        transfer.on(Event::Inspected(found));
        assert_eq!((transfer.standing, transfer.effect()), (standing, effect), "{found:?}");
    }
}

#[test]
fn cancel_never_reports_cancelled_while_the_object_is_there() {
    let mut transfer =
        Transfer { phase: Phase::Completing, upload_id: Some(id()), ..Transfer::default() };
    run(&mut transfer, [Event::Cancel, Event::UploadGone]);
    assert_eq!(transfer.effect(), Some(Effect::Inspect));
    let mut gone = transfer.clone();
    transfer.on(Event::Inspected(Found::Ours));
    assert_eq!(transfer.standing, Standing::Done);
    gone.on(Event::Inspected(Found::Absent));
    assert_eq!(gone.standing, Standing::Cancelled);
}

#[test]
fn a_refused_name_waits_for_the_user_and_keeps_the_upload() {
    let mut transfer =
        Transfer { phase: Phase::Completing, upload_id: Some(id()), ..Transfer::default() };
    run(&mut transfer, [Event::NameTaken, Event::Inspected(Found::Other)]);
    assert_eq!(transfer.standing, Standing::Conflict);
    assert_eq!(transfer.upload_id, Some(id()));
    transfer.on(Event::Resume);
    assert_eq!(transfer.effect(), Some(Effect::ListParts));
}

#[test]
fn a_merged_object_is_given_up_only_if_it_disagrees() {
    // (why it failed at the last look, what a retry does)
    for (kind, effect) in [
        (FaultKind::AccessDenied, Effect::Verify),
        (FaultKind::ServerError, Effect::Verify),
        (FaultKind::ChecksumMismatch, Effect::Prepare),
        (FaultKind::Unproven, Effect::Prepare),
    ] {
        let mut transfer = Transfer { phase: Phase::Verifying, ..Transfer::default() };
        run(&mut transfer, [Event::Faulted(Fault::new(kind)), Event::Resume]);
        assert_eq!(transfer.effect(), Some(effect), "{kind:?}");
    }
    let mut raced = Transfer { phase: Phase::Creating, ..Transfer::default() };
    raced.on(Event::Occupied);
    assert_eq!((raced.standing, raced.phase), (Standing::Conflict, Phase::Fresh));
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Prepared(Route::Put)),
        Just(Event::Prepared(Route::Multipart)),
        Just(Event::LeftOut),
        Just(Event::Occupied),
        Just(Event::PutUnproven),
        Just(Event::Initiated(id())),
        Just(Event::UploadFound(None)),
        Just(Event::UploadFound(Some(id()))),
        Just(Event::PartsListed),
        Just(Event::UploadGone),
        Just(Event::PartsSent),
        Just(Event::Completed),
        Just(Event::PartsRefused),
        Just(Event::NameTaken),
        Just(Event::Doubt),
        Just(Event::Inspected(Found::Absent)),
        Just(Event::Inspected(Found::Other)),
        Just(Event::Inspected(Found::Corrupt)),
        Just(Event::Aborted),
        Just(Event::SourceChanged),
        Just(Event::Faulted(Fault::new(FaultKind::ServerError))),
        Just(Event::Pause),
        Just(Event::Resume),
        Just(Event::Cancel),
        Just(Event::Reloaded),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// None of these events carries the store's agreement, so none may lead to done.
    #[test]
    fn nothing_is_done_without_the_stores_agreement(events in prop::collection::vec(any_event(), 0..40)) {
        let mut transfer = Transfer::default();
        run(&mut transfer, events);
        prop_assert_ne!(transfer.standing, Standing::Done);
    }

    /// An open upload id is dropped only when it is merged, gone, aborted, or never existed.
    #[test]
    fn an_upload_id_is_never_forgotten_while_it_is_open(events in prop::collection::vec(any_event(), 0..40)) {
        let mut transfer = Transfer::default();
        for event in events {
            let before = transfer.upload_id.clone();
            let in_vanished = matches!(transfer.phase, Phase::Vanished | Phase::Merged | Phase::Withdrawing);
            let ends_it = in_vanished || matches!(event, Event::Completed | Event::UploadGone | Event::Aborted);
            transfer.on(event.clone());
            prop_assert!(before.is_none() || transfer.upload_id == before || ends_it, "{event:?} dropped the upload id");
        }
    }

    /// Whatever happened, an active transfer has a next effect, and a resting one has none: nothing
    /// hangs in between.
    #[test]
    fn active_means_a_next_effect(events in prop::collection::vec(any_event(), 0..40)) {
        let mut transfer = Transfer::default();
        for event in events {
            transfer.on(event);
            prop_assert_eq!(transfer.standing == Standing::Active, transfer.effect().is_some());
        }
    }

    /// A cancel always comes to its end when the store answers, and leaves nothing open.
    #[test]
    fn cancel_ends(events in prop::collection::vec(any_event(), 0..40)) {
        let mut transfer = Transfer::default();
        run(&mut transfer, events);
        transfer.on(Event::Cancel);
        for _ in 0..3 {
            match transfer.effect() {
                Some(Effect::Abort) => transfer.on(Event::Aborted),
                Some(Effect::FindUpload) => transfer.on(Event::UploadFound(Some(id()))),
                Some(Effect::Inspect) => transfer.on(Event::Inspected(Found::Absent)),
                Some(other) => prop_assert!(false, "cancel leads to {other:?}"),
                None => break,
            }
        }
        prop_assert!(transfer.standing.has_ended());
        prop_assert_eq!(transfer.upload_id, None);
    }
}
