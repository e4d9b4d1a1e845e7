//! Secrets that must not turn up: which bytes give one away, and the search for them.

use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Secrets in every form in which something may have written one down.
#[derive(Debug, Default)]
pub struct Canaries {
    /// What each pattern gives away.
    names: Vec<String>,
    patterns: Vec<Vec<u8>>,
}

impl Canaries {
    /// Looks for `secret` as well, raw, in base64, in hex, percent-encoded and as programs print
    /// bytes.
    pub fn add(&mut self, name: &str, secret: &[u8]) {
        assert!(secret.len() >= 16, "{name} is so short that it may turn up by chance");
        for (form, pattern) in forms(secret) {
            if !self.patterns.contains(&pattern) {
                self.names.push(format!("{name}, {form}"));
                self.patterns.push(pattern);
            }
        }
    }

    /// Looks for every key that is derived from an AccessKey secret to sign with it on `date`
    /// (`YYYYMMDD`), on both services.
    pub fn add_signing_keys(&mut self, name: &str, secret: &str, date: &str, region: &str) {
        for (prefix, service, end) in
            [("aliyun_v4", "oss", "aliyun_v4_request"), ("AWS4", "s3", "aws4_request")]
        {
            let mut key = format!("{prefix}{secret}").into_bytes();
            for step in [date, region, service, end] {
                key = hmac(&key, step.as_bytes());
                self.add(&format!("{name}, signing key {prefix} {step}"), &key);
            }
        }
    }

    /// What `bytes` give away.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let search = AhoCorasick::new(&self.patterns).expect("some patterns");
        let mut found: Vec<String> = search
            .find_overlapping_iter(bytes)
            .map(|found| self.names[found.pattern().as_usize()].clone())
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Every file below `folder`, but for what lies below `except`, that gives something away, with
    /// what it gives away; and how many files there are.
    pub fn found_below(&self, folder: &Path, except: &[&Path]) -> (Vec<String>, usize) {
        let mut files = Vec::new();
        collect(folder, except, &mut files);
        let found = files.iter().flat_map(|file| {
            let bytes = std::fs::read(file).expect("reads");
            let found = self.found_in(&bytes).into_iter();
            found.map(|what| format!("{}: {what}", file.display())).collect::<Vec<_>>()
        });
        (found.collect(), files.len())
    }
}

fn collect(folder: &Path, except: &[&Path], files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("reads") {
        let entry = entry.expect("reads");
        let (path, kind) = (entry.path(), entry.file_type().expect("has a type"));
        if except.contains(&path.as_path()) {
            continue;
        }
        if kind.is_dir() {
            collect(&path, except, files);
        } else if kind.is_file() {
            files.push(path);
        }
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The forms of a secret by their names.
fn forms(secret: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = |bytes: &[u8], between: &str, as_text: fn(u8) -> String| {
        bytes.iter().map(|byte| as_text(*byte)).collect::<Vec<_>>().join(between)
    };
    let escaped = |escape: fn(u8) -> String| {
        let one = |byte: &u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(*byte).to_string()
            }
            byte => escape(*byte),
        };
        secret.iter().map(one).collect::<String>()
    };
    let mut all = vec![
        ("raw".to_owned(), secret.to_vec()),
        ("UTF-16".to_owned(), secret.iter().flat_map(|byte| [*byte, 0]).collect()),
        ("hex".to_owned(), text(secret, "", |byte| format!("{byte:02x}")).into()),
        ("HEX".to_owned(), text(secret, "", |byte| format!("{byte:02X}")).into()),
        ("hex, spaced".to_owned(), text(secret, " ", |byte| format!("{byte:02x}")).into()),
        ("HEX, spaced".to_owned(), text(secret, " ", |byte| format!("{byte:02X}")).into()),
        ("list of bytes".to_owned(), text(secret, ", ", |byte| byte.to_string()).into()),
        ("list of bytes, dense".to_owned(), text(secret, ",", |byte| byte.to_string()).into()),
        ("URL-encoded".to_owned(), escaped(|byte| format!("%{byte:02X}")).into()),
        ("URL-encoded, lower".to_owned(), escaped(|byte| format!("%{byte:02x}")).into()),
        ("all URL-encoded".to_owned(), text(secret, "", |byte| format!("%{byte:02X}")).into()),
        ("escaped".to_owned(), secret.escape_ascii().to_string().into()),
        ("JSON, slashes escaped".to_owned(), {
            String::from_utf8_lossy(secret).replace('/', "\\/").into()
        }),
    ];
    for (name, engine) in [("base64", STANDARD_NO_PAD), ("base64, for URLs", URL_SAFE_NO_PAD)] {
        for before in 0..3usize {
            // In the middle of other bytes: what only the secret decides.
            let mut bytes = vec![0; before];
            bytes.extend(secret);
            let whole = engine.encode(&bytes);
            let first = (before * 8).div_ceil(6);
            let last = bytes.len() * 8 / 6;
            all.push((format!("{name}, {before} bytes on"), whole[first..last].into()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let secret = "q/7+Canary=under~observation/9";
        let mut canaries = Canaries::default();
        canaries.add("the secret", secret.as_bytes());
        let bytes = secret.as_bytes();
        let shown = [
            format!("x{secret}x"),
            STANDARD.encode(format!("id:{secret}:more")),
            STANDARD.encode(format!("i:{secret}")),
            URL_SAFE.encode(secret),
            format!("{bytes:?}"),
            format!("{:02x?}", bytes).replace([',', '[', ']'], ""),
            format!("{:02X?}", bytes).replace([',', '[', ']', ' '], ""),
            "?a=q%2F7%2BCanary%3Dunder~observation%2F9&b".to_owned(),
            "?a=q%2f7%2bCanary%3dunder~observation%2f9&b".to_owned(),
            serde_json::json!({ "a": secret }).to_string().replace('/', "\\/"),
        ];
        for text in shown {
            assert!(!canaries.found_in(text.as_bytes()).is_empty(), "{text}");
        }
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(!canaries.found_in(&wide).is_empty());
        let other = STANDARD.encode("q/7+Canary=under~observation/8");
        assert_eq!(canaries.found_in(other.as_bytes()), [""; 0]);
    }

    #[test]
    fn signing_keys_are_those_of_the_services() {
        // AWS's own example.
        let mut canaries = Canaries::default();
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        canaries.add_signing_keys("it", secret, "20120215", "us-east-1");
        let date = "969fbb94feb542b71ede6f87fe4d5fa29c789342b0f407474670f0c2489e0a0d";
        assert_eq!(canaries.found_in(date.as_bytes()), ["it, signing key AWS4 20120215, hex"]);
    }
}
