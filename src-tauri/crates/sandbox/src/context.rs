//! What all connections share.

use std::sync::{Arc, PoisonError, RwLock};

use crate::config::{Config, Credential};
#[cfg(feature = "testing")]
use crate::faults::Faults;
#[cfg(feature = "testing")]
use crate::ledger::Ledger;
use crate::store::Store;

/// A sandbox's state.
pub(crate) struct Context {
    pub(crate) store: Arc<Store>,
    pub(crate) config: Config,
    #[cfg(feature = "testing")]
    pub(crate) faults: Faults,
    #[cfg(feature = "testing")]
    pub(crate) ledger: Ledger,
    credentials: RwLock<Arc<Vec<Credential>>>,
}

impl Context {
    pub(crate) fn new(store: Store, config: Config) -> Self {
        Self {
            store: Arc::new(store),
            credentials: RwLock::new(Arc::new(config.credentials.clone())),
            config,
            #[cfg(feature = "testing")]
            faults: Faults::default(),
            #[cfg(feature = "testing")]
            ledger: Ledger::default(),
        }
    }

    pub(crate) fn credentials(&self) -> Arc<Vec<Credential>> {
        Arc::clone(&self.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_credentials(&self, credentials: Vec<Credential>) {
        let mut slot = self.credentials.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Arc::new(credentials);
    }
}
