//! Which requests fail, by their number and the seed.

use crate::options::Options;

/// What becomes of a request that carries an object's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is served.
    Served,
    /// Its body is read, and 503 is the answer.
    Unavailable,
    /// Its connection breaks in the middle of its body.
    Reset,
}

/// The fate of the request with this number among those that carry an object's bytes.
pub(crate) fn fate(options: &Options, number: u64) -> Fate {
    // 53 bits are what an f64 holds.
    let drawn = (mixed(options.seed, number) >> 11) as f64 / (1_u64 << 53) as f64;
    if drawn < options.unavailable {
        Fate::Unavailable
    } else if drawn < options.unavailable + options.resets {
        Fate::Reset
    } else {
        Fate::Served
    }
}

/// splitmix64: numbers in a row that look drawn by lot.
fn mixed(seed: u64, number: u64) -> u64 {
    let mut state = seed ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ state >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_and_repeat() {
        let options = Options { unavailable: 0.01, resets: 0.005, ..Options::default() };
        let fates: Vec<Fate> = (0..100_000).map(|number| fate(&options, number)).collect();
        let count = |wanted| fates.iter().filter(|fate| **fate == wanted).count();
        assert!((900..1100).contains(&count(Fate::Unavailable)), "{}", count(Fate::Unavailable));
        assert!((430..570).contains(&count(Fate::Reset)), "{}", count(Fate::Reset));
        let again: Vec<Fate> = (0..100_000).map(|number| fate(&options, number)).collect();
        assert_eq!(fates, again);
    }
}
