use proptest::prelude::*;

use super::*;

fn id() -> UploadId {
    "0004B989".to_owned()
}

fn phase(name: PhaseName) -> Phase {
    Phase::restored(name, Some(id())).expect("an id is there")
}

fn transfer(phase: Phase) -> Transfer {
    Transfer { phase, ..Transfer::default() }
}

fn run(transfer: &mut Transfer, events: impl IntoIterator<Item = Event>) {
    for event in events {
        transfer.on(event).expect("fits");
    }
}

fn some_fault() -> Fault {
    Fault::new(FaultKind::TooLarge)
}

#[test]
fn absence_is_believed_at_once_only_where_that_costs_little() {
    use PhaseName::{Creating, Merged, Verifying};
    for name in PhaseName::ALL {
        let looks = if matches!(name, Creating | Merged | Verifying) { LOOKS } else { 1 };
        assert_eq!(transfer(phase(name)).looks(), looks, "{name:?}");
    }
    assert_eq!(transfer(Phase::Aborting(None)).looks(), LOOKS, "an upload may be there");
}

#[test]
fn a_changed_source_stops_what_is_not_being_taken_back() {
    for name in PhaseName::ALL {
        let mut transfer = transfer(phase(name));
        let stopped = transfer.on(Event::SourceChanged).is_ok();
        assert_eq!(stopped, !name.takes_back(), "{name:?}");
        assert_eq!(transfer.standing == Standing::SourceChanged, stopped, "{name:?}");
    }
}

/// One of each event.
fn events() -> Vec<Event> {
    let found = [Found::Absent, Found::Ours, Found::Identical, Found::Corrupt, Found::Other];
    let plain = [
        Event::Prepared(Route::Put),
        Event::Prepared(Route::Multipart),
        Event::LeftOut,
        Event::AlreadyThere,
        Event::Occupied,
        Event::OptionsDiffer,
        Event::Renamed,
        Event::PutAgreed,
        Event::PutUnproven,
        Event::Initiated(id()),
        Event::UploadFound(None),
        Event::UploadFound(Some(id())),
        Event::PartsListed,
        Event::UploadGone,
        Event::PartsSent,
        Event::Completed,
        Event::PlanChanged,
        Event::MergedDamaged,
        Event::CallbackFailed(Fault::new(FaultKind::CallbackFailed)),
        Event::PartsRefused,
        Event::NameTaken,
        Event::Doubt,
        Event::Verified,
        Event::Aborted,
        Event::SourceChanged,
        Event::Faulted(some_fault()),
    ];
    plain.into_iter().chain(found.map(Event::Inspected)).collect()
}

/// Every pair of phase and event that has a row, and where it leads: the whole machine at a glance.
#[test]
fn every_pair_has_a_row_or_is_unexpected() {
    let mut rows = Vec::new();
    for name in PhaseName::ALL {
        for event in events() {
            let mut moved = transfer(phase(name));
            let before = moved.clone();
            let word = format!("{event:?}");
            let word =
                word.split(['{', '"']).next().unwrap_or_default().trim_end_matches(['(', ' ']);
            match moved.on(event.clone()) {
                // These two hold everywhere a transfer runs.
                Ok(()) if matches!(event, Event::Faulted(_)) => {
                    assert_eq!((moved.standing, &moved.phase), (Standing::Failed, &before.phase));
                }
                Ok(()) if event == Event::SourceChanged => {
                    assert_eq!(moved.standing, Standing::SourceChanged, "{name:?}");
                    assert_eq!(moved.phase, before.phase);
                }
                Ok(()) => {
                    let doubtful = match moved.certainty {
                        Certainty::Doubtful if moved.standing == Standing::Active => "?",
                        _ => "",
                    };
                    let to = match moved.standing {
                        Standing::Active => format!("{:?}{doubtful}", moved.phase.name()),
                        standing if standing.has_ended() => format!("{standing:?}"),
                        standing => format!("{:?}, {standing:?}", moved.phase.name()),
                    };
                    rows.push(format!("{name:?} {word} -> {to}"));
                }
                Err(unexpected) => {
                    assert_eq!(unexpected.phase, name);
                    assert_eq!(moved, before, "what does not fit changes nothing");
                }
            }
        }
    }
    let expected = include_str!("table.txt");
    assert_eq!(rows.join("\n"), expected.trim_end(), "table.txt holds the rows");
}

#[test]
fn what_does_not_run_takes_no_event() {
    for standing in Standing::ALL.into_iter().filter(|standing| *standing != Standing::Active) {
        for event in events() {
            let mut resting = Transfer { standing, ..transfer(Phase::Sending(id())) };
            assert!(resting.on(event).is_err(), "{standing:?}");
        }
    }
}

/// What runs beside another transfer of its object goes on in that way, whatever happens to it.
#[test]
fn what_claims_no_object_never_comes_to_claim_it() {
    let none = PhaseName::ALL.into_iter().map(phase).filter(|phase| !phase.claims_object());
    let names: Vec<PhaseName> = none.map(|phase| phase.name()).collect();
    let expected =
        [PhaseName::Aborting, PhaseName::Skipping, PhaseName::Adopting, PhaseName::Withdrawing];
    assert_eq!(names, expected);
    // Which upload is its own is still to be told.
    assert!(Phase::Aborting(None).claims_object());
    for name in names {
        for event in events() {
            let mut transfer = transfer(phase(name));
            let told = transfer.on(event.clone());
            let rests = transfer.effect().is_none();
            assert!(
                told.is_err() || rests || !transfer.phase.claims_object(),
                "{name:?} {event:?}"
            );
        }
    }
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
        (Event::Initiated(id()), Effect::SendParts),
        (Event::PartsSent, Effect::Complete),
        (Event::Completed, Effect::Verify),
    ];
    for (event, effect) in steps {
        run(&mut multipart, [event]);
        assert_eq!(multipart.effect(), Some(effect));
    }
    run(&mut multipart, [Event::Verified]);
    assert_eq!((multipart.standing, multipart.phase.upload_id()), (Standing::Done, None));
}

#[test]
fn a_link_in_the_way_is_a_question_and_stops_no_abort() {
    let fault = Fault::new(FaultKind::SourceBehindLink).with_subject("a.bin");
    for (name, standing) in [
        (PhaseName::Fresh, Standing::SourceChanged),
        (PhaseName::Sending, Standing::SourceChanged),
        (PhaseName::Aborting, Standing::Failed),
    ] {
        let mut moved = transfer(phase(name));
        run(&mut moved, [Event::Faulted(fault.clone())]);
        assert_eq!((moved.standing, moved.fault.as_ref()), (standing, Some(&fault)));
    }
}

#[test]
fn a_failed_callback_is_a_remark_on_what_is_done() {
    let remark = Fault::new(FaultKind::CallbackFailed).with_detail("502");
    for phase in [Phase::Putting, Phase::Completing(id())] {
        let mut moved = transfer(phase);
        run(&mut moved, [Event::CallbackFailed(remark.clone())]);
        assert_eq!(moved.effect(), Some(Effect::Verify), "it is there: nothing is sent again");
        moved.decide(Decision::Pause);
        moved.decide(Decision::Resume);
        run(&mut moved, [Event::Verified]);
        assert_eq!((moved.standing, moved.fault), (Standing::Done, Some(remark.clone())));
    }
    let unreachable = Some(Fault::new(FaultKind::Unreachable));
    let mut other = Transfer { fault: unreachable, ..transfer(Phase::Verifying) };
    run(&mut other, [Event::Verified]);
    assert_eq!((other.standing, other.fault), (Standing::Done, None));
}

#[test]
fn after_a_restart_the_store_is_asked_before_anything_is_sent() {
    use PhaseName as P;
    for (name, effect) in [
        (P::Fresh, Some(Effect::Prepare)),
        (P::Putting, Some(Effect::Inspect)),
        (P::Creating, Some(Effect::FindUpload)),
        (P::Sending, Some(Effect::ListParts)),
        (P::Completing, Some(Effect::ListParts)),
        (P::Verifying, Some(Effect::Verify)),
        (P::Contested, Some(Effect::Inspect)),
        (P::Vanished, Some(Effect::Inspect)),
        (P::Merged, Some(Effect::Inspect)),
        (P::Discarding, Some(Effect::Abort)),
        (P::Aborting, Some(Effect::Abort)),
        (P::Skipping, Some(Effect::Abort)),
        (P::Adopting, Some(Effect::Abort)),
        (P::Withdrawing, Some(Effect::Inspect)),
        (P::Settled, None),
    ] {
        let restored = Transfer::restored(phase(name), Standing::Active, None);
        assert_eq!(restored.effect(), effect, "{name:?}");
    }
    let lost = Transfer::restored(Phase::Aborting(None), Standing::Active, None);
    assert_eq!(lost.effect(), Some(Effect::FindUpload));
}

#[test]
fn a_stored_phase_needs_its_upload_id() {
    for name in PhaseName::ALL {
        let with = phase(name);
        assert_eq!(with.name(), name);
        let without = Phase::restored(name, None);
        let optional = matches!(name, PhaseName::Contested | PhaseName::Aborting);
        assert_eq!(without.is_none(), with.upload_id().is_some() && !optional, "{name:?}");
    }
}

#[test]
fn c7_c8_c9_a_complete_without_an_answer_is_settled_by_what_is_there() {
    for (found, standing, effect) in [
        (Found::Ours, Standing::Done, None),
        (Found::Absent, Standing::Active, Some(Effect::Abort)),
        (Found::Other, Standing::Failed, None),
        (Found::Corrupt, Standing::Active, Some(Effect::Abort)),
    ] {
        let mut moved = transfer(Phase::Completing(id()));
        run(&mut moved, [Event::Doubt]);
        assert_eq!(moved.effect(), Some(Effect::ListParts));
        run(&mut moved, [Event::UploadGone, Event::Inspected(found)]);
        assert_eq!((moved.standing, moved.effect()), (standing, effect), "{found:?}");
    }
}

#[test]
fn c12_cancel_never_reports_cancelled_while_the_object_is_there() {
    let mut moved = transfer(Phase::Completing(id()));
    moved.decide(Decision::Cancel);
    run(&mut moved, [Event::UploadGone]);
    assert_eq!(moved.effect(), Some(Effect::Inspect));
    let mut gone = moved.clone();
    run(&mut moved, [Event::Inspected(Found::Ours)]);
    assert_eq!(moved.standing, Standing::Done);
    run(&mut gone, [Event::Inspected(Found::Absent)]);
    assert_eq!(gone.standing, Standing::Cancelled);
}

#[test]
fn a_refused_name_waits_for_the_user_and_keeps_the_upload() {
    let mut moved = transfer(Phase::Completing(id()));
    run(&mut moved, [Event::NameTaken, Event::Inspected(Found::Other)]);
    assert_eq!((moved.standing, moved.phase.upload_id()), (Standing::Conflict, Some(&*id())));
    let mut skipped = moved.clone();
    moved.decide(Decision::Resume);
    assert_eq!(moved.effect(), Some(Effect::ListParts));
    skipped.decide(Decision::Skip);
    assert_eq!(skipped.effect(), Some(Effect::Abort), "nothing of it stays open");
    run(&mut skipped, [Event::Aborted]);
    assert_eq!(skipped.standing, Standing::Skipped);
}

#[test]
fn a_policy_that_renames_or_skips_leaves_no_upload_open() {
    let contested = || transfer(Phase::Contested(Some(id())));
    let mut renamed = contested();
    run(&mut renamed, [Event::Renamed, Event::Aborted]);
    assert_eq!(renamed.effect(), Some(Effect::Prepare));
    let mut skipped = contested();
    run(&mut skipped, [Event::LeftOut, Event::UploadGone]);
    assert_eq!(skipped.standing, Standing::Skipped);
    let mut identical = contested();
    run(&mut identical, [Event::Inspected(Found::Identical), Event::Aborted]);
    assert_eq!(identical.standing, Standing::Done);
}

#[test]
fn starting_over_aborts_what_is_open_first() {
    for name in PhaseName::ALL {
        let mut moved = Transfer { standing: Standing::SourceChanged, ..transfer(phase(name)) };
        moved.decide(Decision::StartOver);
        let effect = match phase(name).upload_id() {
            Some(_) => Effect::Abort,
            None => Effect::Prepare,
        };
        assert_eq!(moved.effect(), Some(effect), "{name:?}");
    }
}

#[test]
fn a_changed_file_waits_until_it_is_quiet_or_asks_again() {
    for name in PhaseName::ALL.into_iter().filter(|name| *name != PhaseName::Settled) {
        let mut moved = Transfer { standing: Standing::SourceChanged, ..transfer(phase(name)) };
        moved.fault = Some(Fault::new(FaultKind::SourceChanged));
        let asked = moved.clone();
        moved.decide(Decision::WaitUntilQuiet);
        assert_eq!((moved.standing, moved.effect()), (Standing::UntilQuiet, None), "{name:?}");
        // As it is read back after a restart.
        let read = Transfer::restored(moved.phase.clone(), moved.standing, moved.fault.clone());
        assert_eq!(read.standing, Standing::UntilQuiet, "{name:?}");
        let mut again = moved.clone();
        again.decide(Decision::AskAgain);
        assert_eq!(again, asked, "{name:?}");
        moved.decide(Decision::StartOver);
        assert_eq!(moved.standing, Standing::Active, "{name:?}");
    }
    // Nothing else waits so.
    let mut failed = Transfer { standing: Standing::Failed, ..transfer(Phase::Fresh) };
    failed.decide(Decision::WaitUntilQuiet);
    assert_eq!(failed.standing, Standing::Failed);
}

#[test]
fn a_changed_file_can_be_left_out_and_leaves_nothing_open() {
    for name in PhaseName::ALL.into_iter().filter(|name| *name != PhaseName::Settled) {
        let mut moved = Transfer { standing: Standing::SourceChanged, ..transfer(phase(name)) };
        moved.fault = Some(Fault::new(FaultKind::SourceChanged));
        moved.decide(Decision::Skip);
        let expected = match name {
            PhaseName::Fresh => (Standing::Skipped, None),
            PhaseName::Creating => (Standing::Active, Some(Effect::FindUpload)),
            // A Put or Complete may have been carried out: look before saying that nothing is
            // there.
            PhaseName::Putting
            | PhaseName::Verifying
            | PhaseName::Vanished
            | PhaseName::Merged
            | PhaseName::Withdrawing => (Standing::Active, Some(Effect::Inspect)),
            _ => (Standing::Active, Some(Effect::Abort)),
        };
        assert_eq!((moved.standing, moved.effect()), expected, "{name:?}");
        assert_eq!(moved.fault, None, "{name:?}");
    }
    let mut sending = transfer(Phase::Sending(id()));
    run(&mut sending, [Event::SourceChanged]);
    sending.decide(Decision::Skip);
    run(&mut sending, [Event::Aborted]);
    assert_eq!(sending.standing, Standing::Skipped);
    // The Complete of an earlier run may have won.
    let mut merged = transfer(Phase::Completing(id()));
    run(&mut merged, [Event::SourceChanged]);
    merged.decide(Decision::Skip);
    run(&mut merged, [Event::UploadGone, Event::Inspected(Found::Ours)]);
    assert_eq!(merged.standing, Standing::Done);
}

#[test]
fn a_store_that_contradicts_itself_is_not_asked_for_ever() {
    let mut moved = transfer(Phase::Completing(id()));
    for _ in 0..MOST_TURNS {
        run(&mut moved, [Event::PartsRefused, Event::PartsListed, Event::PartsSent]);
    }
    run(&mut moved, [Event::PartsRefused]);
    assert_eq!(moved.standing, Standing::Failed);
    // A name that is taken by nothing.
    let mut contested = transfer(Phase::Putting);
    for _ in 0..=MOST_TURNS {
        run(&mut contested, [Event::NameTaken, Event::Inspected(Found::Absent)]);
    }
    assert_eq!(contested.standing, Standing::Failed);
    // Each upload is gone at its Complete, and there is no object.
    let mut gone = transfer(Phase::Completing(id()));
    for _ in 0..MOST_TURNS {
        run(&mut gone, [Event::UploadGone, Event::Inspected(Found::Absent), Event::Aborted]);
        run(&mut gone, [Event::Prepared(Route::Multipart), Event::Initiated(id())]);
        run(&mut gone, [Event::PartsSent]);
    }
    run(&mut gone, [Event::UploadGone, Event::Inspected(Found::Absent)]);
    assert_eq!(gone.standing, Standing::Failed);
    // Doubts are none: a merge may take as long as it takes.
    let mut merging = transfer(Phase::Completing(id()));
    for _ in 0..100 {
        run(&mut merging, [Event::Doubt, Event::PartsListed, Event::PartsSent]);
    }
    assert_eq!(merging.standing, Standing::Active);
}

#[test]
fn an_answer_that_a_phase_does_not_know_is_its_fault() {
    let gone = Fault::new(FaultKind::UploadGone);
    assert_eq!(transfer(Phase::Sending(id())).event_of(gone.clone()), Event::UploadGone);
    let faulted = Event::Faulted(gone.clone());
    assert_eq!(transfer(Phase::Putting).event_of(gone), faulted);
    // An Initiate that is looked for may have been carried out: its upload must not be forgotten.
    let taken = Fault::new(FaultKind::AlreadyExists);
    assert_eq!(transfer(Phase::Creating).event_of(taken.clone()), Event::NameTaken);
    let mut doubtful = transfer(Phase::Creating);
    run(&mut doubtful, [Event::Doubt]);
    assert_eq!(doubtful.event_of(taken.clone()), Event::Faulted(taken));
}

#[test]
fn ended_transfers_take_no_decision() {
    for standing in Standing::ALL.into_iter().filter(|standing| standing.has_ended()) {
        let ended = Transfer { standing, ..transfer(Phase::Settled) };
        for decision in DECISIONS {
            let mut moved = ended.clone();
            moved.decide(decision);
            assert_eq!(moved, ended, "{decision:?}");
        }
    }
}

const DECISIONS: [Decision; 7] = [
    Decision::Pause,
    Decision::Resume,
    Decision::Cancel,
    Decision::Skip,
    Decision::StartOver,
    Decision::WaitUntilQuiet,
    Decision::AskAgain,
];

proptest! {
    /// Whatever comes in whatever order: done only by an agreement, no upload id is lost, and what
    /// runs has an effect.
    #[test]
    fn no_way_leads_to_a_false_end(steps in prop::collection::vec((0usize..30, 0usize..12), 0..60)) {
        let all = events();
        let mut moved = Transfer::default();
        for (event, decision) in steps {
            let before = moved.clone();
            let event = all[event % all.len()].clone();
            if let Some(decision) = DECISIONS.get(decision) {
                moved.decide(*decision);
                prop_assert!(moved.standing != Standing::Done || before.standing == Standing::Done);
                let closes = !moved.standing.has_ended() || before.standing.has_ended();
                prop_assert!(
                    before.phase.upload_id().is_none()
                        || moved.phase.upload_id() == before.phase.upload_id()
                        || (closes && moved.phase == Phase::Withdrawing),
                    "{:?} {:?} -> {:?}", before, decision, moved
                );
            } else if moved.on(event.clone()).is_ok() {
                let agreed = matches!(
                    event,
                    Event::PutAgreed | Event::Verified | Event::AlreadyThere
                        | Event::Inspected(Found::Ours | Found::Identical)
                ) || before.phase.name() == PhaseName::Adopting;
                prop_assert!(moved.standing != Standing::Done || agreed, "{:?} {:?}", before, event);
                // An upload id goes only with the store's word that the upload is closed.
                let closed = matches!(
                    event,
                    Event::Aborted | Event::UploadGone | Event::Completed | Event::MergedDamaged
                        | Event::CallbackFailed(_)
                ) || matches!(before.phase, Phase::Merged(_) | Phase::Vanished(_));
                prop_assert!(
                    before.phase.upload_id().is_none()
                        || moved.phase.upload_id().is_some()
                        || closed,
                    "{:?} {:?} -> {:?}", before, event, moved
                );
            }
            prop_assert_eq!(moved.effect().is_some(), moved.standing == Standing::Active);
        }
    }
}
