//! A request in flight, by which the ledger hears of it. Without the feature `testing` there is no
//! ledger, and nothing listens.

#[cfg(feature = "testing")]
pub(crate) use crate::ledger::Ticket;

/// A request in flight that nothing is recorded of.
#[cfg(not(feature = "testing"))]
#[derive(Debug)]
pub(crate) struct Ticket;

#[cfg(not(feature = "testing"))]
impl Ticket {
    pub(crate) fn received(&self, _bytes: u64) {}

    pub(crate) fn limited(&self, _bits_per_second: u64) {}

    pub(crate) fn answered(&self, _status: u16, _code: Option<String>) {}
}
