//! Where keys and the passwords of proxies come from: the operating system's keyring, where they
//! are kept and nowhere else, or, for keys, a command that prints one. It names the variables of
//! the environment that may hold them ([`variables`]), and reads none.
//!
//! May import: `ferry-model`, `keyring-core` and the store crate of each system, of which this is
//! the only user. It knows no profile: entries have names that the caller chooses, and so have
//! commands their lines.
//!
//! Invariants:
//! - a secret is in the keyring, or in memory until the end of this run; never in a file, a log
//!   line, an error or a `Debug` text;
//! - no call waits longer than [`RESPONSE_TIMEOUT`], whatever the keyring does (it may be showing a
//!   prompt);
//! - one thread owns the store, because its destructor must not run where a task may run; it is
//!   opened at the first need, and again after each failure;
//! - what a command printed is in memory only, until the source of it is dropped.
//!
//! Residue: buffers of our own are wiped after use; the copies that the system's keyring client
//! makes on the way are not ours to wipe.
//!
//! # Cancellation
//! A call to the keyring whose future is dropped is carried out only if that had begun, and a
//! command is killed; [`Vault::delete`] has then forgotten what was remembered for this run, and
//! [`Vault::store`] has not.

mod claim;
mod error;
mod owner;
pub mod process;
mod secret_text;
pub mod variables;
mod vault;

#[cfg(test)]
mod tests;

pub use error::VaultError;
pub use vault::{RESPONSE_TIMEOUT, Residence, Vault};
