//! Sizes and speeds as people write them.

use crate::fault::{Fault, FaultKind};

/// Reads `8MiB`, `10M`, `512k`, `10MiB/s`, `1048576` as bytes. Both `M` and `MiB` are 1,048,576;
/// `MB` is 1,000,000.
///
/// # Errors
/// [`FaultKind::InvalidInput`] for anything else, for zero, and beyond 64 bits.
pub fn parse_bytes(text: &str) -> Result<u64, Fault> {
    let fault = || {
        Fault::new(FaultKind::InvalidInput)
            .with_subject(text)
            .with_detail("a size looks like 8MiB or 512k")
    };
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_suffix("/s").unwrap_or(&lower);
    let digits = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let (number, unit) = lower.split_at(digits);
    let factor: u64 = match unit.trim() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "kb" => 1_000,
        "m" | "mib" => 1 << 20,
        "mb" => 1_000_000,
        "g" | "gib" => 1 << 30,
        "gb" => 1_000_000_000,
        "t" | "tib" => 1 << 40,
        _ => return Err(fault()),
    };
    let bytes = match number.parse::<u64>() {
        Ok(whole) => whole.checked_mul(factor).ok_or_else(fault)?,
        // A fraction of a unit: exact to the byte is not expected of `1.5GiB`.
        Err(_) if !number.contains('.') => return Err(fault()),
        Err(_) => (number.parse::<f64>().map_err(|_| fault())? * factor as f64) as u64,
    };
    if bytes == 0 { Err(fault()) } else { Ok(bytes) }
}

/// Bytes for people: three significant digits and a binary unit, as `1.50 GiB`.
pub fn show_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = if unit == 0 || value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [
            ("8MiB", 8 << 20),
            ("10m", 10 << 20),
            ("10MiB/s", 10 << 20),
            ("1048576", 1 << 20),
            ("1.5g", 3 << 29),
            ("2MB", 2_000_000),
        ] {
            assert_eq!(parse_bytes(text).expect(text), bytes, "{text}");
        }
        for text in ["", "0", "x", "-1", "8 parsecs", "99999999999999999999"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1024, "1.00 KiB"),
            (8 << 20, "8.00 MiB"),
            (1_500 << 20, "1.46 GiB"),
            (15 << 30, "15.0 GiB"),
        ] {
            assert_eq!(show_bytes(bytes), text);
        }
    }
}
