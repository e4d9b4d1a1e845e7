//! The settings of window and engine.

use ferry_engine::check_patterns;
use ferry_journal::Journal;
use ferry_model::concurrency::Parallel;
use ferry_model::{Fault, Patterns};

use crate::app::App;
use crate::form;
use crate::messages::{LinkPreference, NetworkForm, Problem, Settings};

/// The journal's setting that holds them, as JSON.
const NAME: &str = "settings";

fn defaults() -> Settings {
    Settings {
        language: "system".into(),
        theme: "system".into(),
        parallel: None,
        limit: 0,
        links: LinkPreference::default(),
        exclude: Patterns::default().exclude,
        network: NetworkForm::default(),
    }
}

/// Which files of added folders go.
pub(crate) fn patterns(settings: Settings) -> Patterns {
    Patterns { include: Vec::new(), exclude: settings.exclude }
}

/// What is stored; defaults where nothing is, or what is stored does not read.
pub(crate) async fn load(journal: &Journal) -> Result<Settings, Fault> {
    let stored = journal.setting(NAME).await.map_err(|error| error.fault())?;
    Ok(stored.and_then(|json| serde_json::from_str(&json).ok()).map_or_else(defaults, bounded))
}

fn bounded(settings: Settings) -> Settings {
    let one_of = |value: String, words: [&str; 3]| {
        if words.contains(&value.as_str()) { value } else { "system".into() }
    };
    Settings {
        language: one_of(settings.language, ["system", "en", "zh"]),
        theme: one_of(settings.theme, ["system", "light", "dark"]),
        parallel: Parallel::bounded(settings.parallel).fixed(),
        limit: settings.limit,
        links: settings.links,
        exclude: settings.exclude,
        network: settings.network,
    }
}

impl App {
    /// The settings as they are.
    ///
    /// # Errors
    /// The journal's.
    pub async fn settings(&self) -> Result<Settings, Fault> {
        load(&self.inner.journal).await
    }

    /// Stores the settings and applies them at once. Values out of bounds are brought within. A
    /// password for the settings' proxy that was left empty stays as it is.
    ///
    /// # Errors
    /// A pattern, a proxy or a CA file that cannot be used; the journal's; the keyring's.
    pub async fn set_settings(
        &self,
        settings: Settings,
        proxy_password: String,
    ) -> Result<(), Problem> {
        let settings = bounded(settings);
        check_patterns(&patterns(settings.clone()))?;
        let network = form::network::read(&settings.network);
        if let Some(first) = network.problems.into_iter().next() {
            return Err(first.problem);
        }
        let settings = Settings { network: network.form, ..settings };
        self.keep_proxy_password(&settings.network.clone().into(), &proxy_password).await?;
        let json = serde_json::to_string(&settings).expect("settings are plain data");
        self.inner.journal.set_setting(NAME, &json).await?;
        self.inner.engine.set_pace(Parallel::bounded(settings.parallel), settings.limit);
        self.inner.engine.set_network(settings.network.into());
        self.setup_changed();
        Ok(())
    }

    /// Sets the pace of this process only.
    pub fn set_pace(&self, parallel: Option<Parallel>, limit: Option<u64>, settings: &Settings) {
        let parallel = parallel.unwrap_or(Parallel::bounded(settings.parallel));
        self.inner.engine.set_pace(parallel, limit.unwrap_or(settings.limit));
    }
}
