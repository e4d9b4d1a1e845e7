//! Links to what was uploaded: public or signed, written as the user wants them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ferry_journal::{Filter, StateGroup, TransferRow};
use ferry_model::{Addressing, Fault, FaultKind, Profile, ProfileId, Standing, TransferId};
use ferry_storage::endpoint::Address;
use ferry_storage::{ObjectStore, content_type};

use crate::app::{App, now_ms};
use crate::messages::{LinkFormat, LinkKind, Links, Problem, Target};
use crate::rows::filter_of;

/// Most links made at once: more than anybody can paste.
const MOST_LINKS: u64 = 10_000;

/// What is to be said of links that were made.
#[derive(Debug, Default)]
struct Made {
    /// When the first of them ends, milliseconds since 1970.
    ends_ms: Option<i64>,
    problem: Option<Problem>,
}

impl App {
    /// Makes links to the objects of verified transfers, one a line. Nothing is asked of the store:
    /// a public link works only where the object is public.
    ///
    /// # Errors
    /// More than 10,000 are wanted; a duration outside of a second to seven days; a pattern without
    /// any text; no key to sign with; a profile that is gone; the journal's.
    pub async fn make_links(
        &self,
        target: Target,
        kind: LinkKind,
        format: LinkFormat,
    ) -> Result<Links, Problem> {
        Ok(self.links(target, kind, &format).await?)
    }

    async fn links(
        &self,
        target: Target,
        kind: LinkKind,
        format: &LinkFormat,
    ) -> Result<Links, Fault> {
        if let LinkFormat::Pattern { pattern } = format
            && pattern.trim().is_empty()
        {
            return Err(Fault::new(FaultKind::InvalidInput)
                .with_subject("")
                .with_detail("the pattern is empty; as {name}: {url}"));
        }
        let (rows, mut left_out) = self.linkable(target).await?;
        let mut places: HashMap<(ProfileId, String), Option<Place>> = HashMap::new();
        let mut lines = Vec::with_capacity(rows.len());
        let mut made = Made::default();
        for row in &rows {
            let at = (row.profile, row.bucket.clone());
            if !places.contains_key(&at) {
                // A profile may be deleted once its transfers have ended: nothing says any more
                // where their objects are reached.
                let place = match self.stored_profile(row.profile.0).await? {
                    Some(profile) => {
                        Some(self.place(&profile, &row.bucket, kind, &mut made).await?)
                    }
                    None => None,
                };
                places.insert(at.clone(), place);
            }
            match &places[&at] {
                Some(place) => lines.push(written(format, row, &place.link(&row.key)?)),
                None => left_out = left_out.saturating_add(1),
            }
        }
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        Ok(Links {
            text: lines.join("\n"),
            count,
            left_out,
            ends_ms: made.ends_ms,
            problem: made.problem,
        })
    }

    /// How a profile's links are made, and in `made` when they end.
    async fn place(
        &self,
        profile: &Profile,
        bucket: &str,
        kind: LinkKind,
        made: &mut Made,
    ) -> Result<Place, Fault> {
        let seconds = match kind {
            LinkKind::Public => return Ok(Place::Public(public_address(profile, bucket)?)),
            LinkKind::Signed { seconds } => seconds,
        };
        let store = self.inner.engine.store(profile, bucket).await?;
        let wanted = now_ms() + i64::from(seconds) * 1_000;
        let ends = self
            .inner
            .engine
            .key_ends(profile.id)
            .map_or(wanted, |token_ends| token_ends.min(wanted));
        if ends <= now_ms() {
            // Its links would be dead before anybody could use them.
            return Err(Fault::new(FaultKind::TokenExpired).with_subject(profile.name.clone()));
        }
        if ends < wanted {
            made.problem = Some(
                Fault::new(FaultKind::TokenEndsBeforeLink)
                    .with_subject(profile.name.clone())
                    .into(),
            );
        }
        made.ends_ms = Some(made.ends_ms.map_or(ends, |earlier| earlier.min(ends)));
        Ok(Place::Signed(store, Duration::from_secs(seconds.into())))
    }

    /// The verified rows among those meant, and how many of the others there are.
    async fn linkable(&self, target: Target) -> Result<(Vec<TransferRow>, u32), Fault> {
        let journal = &self.inner.journal;
        match target {
            Target::Ids { ids } => {
                let ids: Vec<TransferId> = ids.into_iter().map(TransferId).collect();
                let rows = journal.transfers(&ids).await.map_err(|error| error.fault())?;
                let met = rows.len();
                let done: Vec<TransferRow> =
                    rows.into_iter().filter(|row| row.standing == Standing::Done).collect();
                bounded(done.len() as u64)?;
                let left_out = u32::try_from(met - done.len()).unwrap_or(u32::MAX);
                Ok((done, left_out))
            }
            Target::All => Ok((self.done_of(Filter::default()).await?, 0)),
            Target::Matching { list } => {
                let all = filter_of(&list);
                let met = journal.page(all.clone(), 0, 0).await.map_err(|error| error.fault())?;
                let lets_through =
                    all.state.is_none_or(|state| state.standings().contains(&Standing::Done));
                let done = if lets_through { self.done_of(all).await? } else { Vec::new() };
                let left_out = met.total.saturating_sub(done.len() as u64);
                Ok((done, u32::try_from(left_out).unwrap_or(u32::MAX)))
            }
            Target::Part { .. } => {
                let met = journal.standings(self.selection(target).await?).await;
                let met = met.map_err(|error| error.fault())?;
                let done = met.iter().filter(|(.., standing)| *standing == Standing::Done);
                let done: Vec<TransferId> = done.map(|(id, ..)| *id).collect();
                bounded(done.len() as u64)?;
                let left_out = u32::try_from(met.len() - done.len()).unwrap_or(u32::MAX);
                let rows = journal.transfers(&done).await.map_err(|error| error.fault())?;
                Ok((rows, left_out))
            }
        }
    }

    /// What is verified of the rows that a filter lets through, whatever states it names.
    async fn done_of(&self, filter: Filter) -> Result<Vec<TransferRow>, Fault> {
        let done = Filter { state: Some(StateGroup::Only(Standing::Done)), ..filter };
        let page = self.inner.journal.page(done, 0, MOST_LINKS).await;
        let page = page.map_err(|error| error.fault())?;
        bounded(page.total)?;
        Ok(page.rows)
    }
}

fn bounded(count: u64) -> Result<(), Fault> {
    if count <= MOST_LINKS {
        return Ok(());
    }
    let why = format!("{count} links; at most {MOST_LINKS} are made at once");
    Err(Fault::new(FaultKind::InvalidInput).with_subject("").with_detail(why))
}

/// What makes the links to one bucket.
enum Place {
    /// Needs no key: a public link can be made where the key is on another computer, or has ended.
    Public(Address),
    Signed(Arc<dyn ObjectStore>, Duration),
}

impl Place {
    fn link(&self, key: &str) -> Result<String, Fault> {
        match self {
            Self::Public(address) => Ok(address.url(Some(key), &[])),
            Self::Signed(store, duration) => store.presign_get(key, *duration),
        }
    }
}

fn public_address(profile: &Profile, bucket: &str) -> Result<Address, Fault> {
    // The domain is bound to the profile's bucket; a put may have gone to another one.
    if !profile.links.domain.is_empty() && bucket == profile.bucket {
        return Address::new(
            profile.provider,
            &profile.links.domain,
            Some(bucket),
            Addressing::Cname,
        );
    }
    Address::new(profile.provider, &profile.endpoint, Some(bucket), profile.addressing)
}

fn written(format: &LinkFormat, row: &TransferRow, url: &str) -> String {
    let image = content_type(&row.key).starts_with("image/");
    match format {
        LinkFormat::Url => url.to_owned(),
        LinkFormat::Markdown => {
            format!("{}[{}]({url})", if image { "!" } else { "" }, markdown_text(&row.name))
        }
        LinkFormat::Html if image => {
            format!("<img src=\"{}\" alt=\"{}\">", html_text(url), html_text(&row.name))
        }
        LinkFormat::Html => format!("<a href=\"{}\">{}</a>", html_text(url), html_text(&row.name)),
        LinkFormat::Pattern { pattern } => filled(pattern, row, url),
    }
}

/// Fills the pattern's fields in one pass, so that a name with a field in it stays a name.
fn filled(pattern: &str, row: &TransferRow, url: &str) -> String {
    let size = row.size.to_string();
    let fields = [
        ("{url}", url),
        ("{name}", &row.name),
        ("{key}", &row.key),
        ("{bucket}", &row.bucket),
        ("{size}", &size),
    ];
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        match fields.iter().find(|(field, _)| rest.starts_with(field)) {
            Some((field, value)) => {
                text.push_str(value);
                rest = &rest[field.len()..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text + rest
}

/// What Markdown would take for its own signs is escaped; a line break would end the link.
fn markdown_text(name: &str) -> String {
    name.chars()
        .flat_map(|c| match c {
            '\\' | '[' | ']' | '`' | '*' | '_' | '<' | '!' => vec!['\\', c],
            c if c.is_control() => vec![' '],
            c => vec![c],
        })
        .collect()
}

fn html_text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use ferry_journal::SourcePath;
    use ferry_model::{BatchId, ExistingPolicy, Integrity, Phase};

    use super::*;

    fn uploaded(name: &str) -> TransferRow {
        TransferRow {
            id: TransferId(1),
            batch: BatchId(1),
            profile: ProfileId(1),
            bucket: "photos".into(),
            key: format!("a/{name}"),
            source: SourcePath::from(std::path::PathBuf::from("/x")),
            name: name.into(),
            size: 7,
            identity: None,
            resolved: None,
            taken_anew: false,
            there: None,
            part_size: 1,
            existing: ExistingPolicy::Ask,
            integrity: Integrity::Standard,
            ferry_id: String::new(),
            phase: Phase::Settled,
            standing: Standing::Done,
            fault: None,
            crc64: None,
            etag: None,
            acked_bytes: 7,
            created_ms: 0,
            intent_ms: None,
            position: 1,
            receipt: ferry_journal::Receipt::default(),
        }
    }

    #[test]
    fn links_are_written_as_the_user_wants_them() {
        let pattern = |pattern: &str| LinkFormat::Pattern { pattern: pattern.into() };
        for (format, name, expected) in [
            (LinkFormat::Url, "a.txt", "https://u/?a=1&b"),
            (LinkFormat::Markdown, "a[1]_b.txt", r"[a\[1\]\_b.txt](https://u/?a=1&b)"),
            (LinkFormat::Markdown, "照片.PNG", "![照片.PNG](https://u/?a=1&b)"),
            (LinkFormat::Html, "<a>.txt", r#"<a href="https://u/?a=1&amp;b">&lt;a&gt;.txt</a>"#),
            (
                LinkFormat::Html,
                "\"q\".gif",
                r#"<img src="https://u/?a=1&amp;b" alt="&quot;q&quot;.gif">"#,
            ),
            (
                pattern("{name} {size} {bucket}/{key} <{url}> {x}{"),
                "{url}",
                "{url} 7 photos/a/{url} <https://u/?a=1&b> {x}{",
            ),
        ] {
            assert_eq!(
                written(&format, &uploaded(name), "https://u/?a=1&b"),
                expected,
                "{format:?}"
            );
        }
    }
}
