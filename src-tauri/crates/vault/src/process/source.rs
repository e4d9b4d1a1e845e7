//! A credential command as a source: asked as seldom as its keys allow, and by one caller at a
//! time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ferry_model::Credentials;
use tokio::time::Instant;

use super::error::{ProcessCause, ProcessError};
use super::{program_of, run};

/// A key is renewed this long before its end, or at half of its life if that is shorter than twice
/// this.
const LEAD_MS: i64 = 5 * 60 * 1000;
/// A command that failed is not run again before.
const PAUSE_MS: i64 = 5 * 1000;

type Running = Pin<Box<dyn Future<Output = Result<Credentials, ProcessError>> + Send>>;
/// Runs the command once; takes the time, in milliseconds since 1970.
pub(crate) type Runner = Box<dyn Fn(i64) -> Running + Send + Sync>;

/// Keys from a credential command. The last one is kept in memory until shortly before its end; one
/// without an end until [`ProcessSource::refresh`].
///
/// All times are the caller's, in milliseconds since 1970.
pub struct ProcessSource {
    program: String,
    runner: Runner,
    state: Mutex<State>,
    /// Held while the command runs.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failed: Option<(i64, ProcessError)>,
}

struct Held {
    credentials: Credentials,
    /// When to run the command again; `None`: not by itself.
    renew_ms: Option<i64>,
}

impl Held {
    fn new(credentials: Credentials, now_ms: i64) -> Self {
        let renew_ms = credentials
            .expires_ms
            .map(|end| end.saturating_sub(LEAD_MS.min(end.saturating_sub(now_ms) / 2)));
        Self { credentials, renew_ms }
    }

    fn lives(&self, now_ms: i64) -> bool {
        self.credentials.expires_ms.is_none_or(|end| now_ms < end)
    }
}

/// Shows the program's name at most.
impl std::fmt::Debug for ProcessSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessSource").field("program", &self.program).finish_non_exhaustive()
    }
}

impl ProcessSource {
    /// A source that runs this command line; nothing runs yet.
    pub fn new(command: impl Into<String>) -> Self {
        let command = command.into();
        let program = program_of(&command);
        Self::with_runner(
            program,
            Box::new(move |now_ms| Box::pin(owned_run(command.clone(), now_ms))),
        )
    }

    pub(crate) fn with_runner(program: String, runner: Runner) -> Self {
        Self { program, runner, state: Mutex::default(), flight: tokio::sync::Mutex::default() }
    }

    /// A key that is good now. Runs the command when there is none, or its end is near; meanwhile
    /// other callers are given the key that is still good, or wait for the same run.
    ///
    /// # Errors
    /// Any [`ProcessError`], if no key at hand is good. For some seconds after a failure the same
    /// error is given without a run.
    ///
    /// # Cancellation
    /// Dropping the future kills the command if it is this caller who runs it; the next caller runs
    /// it anew.
    pub async fn credentials(&self, now_ms: i64) -> Result<Credentials, ProcessError> {
        if let Some(answer) = self.at_hand(now_ms) {
            return answer;
        }
        let begun = Instant::now();
        let _flight = match self.flight.try_lock() {
            Ok(flight) => flight,
            Err(_) => match self.living(now_ms) {
                Some(credentials) => return Ok(credentials),
                None => self.flight.lock().await,
            },
        };
        let now_ms = later(now_ms, begun);
        if let Some(answer) = self.at_hand(now_ms) {
            return answer;
        }
        self.fetch(now_ms, None).await
    }

    /// A new key, because the store refused `died`: runs the command, unless another caller has
    /// done so since.
    ///
    /// # Errors
    /// Any [`ProcessError`], [`ProcessCause::SameAgain`] among them. For some seconds after a
    /// failure the same error is given without a run.
    ///
    /// # Cancellation
    /// As with [`ProcessSource::credentials`].
    pub async fn refresh(
        &self,
        now_ms: i64,
        died: &Credentials,
    ) -> Result<Credentials, ProcessError> {
        let begun = Instant::now();
        let _flight = self.flight.lock().await;
        let now_ms = later(now_ms, begun);
        {
            let mut state = self.state();
            match &state.held {
                Some(held) if same(&held.credentials, died) => state.held = None,
                Some(held) if held.lives(now_ms) => return Ok(held.credentials.clone()),
                _ => {}
            }
            if let Some(error) = state.fresh_failure(now_ms) {
                return Err(error);
            }
        }
        self.fetch(now_ms, Some(died)).await
    }

    /// Runs the command. The caller holds the flight.
    async fn fetch(
        &self,
        now_ms: i64,
        died: Option<&Credentials>,
    ) -> Result<Credentials, ProcessError> {
        let begun = Instant::now();
        let outcome = (self.runner)(now_ms).await;
        let now_ms = later(now_ms, begun);
        let again = ProcessError { program: self.program.clone(), cause: ProcessCause::SameAgain };
        let outcome = outcome.and_then(|got| {
            if died.is_some_and(|died| same(&got, died)) { Err(again) } else { Ok(got) }
        });
        let mut state = self.state();
        match outcome {
            Ok(credentials) => {
                tracing::debug!(
                    program = self.program,
                    expires_ms = credentials.expires_ms,
                    "a key from a command"
                );
                *state = State { held: Some(Held::new(credentials.clone(), now_ms)), failed: None };
                Ok(credentials)
            }
            Err(error) => {
                tracing::warn!(program = self.program, cause = %error.cause, "no key from a command");
                state.failed = Some((now_ms, error.clone()));
                state
                    .held
                    .as_ref()
                    .filter(|held| held.lives(now_ms))
                    .map(|held| held.credentials.clone())
                    .ok_or(error)
            }
        }
    }

    /// What can be answered without a run.
    fn at_hand(&self, now_ms: i64) -> Option<Result<Credentials, ProcessError>> {
        let state = self.state();
        let held = state.held.as_ref().filter(|held| held.lives(now_ms));
        if let Some(held) = held.filter(|held| held.renew_ms.is_none_or(|renew| now_ms < renew)) {
            return Some(Ok(held.credentials.clone()));
        }
        let error = state.fresh_failure(now_ms)?;
        Some(held.map(|held| held.credentials.clone()).ok_or(error))
    }

    fn living(&self, now_ms: i64) -> Option<Credentials> {
        self.state()
            .held
            .as_ref()
            .filter(|held| held.lives(now_ms))
            .map(|held| held.credentials.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The last failure, if it was within the pause. A clock set back ends the pause.
    fn fresh_failure(&self, now_ms: i64) -> Option<ProcessError> {
        let (at_ms, error) = self.failed.as_ref()?;
        (0..PAUSE_MS).contains(&now_ms.saturating_sub(*at_ms)).then(|| error.clone())
    }
}

async fn owned_run(command: String, now_ms: i64) -> Result<Credentials, ProcessError> {
    run(&command, now_ms).await
}

/// The caller's time, after what was waited since.
fn later(now_ms: i64, begun: Instant) -> i64 {
    now_ms.saturating_add(i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX))
}

/// The same key; when it ends is no part of it.
fn same(one: &Credentials, other: &Credentials) -> bool {
    one.access_key_id == other.access_key_id
        && one.access_key_secret == other.access_key_secret
        && one.security_token == other.security_token
}
