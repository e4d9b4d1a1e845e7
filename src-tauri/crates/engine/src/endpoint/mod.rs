//! What is shared by all transfers to one store: whether it is well, how many requests go side by
//! side, the clients, how their requests went, the credentials they sign with, the checksums it answers with, and the
//! profiles that are held.

pub(crate) mod checksums;
pub(crate) mod clients;
pub(crate) mod credentials;
pub(crate) mod gate;
pub(crate) mod holds;
pub(crate) mod lanes;
pub(crate) mod measured;
pub(crate) mod throttle;
