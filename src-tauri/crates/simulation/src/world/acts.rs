//! What happens in a life: what the user does, and what befalls files, keys and stores.

use std::time::Duration;

use ferry_engine::{Engine, Intake, IntakeProgress, ProblemFiles, TransferCommand};
use ferry_journal::{BatchLabel, Journal, NewBatch, Selection, TransferRow};
use ferry_model::{
    BatchOptions, Day, Integrity, KeyForm, KeyTemplate, Naming, Patterns, TransferId,
};

use super::plan::{Act, Edit, Rows, UserCommand, part_size};
use super::{Added, Violation, World, credentials};

/// The longest that a command or an add may take.
const LONGEST_COMMAND: Duration = Duration::from_secs(3600);

impl World {
    /// Lets something happen; says whether the program lives.
    pub(super) async fn act(
        &mut self,
        engine: &Engine,
        journal: &Journal,
        act: &Act,
    ) -> Result<bool, Violation> {
        let now = self.clock.elapsed();
        match act {
            Act::Crash | Act::Restart => {}
            Act::Add { profile, files, existing, folder } => {
                let place = profile % self.places.len();
                let paths = self.sources.make(files, *folder);
                let batch = journal
                    .add_batch(NewBatch {
                        profile: self.places[place].profile.id,
                        fingerprint: String::new(),
                        created_ms: 0,
                        options: BatchOptions::default(),
                        naming: Naming::default(),
                        label: BatchLabel::default(),
                    })
                    .await
                    .expect("the journal works");
                self.added.push(Added { place, batch, paths, existing: *existing });
                return self.add(engine, self.added.len() - 1).await;
            }
            Act::AddAgain(which) if !self.added.is_empty() => {
                let which = which % self.added.len();
                self.undo_watch.added_again();
                return self.add(engine, which).await;
            }
            Act::AddAgain(_) => {}
            Act::UserCommand(user_command, rows) => {
                let Some(selection) = self.selection(*rows) else { return Ok(true) };
                return self.command(engine, *user_command, selection).await;
            }
            Act::Give(user_command, rows) => {
                let Some(selection) = self.selection(*rows) else { return Ok(true) };
                return self.give(engine, journal, *user_command, selection).await;
            }
            Act::Undo => return self.undo(engine).await,
            Act::Move(place, rows) => {
                let Some(selection) = self.selection(*rows) else { return Ok(true) };
                let moving = engine.move_transfers(selection, *place);
                return match self.in_time("a move", LONGEST_COMMAND, moving).await? {
                    None => Ok(false),
                    Some(Ok(())) => Ok(true),
                    Some(Err(fault)) => Err(Violation::new("I2", format!("a move: {fault}"))),
                };
            }
            Act::Edit(which, edit) => self.edit(*which, *edit, None),
            Act::EditLater(which, edit, steps) => self.edit(*which, *edit, Some(*steps)),
            Act::CrashAt(moments) => self.fuse.set(Some(*moments)),
            Act::Clock(seconds) => self.clock.set_skew(*seconds),
            Act::Outage(place, outage, reach, seconds) => {
                let place = &self.places[place % self.places.len()];
                let until = now + Duration::from_secs(*seconds);
                place.orders().outage = Some((until, *outage, *reach));
            }
            Act::KeyEnds(_) => self.end_key(),
            Act::NewKey(_) => self.new_key(engine),
            Act::Stranger(which) => self.stranger(*which),
            Act::Expire(which) => self.expire(*which),
            Act::LosePart(which) => self.lose_part(*which),
            Act::Parallel(parallel) => engine.set_parallel(*parallel),
            Act::TryNow => engine.try_now(),
            Act::Unplug(which) => self.sources.unplug(*which),
            Act::Plug(which) => self.sources.plug(*which),
        }
        Ok(true)
    }

    async fn add(&mut self, engine: &Engine, which: usize) -> Result<bool, Violation> {
        let added = &self.added[which];
        let profile = self.places[added.place].profile.clone();
        let intake = Intake {
            batch: added.batch,
            bucket: profile.bucket.clone(),
            prefix: String::new(),
            paths: added.paths.clone(),
            existing: added.existing,
            integrity: profile.integrity.or(Integrity::Standard),
            part_size: part_size(profile.provider),
            template: KeyTemplate::parse(&Naming::default().template).expect("it is the default"),
            form: KeyForm::Nfc,
            day: Day { year: 2026, month: 1, day: 1 },
            options: BatchOptions::default(),
            problem_files: ProblemFiles::List,
            patterns: Patterns::default(),
            profile,
        };
        let adding = engine.add_paths(intake, IntakeProgress::default());
        let report = match self.in_time("an add", LONGEST_COMMAND, adding).await? {
            None => return Ok(false),
            Some(Ok(report)) => report,
            Some(Err(fault)) => return Err(Violation::new("I2", format!("an add: {fault}"))),
        };
        self.trace.add(format_args!("added {report:?}"));
        Ok(true)
    }

    fn selection(&self, rows: Rows) -> Option<Selection> {
        match rows {
            Rows::All => Some(Selection::All),
            Rows::One(which) => self.row(which).map(|row| Selection::Ids(vec![row.id])),
        }
    }

    fn row(&self, which: usize) -> Option<&TransferRow> {
        self.rows.values().nth(which.checked_rem(self.rows.len())?)
    }

    pub(super) async fn command(
        &mut self,
        engine: &Engine,
        user_command: UserCommand,
        selection: Selection,
    ) -> Result<bool, Violation> {
        let command = command_of(user_command);
        self.undo_watch.may_now(command, self.rows.keys().copied(), &selection);
        if user_command == UserCommand::Remove {
            return self.remove(engine, selection).await;
        }
        let applying = engine.apply(command, selection);
        match self.in_time("a command", LONGEST_COMMAND, applying).await? {
            None => Ok(false),
            Some(Ok(fitted)) => {
                self.trace.add(format_args!("{user_command:?} fitted {fitted}"));
                Ok(true)
            }
            Some(Err(fault)) => Err(Violation::new("I2", format!("{user_command:?}: {fault}"))),
        }
    }

    /// As a window gives a command.
    pub(super) async fn give(
        &mut self,
        engine: &Engine,
        journal: &Journal,
        user_command: UserCommand,
        selection: Selection,
    ) -> Result<bool, Violation> {
        let command = command_of(user_command);
        if command.deferred().is_none() {
            return self.command(engine, user_command, selection).await;
        }
        let giving = engine.give(command, selection.clone());
        let given = match self.in_time("a command", LONGEST_COMMAND, giving).await? {
            // It is written down or not; the next start drops it.
            None => return Ok(false),
            Some(Ok(given)) => given,
            Some(Err(fault)) => {
                return Err(Violation::new("I2", format!("{user_command:?}: {fault}")));
            }
        };
        let Some(given) = given else { return Ok(true) };
        let of_it = journal.deferred_transfers(given.number, TransferId(0), u64::MAX >> 1);
        let (_, rows) = of_it.await.expect("the journal works").expect("it waits");
        self.trace.add(format_args!("{user_command:?} waits for {}", rows.len()));
        self.undo_watch.waits(
            given.number,
            given.command,
            &selection,
            rows,
            self.clock.elapsed(),
        )?;
        Ok(true)
    }

    async fn undo(&mut self, engine: &Engine) -> Result<bool, Violation> {
        let Some(number) = self.undo_watch.last() else { return Ok(true) };
        // Whether or not the program lives to answer: it is never carried out.
        let undoing = engine.undo(number);
        match self.in_time("an undo", LONGEST_COMMAND, undoing).await? {
            None => return Ok(false),
            Some(Ok(true)) => self.undo_watch.undone(number),
            Some(Ok(false)) => {}
            Some(Err(fault)) => return Err(Violation::new("I2", format!("an undo: {fault}"))),
        }
        self.trace.add(format_args!("undone {number}"));
        Ok(true)
    }

    async fn remove(&mut self, engine: &Engine, selection: Selection) -> Result<bool, Violation> {
        match &selection {
            Selection::Ids(ids) => self.watch.may_go(ids.iter().copied()),
            _ => self.watch.may_go(self.rows.keys().copied()),
        }
        match self.in_time("a removal", LONGEST_COMMAND, engine.remove(selection)).await? {
            None => Ok(false),
            Some(Ok(removed)) => {
                self.trace.add(format_args!("removed {removed}"));
                Ok(true)
            }
            Some(Err(fault)) => Err(Violation::new("I2", format!("a removal: {fault}"))),
        }
    }

    fn edit(&mut self, which: usize, edit: Edit, later: Option<u64>) {
        self.sources.edit(which, edit, later);
    }

    fn end_key(&self) {
        let key = *self.key.lock().expect("no code panics while holding this lock");
        for place in &self.places {
            place.bucket.state().ended_keys.insert(credentials(key).access_key_id);
        }
    }

    pub(super) fn new_key(&self, engine: &Engine) {
        *self.key.lock().expect("no code panics while holding this lock") += 1;
        for place in &self.places {
            engine.release(place.profile.id);
        }
    }

    fn stranger(&mut self, which: usize) {
        let Some(row) = self.row(which) else { return };
        let (key, id) = (row.key.clone(), row.ferry_id.clone());
        if let Some(place) = self.places.iter().find(|place| place.profile.id == row.profile) {
            let bytes = format!("a stranger's {which}").into_bytes().into();
            place.bucket.state().contents.write(&key, bytes, self.clock.true_time());
            self.watch.excuse(&id);
        }
    }

    fn expire(&mut self, which: usize) {
        for place in &self.places {
            let mut state = place.bucket.state();
            let open = state.contents.uploads();
            let chosen = open.iter().nth(which).map(|(name, upload)| {
                (name.clone(), upload.owner().unwrap_or_default().to_owned())
            });
            if let Some(((key, id), owner)) = chosen {
                state.contents.expire(&key, &id);
                self.watch.excuse(&owner);
            }
        }
    }

    fn lose_part(&mut self, which: usize) {
        for place in &self.places {
            let mut state = place.bucket.state();
            let open = state.contents.uploads();
            let chosen = open.iter().nth(which).and_then(|(name, upload)| {
                let number = *upload.parts.keys().next()?;
                Some((name.clone(), number, upload.owner().unwrap_or_default().to_owned()))
            });
            if let Some(((key, id), number, owner)) = chosen {
                state.contents.lose_part(&key, &id, number);
                self.watch.excuse(&owner);
            }
        }
    }
}

fn command_of(user_command: UserCommand) -> TransferCommand {
    match user_command {
        UserCommand::Pause => TransferCommand::Pause,
        UserCommand::Resume => TransferCommand::Resume,
        UserCommand::Retry => TransferCommand::Retry,
        UserCommand::StartOver => TransferCommand::StartOver,
        UserCommand::WaitUntilQuiet => TransferCommand::WaitUntilQuiet,
        UserCommand::Cancel => TransferCommand::Cancel,
        UserCommand::Remove => TransferCommand::Remove,
        UserCommand::Decide(policy) => TransferCommand::Decide(policy),
    }
}
