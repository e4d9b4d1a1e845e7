//! How long a command waits for an endpoint that is away.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct WaitArguments {
    /// How long it waits for a store that does not answer, as 90s, 15min, 2h; `forever`, or 0
    #[arg(long, value_name = "TIME", default_value = "15min")]
    pub(crate) wait: WaitLimit,
}

/// A longest wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitLimit {
    /// As long as it takes.
    Forever,
    /// This long.
    For(Duration),
}

impl WaitLimit {
    /// In seconds; `None` for ever.
    pub(crate) fn seconds(self) -> Option<u64> {
        match self {
            Self::Forever => None,
            Self::For(limit) => Some(limit.as_secs()),
        }
    }
}

impl FromStr for WaitLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "forever" => Ok(Self::Forever),
            "0" => Ok(Self::For(Duration::ZERO)),
            text => text
                .parse::<SignedDuration>()
                .ok()
                .and_then(|limit| Duration::try_from(limit).ok())
                .map(Self::For)
                .ok_or_else(|| format!("“{text}” is no time; as 90s, 15min, 2h, forever or 0")),
        }
    }
}

impl fmt::Display for WaitLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::For(limit) => match SignedDuration::try_from(*limit) {
                Ok(limit) => write!(f, "{limit:#}"),
                Err(_) => write!(f, "{} s", limit.as_secs()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("15min", Some(900)),
            ("15m", Some(900)),
            ("2h", Some(7_200)),
            ("1h 30min", Some(5_400)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("forever", None),
        ] {
            let read = text.parse::<WaitLimit>();
            assert_eq!(read.map(WaitLimit::seconds), Ok(seconds), "{text}");
        }
        for wrong in ["", "soon", "15", "-1s", "1s ago", "1mo", "99999999999999999999h"] {
            assert!(wrong.parse::<WaitLimit>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn waits_are_shown() {
        for text in ["15m", "90s", "2h", "forever"] {
            let read: WaitLimit = text.parse().expect("is a time");
            assert_eq!(read.to_string().parse(), Ok(read), "{text}");
        }
    }
}
