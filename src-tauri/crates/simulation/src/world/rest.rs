//! The end of a life: faults end, and everything must come to rest.

use std::time::Duration;

use ferry_engine::Engine;
use ferry_journal::{Journal, Selection};
use ferry_model::{ExistingPolicy, Standing};

use super::plan::{Cursed, UserCommand};
use super::{Violation, World};

/// The longest that anything may take once nothing is in its way.
const LONGEST_REST: Duration = Duration::from_secs(12 * 3600);
/// How often what failed is tried again once nothing is in its way.
const LAST_ROUNDS: usize = 12;
/// Between two of these tries.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(2);

impl World {
    /// Nothing is in the way any more: everything must come to rest. Says whether the program
    /// lives.
    pub(super) async fn rest(
        &mut self,
        engine: &Engine,
        journal: &Journal,
    ) -> Result<bool, Violation> {
        for place in &self.places {
            let mut orders = place.orders();
            orders.outage = None;
            orders.faults_end = true;
        }
        self.fuse.set(None);
        self.sources.plug_all();
        self.new_key(engine);
        self.trace.add(format_args!("{:?} nothing is in the way any more", self.clock.elapsed()));
        let decided = ExistingPolicy::Overwrite;
        for _ in 0..LAST_ROUNDS {
            if !self.come_to_rest(engine, journal).await? {
                return Ok(false);
            }
            let mut wanted = Vec::new();
            for row in self.rows.values() {
                let user_command = match row.standing {
                    Standing::Paused => UserCommand::Resume,
                    Standing::Failed | Standing::SourceChanged => UserCommand::Retry,
                    Standing::Conflict => UserCommand::Decide(decided),
                    _ => continue,
                };
                wanted.push((row.id, user_command));
            }
            if wanted.is_empty() {
                break;
            }
            // A user does not ask many times a second; I6 would blame the engine for it.
            tokio::time::sleep(BETWEEN_ROUNDS).await;
            for (id, user_command) in wanted {
                if !self.command(engine, user_command, Selection::Ids(vec![id])).await? {
                    return Ok(false);
                }
            }
        }
        if !self.come_to_rest(engine, journal).await? {
            return Ok(false);
        }
        self.nothing_is_stuck()?;
        // What is taken back now can be.
        self.plan.options.cursed = Cursed::None;
        for place in &self.places {
            place.orders().cursed.clear();
        }
        // By either way; a life that ends in a window waits for what it gave.
        let cancelled = if self.plan.seed.is_multiple_of(2) {
            self.command(engine, UserCommand::Cancel, Selection::All).await?
        } else {
            self.give(engine, journal, UserCommand::Cancel, Selection::All).await?
        };
        if !cancelled {
            return Ok(false);
        }
        if !self.come_to_rest(engine, journal).await? {
            return Ok(false);
        }
        // Requests that were still on their way when their callers went are over by now.
        tokio::time::sleep(Duration::from_secs(3600)).await;
        self.check(journal).await?;
        self.nothing_is_open(engine)?;
        Ok(true)
    }

    async fn come_to_rest(
        &mut self,
        engine: &Engine,
        journal: &Journal,
    ) -> Result<bool, Violation> {
        let rested = self.in_time("coming to rest", LONGEST_REST, engine.idle()).await;
        self.check(journal).await?;
        let Some(()) = rested.map_err(|violation| self.with_active(violation))? else {
            return Ok(false);
        };
        Ok(true)
    }

    fn with_active(&self, violation: Violation) -> Violation {
        let active: Vec<String> = self
            .rows
            .values()
            .filter(|row| row.standing == Standing::Active)
            .map(|row| format!("{} {:?}", row.key, row.phase))
            .collect();
        Violation::new(violation.invariant, format!("{}: {active:?}", violation.what))
    }
}
