//! The settings of window and engine.

use std::ops::RangeInclusive;

use ferry_engine::check_patterns;
use ferry_journal::Journal;
use ferry_model::concurrency::{MOST_PARALLEL, Parallel};
use ferry_model::hook::Hook;
use ferry_model::plan::{AUTOMATIC, MAX_PART_SIZE, MIB};
use ferry_model::schedule::LimitSchedule;
use ferry_model::standby::RunRules;
use ferry_model::{
    ConnectionLimits, ExistingPolicy, Fault, FaultKind, Integrity, Language, OnClose, Patterns,
    Timeouts,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::app::App;
use crate::hooks::check_hooks;
use crate::messages::{
    AuditForm, Density, DesktopSettings, HookForm, LinkPreference, LogLevel, NetworkForm, Problem,
    Settings, Theme,
};
use crate::{audit, form};

/// The journal's setting that holds them, as JSON.
const NAME: &str = "settings";

/// The settings as they are stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    language: String,
    /// A word of another version means the system's.
    #[serde(default, deserialize_with = "or_default")]
    theme: Theme,
    #[serde(default)]
    density: Density,
    pub(crate) parallel: Option<u32>,
    /// Mebibytes.
    #[serde(default)]
    part_size: Option<u32>,
    #[serde(default)]
    pub(crate) history_days: Option<u32>,
    #[serde(default)]
    log: LogLevel,
    #[serde(deserialize_with = "limit")]
    pub(crate) limit: LimitSchedule,
    #[serde(default)]
    pub(crate) run: RunRules,
    #[serde(default)]
    links: LinkPreference,
    #[serde(default = "default_exclude")]
    exclude: Vec<String>,
    #[serde(default)]
    pub(crate) network: NetworkForm,
    #[serde(default)]
    desktop: DesktopSettings,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) integrity: Integrity,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) existing: ExistingPolicy,
    #[serde(default)]
    connect_seconds: Option<u32>,
    #[serde(default)]
    idle_seconds: Option<u32>,
    #[serde(default, deserialize_with = "or_default")]
    audit: AuditForm,
    #[serde(default, deserialize_with = "or_default")]
    hooks: Vec<HookForm>,
    /// Whether newer versions are looked for.
    #[serde(default)]
    pub(crate) updates: bool,
}

/// A schedule; earlier versions stored bytes a second, and 0 for no limit.
fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LimitSchedule, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Rate(u64),
        Schedule(LimitSchedule),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Rate(rate) => LimitSchedule::all_day(rate),
        Written::Schedule(schedule) => schedule,
    })
}

/// A choice, or the default one where what is written is none: another version's.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + serde::de::DeserializeOwned,
{
    let written = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(written).unwrap_or_default())
}

/// What is left out of folders where nothing else is set.
fn default_exclude() -> Vec<String> {
    Patterns::default().exclude
}

impl Default for Stored {
    fn default() -> Self {
        Self {
            language: "system".into(),
            theme: Theme::default(),
            density: Density::default(),
            parallel: None,
            part_size: None,
            history_days: None,
            log: LogLevel::default(),
            limit: LimitSchedule::default(),
            run: RunRules::default(),
            links: LinkPreference::default(),
            exclude: default_exclude(),
            network: NetworkForm::default(),
            desktop: DesktopSettings::default(),
            integrity: Integrity::default(),
            existing: ExistingPolicy::default(),
            connect_seconds: None,
            idle_seconds: None,
            audit: AuditForm::default(),
            hooks: Vec::new(),
            updates: false,
        }
    }
}

impl Stored {
    fn bounded(self) -> Self {
        let has_language = Language::from_code(&self.language).is_some();
        Self {
            language: if has_language { self.language } else { "system".into() },
            parallel: Parallel::bounded(self.parallel).fixed(),
            ..self
        }
    }

    /// The same without a limit of speed or requests.
    pub(crate) fn at_full_speed(self) -> Self {
        Self { parallel: None, limit: LimitSchedule::default(), ..self }
    }

    /// Bytes of a part for what is added from now on.
    pub(crate) fn part_size(&self) -> u64 {
        self.part_size.map_or(AUTOMATIC, |mebibytes| u64::from(mebibytes) * MIB)
    }

    /// How long is waited for stores whose profiles do not say it.
    pub(crate) fn timeouts(&self) -> Timeouts {
        let own = Timeouts::default();
        Timeouts {
            connect_seconds: self.connect_seconds.unwrap_or(own.connect_seconds),
            idle_seconds: self.idle_seconds.unwrap_or(own.idle_seconds),
        }
    }

    /// The file of the audit log, as it is typed; `None` while there is none.
    pub(crate) fn audit_file(&self) -> Option<String> {
        self.audit.on.then(|| self.audit.file.clone())
    }

    /// What is called when something ends.
    pub(crate) fn hooks(&self) -> Vec<Hook> {
        let read =
            |form: &HookForm| Some(Hook { event: form.event, target: form.target.parse().ok()? });
        self.hooks.iter().filter_map(read).collect()
    }

    /// Which files of added folders go.
    pub(crate) fn patterns(&self) -> Patterns {
        Patterns { include: Vec::new(), exclude: self.exclude.clone() }
    }
}

impl From<Stored> for Settings {
    fn from(stored: Stored) -> Self {
        Self {
            language: stored.language,
            theme: stored.theme,
            density: stored.density,
            parallel: stored.parallel,
            part_size: stored.part_size,
            history_days: stored.history_days,
            log: stored.log,
            limit: (&stored.limit).into(),
            hours: match stored.run.hours.is_always() {
                true => String::new(),
                false => stored.run.hours.to_string(),
            },
            on_metered: stored.run.metered,
            interface: stored.run.interface.unwrap_or_default(),
            links: stored.links,
            exclude: stored.exclude,
            network: stored.network,
            desktop: stored.desktop,
            integrity: stored.integrity,
            existing: stored.existing,
            connect_seconds: stored.connect_seconds,
            idle_seconds: stored.idle_seconds,
            audit: stored.audit,
            hooks: stored.hooks,
            updates: None,
        }
    }
}

/// Mebibytes that a part may have.
const PART_SIZES: RangeInclusive<u32> = 1..=(MAX_PART_SIZE / MIB) as u32;
/// Days that what has ended may be kept.
const HISTORY_DAYS: RangeInclusive<u32> = 1..=36_500;

/// Says of a number that is out of bounds which ones are not.
fn check_numbers(stored: &Stored) -> Result<(), Fault> {
    for (name, number, bounds) in [
        ("parallel requests", stored.parallel, 1..=MOST_PARALLEL),
        ("MiB of a part", stored.part_size, PART_SIZES),
        ("days of history", stored.history_days, HISTORY_DAYS),
        ("seconds to connect", stored.connect_seconds, ConnectionLimits::SECONDS),
        ("seconds without progress", stored.idle_seconds, ConnectionLimits::SECONDS),
    ] {
        if let Some(number) = number.filter(|number| !bounds.contains(number)) {
            let why =
                format!("{number} {name}; {} to {} are possible", bounds.start(), bounds.end());
            return Err(Fault::new(FaultKind::InvalidInput).with_detail(why));
        }
    }
    Ok(())
}

/// What is stored; defaults where nothing is, or what is stored does not read.
pub(crate) async fn load(journal: &Journal) -> Result<Stored, Fault> {
    let stored = journal.setting(NAME).await.map_err(|error| error.fault())?;
    let stored = stored.and_then(|json| serde_json::from_str(&json).ok());
    Ok(stored.map_or_else(Stored::default, Stored::bounded))
}

impl App {
    /// The settings as they are.
    ///
    /// # Errors
    /// The journal's.
    pub async fn settings(&self) -> Result<Settings, Fault> {
        let stored = load(&self.inner.journal).await?;
        let updates = self.inner.updates.setting(stored.updates);
        let mut settings = Settings { updates, ..stored.into() };
        settings.audit.forced = audit::forced(self).map(|path| path.display().to_string());
        Ok(settings)
    }

    /// Stores the settings and applies them at once. A password for the settings' proxy that was
    /// left empty stays as it is.
    ///
    /// # Errors
    /// A number out of bounds; a speed limit, a pattern, a proxy or a CA file that cannot be used;
    /// the journal's; the keyring's.
    pub async fn set_settings(
        &self,
        settings: Settings,
        proxy_password: String,
    ) -> Result<(), Problem> {
        let network = form::network::read(&settings.network);
        let stored = Stored {
            limit: form::limit::schedule(&settings.limit)?,
            run: RunRules {
                hours: settings.hours.parse()?,
                metered: settings.on_metered,
                interface: Some(settings.interface).filter(|name| !name.is_empty()),
            },
            language: settings.language,
            theme: settings.theme,
            density: settings.density,
            parallel: settings.parallel,
            part_size: settings.part_size,
            history_days: settings.history_days,
            log: settings.log,
            links: settings.links,
            exclude: settings.exclude,
            network: network.form,
            desktop: settings.desktop,
            integrity: settings.integrity,
            existing: settings.existing,
            connect_seconds: settings.connect_seconds,
            idle_seconds: settings.idle_seconds,
            audit: AuditForm {
                on: settings.audit.on,
                file: settings.audit.file.trim().to_owned(),
                forced: None,
            },
            // A row in which nothing is typed is none.
            hooks: settings.hooks.into_iter().filter(|it| !it.target.trim().is_empty()).collect(),
            updates: settings.updates.unwrap_or_default(),
        };
        check_numbers(&stored)?;
        let stored = stored.bounded();
        check_patterns(&stored.patterns())?;
        if let Some(first) = network.problems.into_iter().next() {
            return Err(first.problem);
        }
        check_hooks(&stored.hooks())?;
        let audit_file = stored.audit_file().map(|name| audit::file_of(self, &name));
        if let Some(file) = &audit_file {
            audit::check(file).await?;
        }
        self.keep_proxy_password(&stored.network.clone().into(), &proxy_password).await?;
        let json = serde_json::to_string(&stored).expect("settings are plain data");
        let before = load(&self.inner.journal).await?;
        self.inner.journal.set_setting(NAME, &json).await?;
        let (timeouts, hooks) = (stored.timeouts(), stored.hooks());
        self.inner.engine.set_parallel(Parallel::bounded(stored.parallel));
        self.set_limit(stored.limit);
        self.set_run_rules(stored.run);
        self.inner.engine.set_network(stored.network.into(), timeouts);
        if stored.integrity != before.integrity {
            self.renew_all_watches().await?;
        }
        if audit_file.is_some() && before.audit_file().is_none() {
            audit::begin_anew(self).await?;
        }
        audit::follow_choice(self, audit_file);
        self.follow_hooks(hooks)?;
        self.inner.updates.follow(stored.updates);
        self.inner.history_changed.notify_one();
        self.setup_changed();
        Ok(())
    }

    /// Keeps what closing the window does from now on.
    ///
    /// # Errors
    /// The journal's.
    pub async fn set_on_close(&self, on_close: OnClose) -> Result<(), Problem> {
        let mut settings = self.settings().await?;
        settings.desktop.on_close = on_close;
        self.set_settings(settings, String::new()).await
    }

    /// Sets the pace of this process only; `None` for what the settings say.
    pub fn set_pace_of_this_run(&self, parallel: Option<Parallel>, limit: Option<LimitSchedule>) {
        if let Some(parallel) = parallel {
            self.inner.engine.set_parallel(parallel);
        }
        if let Some(limit) = limit {
            self.set_limit_of_this_run(limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::LimitForm;

    #[test]
    fn a_number_out_of_bounds_is_refused_with_the_bounds() {
        let with = |change: fn(&mut Stored)| {
            let mut stored = Stored::default();
            change(&mut stored);
            check_numbers(&stored).err().map(|fault| fault.to_string())
        };
        assert_eq!(with(|_| {}), None);
        assert_eq!(with(|stored| stored.part_size = Some(5120)), None);
        for (detail, bounds) in [
            (with(|stored| stored.parallel = Some(0)), "0 parallel requests; 1 to "),
            (with(|stored| stored.parallel = Some(1_000_000)), "1000000 parallel requests; 1 to "),
            (with(|stored| stored.part_size = Some(5121)), "5121 MiB of a part; 1 to 5120 "),
            (with(|stored| stored.history_days = Some(0)), "0 days of history; 1 to 36500 "),
            (
                with(|stored| stored.idle_seconds = Some(0)),
                "0 seconds without progress; 1 to 3600 ",
            ),
        ] {
            let detail = detail.expect("is refused");
            assert!(detail.contains(bounds), "{detail}");
        }
    }

    #[test]
    fn settings_of_an_earlier_version_are_read_with_their_limit() {
        let read = |limit: &str| {
            let json =
                format!(r#"{{"language":"zh","theme":"dark","parallel":4,"limit":{limit}}}"#);
            serde_json::from_str::<Stored>(&json).expect("reads")
        };
        for (stored, text) in [
            ("0", "off"),
            ("1572864", "1572864/s"),
            (r#""08:00-19:00=2097152/s,off""#, "08:00-19:00=2097152/s,off"),
        ] {
            let settings = read(stored);
            assert_eq!(settings.limit.to_string(), text);
            assert_eq!((settings.language.as_str(), settings.parallel), ("zh", Some(4)));
            let again = serde_json::to_string(&settings).expect("is plain data");
            assert_eq!(serde_json::from_str::<Stored>(&again).expect("reads"), settings);
            assert!(again.contains(&format!(r#""limit":"{text}""#)), "{again}");
        }
        assert_eq!(LimitForm::from(&read("1572864").limit).otherwise, "1.5");
    }

    #[test]
    fn a_theme_of_another_version_is_the_systems_and_leaves_the_rest() {
        for (written, theme) in [
            (r#""dark""#, Theme::Dark),
            (r#""system""#, Theme::System),
            (r#""sepia""#, Theme::System),
            ("7", Theme::System),
        ] {
            let json =
                format!(r#"{{"language":"zh","theme":{written},"parallel":4,"limit":"off"}}"#);
            let read = serde_json::from_str::<Stored>(&json).expect("reads");
            assert_eq!((read.theme, read.parallel), (theme, Some(4)), "{written}");
        }
    }
}
