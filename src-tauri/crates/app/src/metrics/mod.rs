//! What a monitoring system reads: the queue as the journal has it, and how this run fares. Its
//! cost does not grow with what was uploaded: sums are kept, and of the rows only those that wait
//! are counted through by their index.

mod serve;
mod text;

use std::collections::BTreeSet;

use ferry_journal::Totals;
use ferry_model::{Fault, FaultKind};

pub use serve::MetricsServer;

use crate::app::{App, now_ms};
use crate::metrics::text::{Exposition, Kind, Label};

impl App {
    /// The metrics as Prometheus's text. What counts a run is 0 in a process that runs no
    /// transfers.
    ///
    /// # Errors
    /// The journal's.
    pub async fn metrics(&self) -> Result<String, Fault> {
        let mut text = Exposition::default();
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        text.family("ferry_build_info", Kind::Gauge, "The version that runs.").sample(&version, 1);
        self.tell_queue(&mut text).await?;
        self.tell_run(&mut text);
        self.tell_requests(&mut text);
        self.tell_profiles(&mut text).await?;
        Ok(text.into_text())
    }

    async fn tell_queue(&self, text: &mut Exposition) -> Result<(), Fault> {
        let journal = &self.inner.journal;
        let totals = journal.totals(None).await.map_err(|error| error.fault())?;
        let oldest = journal.oldest_active().await.map_err(|error| error.fault())?;
        let mut transfers = text.family(
            "ferry_transfers",
            Kind::Gauge,
            "Transfers on the list, by state. What is removed from it leaves.",
        );
        for (state, count) in by_state(&totals) {
            transfers.sample(&[("state", state)], count);
        }
        for (name, help, bytes) in [
            ("ferry_list_bytes", "Bytes of the files on the list.", totals.bytes),
            ("ferry_list_verified_bytes", "Bytes of those that are verified.", totals.done_bytes),
            (
                "ferry_queue_bytes",
                "Bytes to send yet, of what runs or waits for its turn.",
                totals.active_bytes.saturating_sub(totals.active_acked_bytes),
            ),
            ("ferry_queue_length", "Transfers that run or wait for their turn.", totals.active),
        ] {
            text.number(name, Kind::Gauge, help, bytes);
        }
        let age_ms = oldest.map_or(0, |queued_ms| now_ms().saturating_sub(queued_ms).max(0));
        text.number(
            "ferry_queue_oldest_age_seconds",
            Kind::Gauge,
            "Time since the oldest of them was queued; 0 for none.",
            age_ms as f64 / 1_000.0,
        );
        Ok(())
    }

    fn tell_run(&self, text: &mut Exposition) {
        let engine = &self.inner.engine;
        let (ended, totals, figures) = (engine.ended(), engine.run_totals(), engine.figures());
        for (name, help, count) in [
            ("ferry_uploaded_files_total", "Files sent and verified in this run.", ended.files),
            ("ferry_uploaded_bytes_total", "Bytes of those files.", ended.bytes),
            (
                "ferry_sent_bytes_total",
                "Bytes the network took in this run, repeats included.",
                totals.sent_bytes,
            ),
            (
                "ferry_resumed_bytes_total",
                "Bytes the store had from an earlier run, not sent again.",
                totals.resumed_bytes,
            ),
        ] {
            text.number(name, Kind::Counter, help, count);
        }
        let mut failures = text.family(
            "ferry_failures_total",
            Kind::Counter,
            "Times in this run that a transfer came to rest until a person decides, by kind.",
        );
        for (kind, count) in &ended.failures {
            failures.sample(&[("kind", word(*kind).as_str())], count);
        }
        let mut retries = text.family(
            "ferry_request_retries_total",
            Kind::Counter,
            "Requests tried again in this run, by what went wrong.",
        );
        for (kind, count) in &figures.retries {
            retries.sample(&[("kind", word(*kind).as_str())], count);
        }
        text.number(
            "ferry_throughput_bytes_per_second",
            Kind::Gauge,
            "Bytes the network took, a second, over the last ten.",
            figures.bytes_a_second,
        );
        text.number(
            "ferry_requests_in_flight",
            Kind::Gauge,
            "Requests under way.",
            figures.under_way,
        );
        text.number(
            "ferry_process_resident_memory_bytes",
            Kind::Gauge,
            "Memory of the process.",
            self.inner.process.measure().memory,
        );
    }

    fn tell_requests(&self, text: &mut Exposition) {
        let operations = self.inner.engine.request_times();
        let named: Vec<_> =
            operations.iter().map(|times| (format!("{:?}", times.operation), times)).collect();
        let mut durations = text.family(
            "ferry_request_duration_seconds",
            Kind::Histogram,
            "Answered requests of this run, from their begin to their answer.",
        );
        for (operation, times) in &named {
            durations.histogram(&[("operation", operation.as_str())], &times.answered);
        }
        let mut failed = text.family(
            "ferry_request_failures_total",
            Kind::Counter,
            "Requests of this run that failed or were refused, tried again or not.",
        );
        for (operation, times) in &named {
            failed.sample(&[("operation", operation.as_str())], times.failed);
        }
    }

    async fn tell_profiles(&self, text: &mut Exposition) -> Result<(), Fault> {
        let (journal, engine) = (&self.inner.journal, &self.inner.engine);
        let profiles = journal.profiles().await.map_err(|error| error.fault())?;
        let offline: BTreeSet<String> =
            engine.offline().into_iter().map(|(endpoint, _)| endpoint).collect();
        let holds = engine.holds();
        let mut states = text.family(
            "ferry_breaker_state",
            Kind::Gauge,
            "1 for the state of a profile: closed (it works), open (its endpoint does not \
             answer, its transfers wait) or held (a key or address is refused, a person has to act).",
        );
        for profile in &profiles {
            let now = if holds.contains_key(&profile.id) {
                "held"
            } else if offline.contains(&profile.endpoint) {
                "open"
            } else {
                "closed"
            };
            // The same name may stand for several.
            let id = profile.id.to_string();
            for state in ["closed", "open", "held"] {
                let labels: [Label<'_>; 3] =
                    [("profile", &profile.name), ("id", &id), ("state", state)];
                states.sample(&labels, u8::from(state == now));
            }
        }
        Ok(())
    }
}

/// A kind by the word that `--json` has for it.
fn word(kind: FaultKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(word)) => word,
        _ => format!("{kind:?}"),
    }
}

fn by_state(totals: &Totals) -> [(&'static str, u64); 9] {
    [
        ("active", totals.active),
        ("paused", totals.paused),
        ("failed", totals.failed),
        ("conflict", totals.conflict),
        ("source_changed", totals.source_changed),
        ("until_quiet", totals.until_quiet),
        ("done", totals.done),
        ("skipped", totals.skipped),
        ("cancelled", totals.cancelled),
    ]
}
