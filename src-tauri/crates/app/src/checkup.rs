//! What the endpoint doctor found, as it is kept for this run.

use ferry_model::doctor::{AddressReport, Recommendation};

/// What the doctor found about a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkup {
    /// The profile's number.
    pub profile: i64,
    /// Its name.
    pub name: String,
    /// When it was examined, milliseconds since 1970.
    pub at_ms: i64,
    /// What was found about each of its addresses, the one it uses first.
    pub addresses: Vec<AddressReport>,
    /// What to do.
    pub recommendation: Recommendation,
}

impl Checkup {
    /// Whether there is nothing to mend about the address that the profile uses.
    pub fn is_well(&self) -> bool {
        let mut current = self.addresses.iter().filter(|address| address.is_current);
        current.all(AddressReport::is_well)
    }
}
