//! The grammar of `ferry link`.

use clap::Args;
use ferry_app::messages::LinkFormat;
use ferry_app::model::TransferId;

use super::Data;

/// The longest life of a signed link, as the services have it: seven days.
const LONGEST: u32 = 7 * 24 * 3600;

#[derive(Debug, Args)]
pub(crate) struct LinkArguments {
    /// Numbers from `ferry queue`
    #[arg(required_unless_present = "all", value_name = "ID")]
    pub(crate) ids: Vec<TransferId>,
    /// All verified transfers
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    /// Plain addresses, which work only where the objects are public
    #[arg(long, conflicts_with = "expires")]
    pub(crate) public: bool,
    /// How long signed links work, as 30m, 12h, 7d or seconds; at most 7d
    #[arg(long, default_value = "1d", value_parser = seconds, value_name = "TIME")]
    pub(crate) expires: u32,
    /// url, markdown, html, or a pattern with {url}, {name}, {key}, {bucket}, {size}
    #[arg(long, default_value = "url", value_parser = format, value_name = "FORMAT")]
    pub(crate) format: LinkFormat,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

fn seconds(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        other => return Err(format!("“{other}” is none of s, m, h, d")),
    };
    let number: u32 =
        digits.parse().map_err(|_| format!("“{text}” is no time; as 30m, 12h, 7d or seconds"))?;
    let wanted = number.checked_mul(unit).filter(|seconds| (1..=LONGEST).contains(seconds));
    wanted.ok_or_else(|| format!("a link works for 1 second to 7 days, not for {text}"))
}

fn format(text: &str) -> Result<LinkFormat, String> {
    match text {
        "url" => Ok(LinkFormat::Url),
        "markdown" => Ok(LinkFormat::Markdown),
        "html" => Ok(LinkFormat::Html),
        // Without the address it would be no link; a mistyped word has none either.
        pattern if pattern.contains("{url}") => {
            Ok(LinkFormat::Pattern { pattern: pattern.to_owned() })
        }
        _ => Err("one of url, markdown, html, or a pattern with {url} in it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("30m", Some(1_800)),
            ("12h", Some(43_200)),
            ("7d", Some(604_800)),
            ("604800", Some(604_800)),
            ("1s", Some(1)),
            ("90", Some(90)),
        ] {
            assert_eq!(seconds(text).ok(), expected, "{text}");
        }
        for wrong in [
            "8d",
            "604801",
            "0",
            "0h",
            "-1",
            "1w",
            "h",
            "",
            "1.5h",
            "99999999999999999999d",
            "4294967295d",
            "1时",
        ] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn formats_are_words_or_patterns() {
        assert_eq!(format("html"), Ok(LinkFormat::Html));
        assert_eq!(
            format("{name} {url}"),
            Ok(LinkFormat::Pattern { pattern: "{name} {url}".into() })
        );
        assert!(format("markdwon").is_err() && format("").is_err());
    }
}
