//! What the command line asks of the store.

use std::time::Duration;

/// How the store behaves.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    /// The only bucket. A host that begins with it names it; otherwise the path does.
    pub(crate) bucket: String,
    /// Waited before each answer.
    pub(crate) latency: Duration,
    /// Most bytes a second of one connection's bodies.
    pub(crate) connection_rate: Option<u64>,
    /// Most bytes a second of all bodies.
    pub(crate) total_rate: Option<u64>,
    /// Of requests that carry an object's bytes, the share that is answered with 503.
    pub(crate) unavailable: f64,
    /// Of requests that carry an object's bytes, the share whose connection breaks.
    pub(crate) resets: f64,
    /// Decides which requests these are.
    pub(crate) seed: u64,
    /// Bodies up to this many bytes have their MD5 as ETag.
    pub(crate) md5_up_to: u64,
    /// Speaks TLS, and writes the certificate there as PEM.
    pub(crate) tls: Option<std::path::PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bucket: "bench".into(),
            latency: Duration::ZERO,
            connection_rate: None,
            total_rate: None,
            unavailable: 0.0,
            resets: 0.0,
            seed: 1,
            // MD5 runs at a tenth of the speed of CRC-64: over large bodies it would be the
            // measurement.
            md5_up_to: 64 * 1024,
            tls: None,
        }
    }
}

/// What there is to ask for.
pub(crate) const USAGE: &str = "\
bench-sink [--bucket NAME] [--latency-ms N] [--connection-rate BYTES/S] [--total-rate BYTES/S]
           [--unavailable SHARE] [--resets SHARE] [--seed N] [--md5-up-to BYTES] [--tls CERT.pem]
Prints `listening URL`. A line on standard input is answered with a line of counts: `counts` for
those since the last `mark`, which sets them to nought. Ends when standard input ends.";

impl Options {
    /// # Errors
    /// Where an option is unknown, or its value is missing or not of its kind.
    pub(crate) fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            options.set(&name, &value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "--bucket" => self.bucket = value.into(),
            "--latency-ms" => self.latency = Duration::from_millis(number(name, value)?),
            "--connection-rate" => self.connection_rate = Some(number(name, value)?),
            "--total-rate" => self.total_rate = Some(number(name, value)?),
            "--unavailable" => self.unavailable = number(name, value)?,
            "--resets" => self.resets = number(name, value)?,
            "--seed" => self.seed = number(name, value)?,
            "--md5-up-to" => self.md5_up_to = number(name, value)?,
            "--tls" => self.tls = Some(value.into()),
            _ => return Err(format!("{name} is unknown")),
        }
        Ok(())
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} {value}: not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Options, String> {
        Options::read(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let options = read("--latency-ms 50 --unavailable 0.01 --seed 7").expect("known options");
        assert_eq!(options.latency, Duration::from_millis(50));
        assert_eq!((options.unavailable, options.seed), (0.01, 7));
        assert!(read("--latency-ms soon").is_err());
        assert!(read("--latency 50").is_err());
        assert!(read("--seed").is_err());
    }
}
