//! What is called when a transfer or a batch ends: a command without a shell, or an HTTP POST.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What a hook waits for.
    HookEvent {
        /// A file was uploaded and verified.
        Verified = "verified",
        /// A transfer failed, or waits for a decision.
        Failed = "failed",
        /// Nothing of a command's transfers runs any more.
        Batch = "batch",
    }
}

/// What is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookTarget {
    /// A command line: a program and its arguments, split at blanks and quotes, with no shell.
    Command(String),
    /// An address that is posted to.
    Url(String),
}

/// What is called, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// When.
    pub event: HookEvent,
    /// What.
    pub target: HookTarget,
}

impl std::str::FromStr for Hook {
    type Err = String;

    /// `EVENT=URL` or `EVENT=COMMAND ARGUMENT…`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (event, target) = text.split_once('=').ok_or("it is EVENT=URL or EVENT=COMMAND")?;
        let target = target.parse().map_err(|_| "a URL or a command is missing after =")?;
        Ok(Self { event: event.parse()?, target })
    }
}

impl std::str::FromStr for HookTarget {
    type Err = String;

    /// An address with its scheme, or a command line.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_url = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        match text {
            "" => Err("a URL or a command is missing".to_owned()),
            url if is_url => Ok(Self::Url(url.to_owned())),
            line => Ok(Self::Command(line.to_owned())),
        }
    }
}

/// Tries of one call, the first included.
pub const HOOK_TRIES: u32 = 4;
/// How long one try may take.
pub const HOOK_TIME: Duration = Duration::from_secs(30);
/// Calls side by side.
pub const HOOKS_AT_ONCE: usize = 4;
/// Calls that wait for their turn; more are left out, and counted.
pub const MOST_HOOKS: usize = 10_000;
/// How long a command waits in the end for calls that are not done.
pub const HOOKS_END: Duration = Duration::from_secs(60);

/// The wait after the `tries`-th try that failed; `None` to give up.
pub fn hook_wait(tries: u32) -> Option<Duration> {
    (tries < HOOK_TRIES).then(|| Duration::from_secs(1) * 3u32.pow(tries.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_are_read() {
        let command = |line: &str| HookTarget::Command(line.to_owned());
        let url = |text: &str| HookTarget::Url(text.to_owned());
        for (text, event, target) in [
            ("verified=/bin/notify a 'b c'", HookEvent::Verified, command("/bin/notify a 'b c'")),
            ("failed=https://a.example/?x=1", HookEvent::Failed, url("https://a.example/?x=1")),
            ("batch= http://127.0.0.1:80/", HookEvent::Batch, url("http://127.0.0.1:80/")),
            ("batch=httpx y", HookEvent::Batch, command("httpx y")),
        ] {
            assert_eq!(text.parse(), Ok(Hook { event, target }), "{text}");
        }
        for wrong in ["verified", "verified=", "done=/bin/x", "=/bin/x"] {
            assert!(wrong.parse::<Hook>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn tries_are_bounded_and_waits_grow() {
        let waits: Vec<_> = (1..=HOOK_TRIES).map_while(hook_wait).collect();
        assert_eq!(waits, [1, 3, 9].map(Duration::from_secs));
        assert_eq!(hook_wait(HOOK_TRIES), None);
    }
}
