//! Diagnostics as one file for support. What goes in is listed here field by field: nothing that
//! is a key, a secret or a token is among it.

use std::path::Path;

use ferry_model::doctor::advice;
use ferry_model::{Fault, FaultKind, Language, Profile};
use serde_json::{Value, json};

use super::RecentLog;
use crate::app::{App, now_ms};
use crate::checkup::Checkup;
use crate::receipt::moment;
use crate::settings;

impl App {
    /// Writes versions, settings, profiles, figures, the last lines of the log and what the doctor
    /// found into a file, as JSON.
    ///
    /// # Errors
    /// The journal's; that of a file that cannot be written.
    pub async fn write_diagnostics(&self, path: &Path) -> Result<(), Fault> {
        let text = serde_json::to_string_pretty(&self.diagnostics().await?)
            .map_err(|error| Fault::new(FaultKind::Internal).with_detail(error.to_string()))?;
        crate::files::write_whole(path, text.as_bytes()).await
    }

    async fn diagnostics(&self) -> Result<Value, Fault> {
        let journal = &self.inner.journal;
        let profiles = journal.profiles().await.map_err(|error| error.fault())?;
        let totals = journal.totals(None).await.map_err(|error| error.fault())?;
        Ok(json!({
            "written": moment(now_ms()),
            "ferry": {
                "version": env!("CARGO_PKG_VERSION"),
                "system": std::env::consts::OS,
                "architecture": std::env::consts::ARCH,
                "systemVersion": sysinfo::System::long_os_version().ok(),
                "kernel": sysinfo::System::kernel_version().ok(),
                "processors": std::thread::available_parallelism().map_or(0, usize::from),
                "sqlite": ferry_journal::sqlite_version(),
            },
            "settings": shown(&settings::load(journal).await?),
            "profiles": profiles.iter().map(profile).collect::<Vec<_>>(),
            "queue": totals,
            "unreadableRows": journal.unreadable_rows(),
            "journalTrouble": self.journal_trouble().map(|trouble| trouble.fault),
            "offline": self.offline().into_iter().map(|(endpoint, outage)| json!({
                "endpoint": endpoint,
                "fault": outage.fault,
            })).collect::<Vec<_>>(),
            "figures": self.figures(),
            "doctor": self.checkups().iter().map(checkup).collect::<Vec<_>>(),
            "log": RecentLog::lines(),
        }))
    }
}

/// The settings without what the user typed about proxies, links and hooks: it may hold a name or a
/// token.
fn shown(stored: &settings::Stored) -> Value {
    let mut value = serde_json::to_value(stored).unwrap_or_default();
    if let Some(settings) = value.as_object_mut() {
        settings.remove("links");
        settings.remove("hooks");
        let network = settings.remove("network").unwrap_or_default();
        settings.insert("proxy".to_owned(), network["proxy"].clone());
    }
    value
}

/// Where a profile leads, and how it uploads. Not whose key it has, and not the command or the
/// callback that it was given: they may hold a token.
fn profile(profile: &Profile) -> Value {
    json!({
        "id": profile.id,
        "kind": profile.kind,
        "provider": profile.provider,
        "endpoint": profile.endpoint,
        "region": profile.region,
        "bucket": profile.bucket,
        "addressing": profile.addressing,
        "sign": profile.sign,
        "integrity": profile.integrity,
        "existing": profile.existing,
        "plainHttp": profile.plain_http,
        "keysFrom": match &profile.keys {
            ferry_model::KeySource::Keyring => "keyring",
            ferry_model::KeySource::Environment => "environment",
            ferry_model::KeySource::Process { .. } => "command",
        },
        "connectSeconds": profile.limits.connect_seconds,
        "idleSeconds": profile.limits.idle_seconds,
        "connections": profile.limits.connections,
        "proxy": profile.network.proxy,
        "hasCaFile": !profile.network.ca_file.is_empty(),
        "hasCallback": profile.options.callback.is_some(),
    })
}

fn checkup(checkup: &Checkup) -> Value {
    let english = |text: &ferry_model::Text| text.in_language(Language::En);
    let addresses = checkup.addresses.iter().map(|address| {
        let findings = address.findings.iter().map(|finding| {
            json!({
                "step": finding.step,
                "outcome": finding.outcome,
                "sentence": english(&finding.sentence),
                "fault": finding.fault,
            })
        });
        json!({
            "kind": address.kind,
            "endpoint": address.endpoint,
            "isCurrent": address.is_current,
            "bytesPerSecond": address.speed,
            "findings": findings.collect::<Vec<_>>(),
        })
    });
    json!({
        "profile": checkup.profile,
        "at": moment(checkup.at_ms),
        "addresses": addresses.collect::<Vec<_>>(),
        "recommendation": checkup.recommendation,
        "advice": english(&advice(&checkup.recommendation)),
    })
}
