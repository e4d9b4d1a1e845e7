//! Small changes of inputs, the same for the same seed.

use std::ops::Range;

use fastrand::Rng;

/// Longest input that is made.
const LONGEST: usize = 4096;

/// Numbers at which readers of numbers go wrong.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "+1",
    "10000",
    "10001",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
];

/// One of `inputs`, changed in up to four places; `words` and pieces of the other inputs are what
/// is put in.
///
/// # Panics
/// Where there is no input.
pub fn changed(random: &mut Rng, inputs: &[&[u8]], words: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = random.choice(inputs).expect("there is an input").to_vec();
    for _ in 0..random.usize(1..=4) {
        change(random, &mut bytes, inputs, words);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(random: &mut Rng, bytes: &mut Vec<u8>, inputs: &[&[u8]], words: &[Vec<u8>]) {
    let at = random.usize(0..=bytes.len());
    match random.u8(0..9) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.u8(0..8),
        1 if at < bytes.len() => bytes[at] = random.u8(..),
        2 => bytes.insert(at, random.u8(..)),
        3 => drop(bytes.drain(piece(random, bytes.len()))),
        4 => {
            let copy = bytes[piece(random, bytes.len())].to_vec();
            put(bytes, at..at, &copy);
        }
        5 => {
            let number = random.choice(NUMBERS).expect("there are numbers");
            let run = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            put(bytes, at..at + run, number.as_bytes());
        }
        6 => {
            let other = *random.choice(inputs).expect("there is an input");
            put(bytes, at..at, &other[piece(random, other.len())]);
        }
        7 => bytes.truncate(at),
        _ => {
            if let Some(word) = random.choice(words) {
                let end = if random.bool() { at } else { bytes.len().min(at + word.len()) };
                put(bytes, at..end, word);
            }
        }
    }
}

fn piece(random: &mut Rng, length: usize) -> Range<usize> {
    let (one, other) = (random.usize(0..=length), random.usize(0..=length));
    one.min(other)..one.max(other)
}

fn put(bytes: &mut Vec<u8>, place: Range<usize>, new: &[u8]) {
    drop(bytes.splice(place, new.iter().copied()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let inputs: [&[u8]; 3] = [b"", b"<A>12</A>", b"bytes 2-4/9"];
        let words = vec![b"<x/>".to_vec()];
        let made = |seed| {
            let mut random = Rng::with_seed(seed);
            (0..200).map(|_| changed(&mut random, &inputs, &words)).collect::<Vec<_>>()
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
        assert!(
            made(7).iter().filter(|input| !inputs.contains(&input.as_slice())).count() > 150,
            "most inputs are changed"
        );
        assert!(made(7).iter().all(|input| input.len() <= LONGEST));
    }
}
