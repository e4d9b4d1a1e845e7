//! The one retry loop: a request is tried until it is answered for good, within the policy, and
//! waits while the endpoint is away.

use std::sync::Arc;

use ferry_model::{Credentials, Fault, FaultKind, ProfileId, Retry};
use ferry_storage::{Delivery, RetryNow, StoreError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::breaker::{Breaker, CameBack};
use crate::context::{Context, Replaced};
use crate::live::Live;

/// Whether a request of which no answer came may simply be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It has the same effect twice as once.
    Freely,
    /// Initiate and Complete: what became of it has to be asked first.
    UnlessDoubtful,
}

/// An answer, and the key its request was signed with.
type Tried<T> = (Result<T, StoreError>, Option<Credentials>);

/// What one transfer needs to try requests.
#[derive(Debug)]
pub(crate) struct Attempts {
    pub(crate) context: Arc<Context>,
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) live: Arc<Live>,
    pub(crate) profile: ProfileId,
    /// The profile's own turns, if it limits its connections.
    pub(crate) connections: Option<Arc<Semaphore>>,
}

impl Attempts {
    /// Calls `request` until it succeeds or its failure is final. While the endpoint's breaker is
    /// open the call waits, and what failed meanwhile counts against no limit.
    ///
    /// # Cancellation
    /// Dropping the future drops the request under way; what the store did with it is then unknown.
    pub(crate) async fn run<T, Answer>(
        &self,
        repeat: Repeat,
        mut request: impl FnMut() -> Answer,
    ) -> Result<T, StoreError>
    where
        Answer: Future<Output = Result<T, StoreError>>,
    {
        // Counted as the policy counts: this is the first.
        let mut attempt = 1;
        let mut began = Instant::now();
        let mut signed_again = false;
        let mut replaced = Replaced::No;
        loop {
            let pass = self.breaker.pass().await;
            let (answer, signed_with) = self.once(&mut request).await?;
            let error = match answer {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let away = self.note(&error);
            drop(pass);
            if error.delivery == Delivery::Perhaps && repeat == Repeat::UnlessDoubtful {
                return Err(error);
            }
            if error.retry_now == RetryNow::Once && !signed_again {
                signed_again = true;
                continue;
            }
            let of_key =
                matches!(error.fault.kind, FaultKind::TokenExpired | FaultKind::BadAccessKey);
            if of_key && replaced == Replaced::No {
                replaced = self
                    .context
                    .replace_keys(self.profile, signed_with.as_ref())
                    .await
                    .map_err(unsent)?;
                if replaced == Replaced::Yes {
                    continue;
                }
            }
            if error.fault.kind.retry() == Retry::No {
                return Err(error);
            }
            if away {
                // The others need not wait behind it.
                self.context.wake.notify_one();
                // The endpoint's failure, not this request's.
                attempt = 1;
                began = Instant::now();
                self.live.retrying(&error.fault);
                continue;
            }
            let random = self.context.random();
            let Some(wait) =
                self.context.retry.delay(&error.fault, attempt, began.elapsed(), random)
            else {
                return Err(error);
            };
            attempt += 1;
            self.live.retrying(&error.fault);
            tokio::time::sleep(wait).await;
        }
    }

    /// One try, and the key it was signed with: known only once its turn has come, which may be
    /// long after it was wanted.
    async fn once<T, Answer>(
        &self,
        request: &mut impl FnMut() -> Answer,
    ) -> Result<Tried<T>, StoreError>
    where
        Answer: Future<Output = Result<T, StoreError>>,
    {
        // Held by whoever talks to the store, whatever about; always taken before a lane's permit.
        let _connection = self.connection().await;
        self.context.refresh_keys(self.profile).await.map_err(unsent)?;
        let signed_with = self.context.keys.current(self.profile);
        let answer = request().await;
        if answer.is_ok() {
            self.answered();
            self.live.went_well();
        }
        Ok((answer, signed_with))
    }

    async fn connection(&self) -> Option<SemaphorePermit<'_>> {
        let connections = self.connections.as_ref()?;
        Some(connections.acquire().await.expect("the semaphore is never closed"))
    }

    /// Tells the breaker. Says whether the endpoint counts as away now.
    fn note(&self, error: &StoreError) -> bool {
        let transport = matches!(
            error.fault.kind,
            FaultKind::Unreachable
                | FaultKind::ConnectionLost
                | FaultKind::Stalled
                | FaultKind::NotStore
        );
        if transport {
            return self.breaker.failed(&error.fault);
        }
        if error.delivery == Delivery::Answered {
            self.answered();
        }
        false
    }

    /// The endpoint answers; if it was away, what waited for it may run again.
    pub(crate) fn answered(&self) {
        if self.breaker.answered() == CameBack::Yes {
            self.context.wake.notify_one();
        }
    }
}

/// A failure that is ours, not the wire's: nothing was sent.
pub(crate) fn unsent(fault: Fault) -> StoreError {
    StoreError::before_sending(fault)
}

/// A failure found by looking at an answer.
pub(crate) fn answered(fault: Fault) -> StoreError {
    StoreError::new(fault, Delivery::Answered)
}
