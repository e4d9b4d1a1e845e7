//! A new watch from the window's form. Its folders are those that the user picked in the native
//! dialog: the page sends how they were shown, which only says which of them it means.

use std::path::PathBuf;

use ferry_engine::check_patterns;
use ferry_model::{
    Afterwards, Completion, Depth, Fault, FaultKind, GrowingFiles, Patterns, Profile, Timetable,
    WatchSettings, key,
};

use crate::app::App;
use crate::messages::{
    DepthChoice, FieldProblem, GrowingChoice, Problem, ThenChoice, WatchFolder, WatchForm,
};
use crate::picked_folders::PickedFolders;
use crate::publisher::lock;

/// The longest that a file may have to stay as it is: a day, in seconds.
const MOST_QUIET: u32 = 86_400;

impl App {
    /// Keeps a folder that was picked for a new watch; returns how it is shown.
    pub fn keep_picked(&self, which: WatchFolder, path: PathBuf) -> String {
        lock(&self.inner.picked).keep(which, path)
    }

    /// The picked folder that the page shows so.
    fn picked(&self, which: WatchFolder, shown: &str) -> Result<PathBuf, Fault> {
        lock(&self.inner.picked).shown_as(which, shown).ok_or_else(|| {
            Fault::new(FaultKind::InvalidInput).with_detail("no folder was picked for it")
        })
    }

    /// Begins to watch a folder. What is wrong with the form is returned, by field; nothing is
    /// begun then.
    ///
    /// # Errors
    /// There is no such profile; the journal's.
    pub async fn add_watch_by_form(&self, form: WatchForm) -> Result<Vec<FieldProblem>, Problem> {
        let profile = self.stored_profile(form.profile).await?;
        let profile = profile.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
        let mut problems = Problems::default();
        let settings = self.read_watch_form(&form, &profile, &mut problems);
        let folder = problems.unless("folder", self.picked(WatchFolder::Watched, &form.folder));
        let (Some(folder), Some(settings), true) = (folder, settings, problems.0.is_empty()) else {
            return Ok(problems.0);
        };
        match self.add_watch(&profile, &folder, settings).await {
            Ok(_) => *lock(&self.inner.picked) = PickedFolders::default(),
            Err(fault) => match field_of(&fault) {
                Some(field) => problems.add(field, fault),
                None => return Err(fault.into()),
            },
        }
        Ok(problems.0)
    }

    fn read_watch_form(
        &self,
        form: &WatchForm,
        profile: &Profile,
        problems: &mut Problems,
    ) -> Option<WatchSettings> {
        let prefix = key::check(profile.provider, &key::join(&form.prefix, &["x"]));
        problems.unless("prefix", prefix);
        let quiet = form.quiet.trim().parse().ok().filter(|quiet| *quiet <= MOST_QUIET);
        let quiet = quiet.ok_or_else(|| Fault::new(FaultKind::InvalidInput));
        let quiet_seconds = problems.unless("quiet", quiet);
        let patterns = Patterns { include: list(&form.include), exclude: list(&form.exclude) };
        for (field, include, exclude) in
            [("include", &patterns.include, &vec![]), ("exclude", &vec![], &patterns.exclude)]
        {
            let part = Patterns { include: include.clone(), exclude: exclude.clone() };
            problems.unless(field, check_patterns(&part));
        }
        let hours = problems.unless("hours", form.hours.parse::<Timetable>());
        let afterwards = match form.then {
            ThenChoice::Keep => Some(Afterwards::Keep),
            ThenChoice::Delete => Some(Afterwards::Delete),
            ThenChoice::Move => problems
                .unless("moveTo", self.picked(WatchFolder::Archive, &form.move_to))
                .map(|folder| Afterwards::Move { folder }),
        };
        let completion = match form.marker.trim() {
            "" => Completion::Quiet,
            ending => Completion::Marker { ending: ending.to_owned() },
        };
        Some(WatchSettings {
            prefix: form.prefix.clone(),
            naming: profile.naming.clone(),
            depth: match form.depth {
                DepthChoice::Subfolders => Depth::Subfolders,
                DepthChoice::FolderOnly => Depth::FolderOnly,
            },
            growing: match form.growing {
                GrowingChoice::Wait => GrowingFiles::Wait,
                GrowingChoice::Send => GrowingFiles::Send,
            },
            patterns,
            quiet_seconds: quiet_seconds?,
            afterwards: afterwards?,
            hours: hours?,
            completion,
            ..WatchSettings::default()
        })
    }
}

/// What is wrong, by field.
#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: &str, fault: Fault) {
        self.0.push(FieldProblem { field: field.to_owned(), problem: fault.into() });
    }

    /// What was read of a field, unless something is wrong with it.
    fn unless<T>(&mut self, field: &str, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.add(field, fault)).ok()
    }
}

/// The field that a refused watch is about.
fn field_of(fault: &Fault) -> Option<&'static str> {
    if fault.kind == FaultKind::FolderMissing {
        return Some("folder");
    }
    let subject = fault.subject.as_deref().filter(|_| fault.kind == FaultKind::InvalidInput)?;
    ["folder", "moveTo", "marker", "growing"].into_iter().find(|field| *field == subject)
}

/// What is separated by commas.
fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|each| !each.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::start::OpenOptions;

    fn shown(path: &std::path::Path) -> String {
        path.display().to_string()
    }

    /// The fields of a form that are wrong.
    async fn wrong(app: &App, form: WatchForm) -> Vec<String> {
        let problems = app.add_watch_by_form(form).await.expect("is read");
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_a_picked_folder_is_watched_and_problems_stand_beside_their_fields() {
        let home = tempfile::tempdir().expect("a folder");
        let app = App::open(OpenOptions::in_memory(home.path().join("data"))).await.expect("opens");
        let profile = app.default_profile().await.expect("reads").expect("is there").id.0;
        let watched = home.path().join("in");
        std::fs::create_dir(&watched).expect("a folder");
        let folder = shown(&watched);
        let form = WatchForm {
            folder: folder.clone(),
            profile,
            quiet: "10".into(),
            ..WatchForm::default()
        };
        assert_eq!(wrong(&app, form.clone()).await, ["folder"], "a path alone is not enough");
        assert_eq!(app.keep_picked(WatchFolder::Watched, watched.clone()), folder);
        let elsewhere = WatchForm { folder: shown(home.path()), ..form.clone() };
        assert_eq!(wrong(&app, elsewhere).await, ["folder"], "another than the picked one");
        app.keep_picked(WatchFolder::Archive, watched.join("sent"));
        let move_to = shown(&watched.join("sent"));
        let with = |change: fn(&mut WatchForm)| {
            let mut form = form.clone();
            change(&mut form);
            form
        };
        let table = [
            (with(|form| form.quiet = "soon".into()), "quiet"),
            (with(|form| form.quiet = "86401".into()), "quiet"),
            (with(|form| form.include = "[".into()), "include"),
            (with(|form| form.exclude = "*.log, [".into()), "exclude"),
            (with(|form| form.hours = "at night".into()), "hours"),
            (with(|form| form.marker = "done".into()), "marker"),
            (with(|form| form.prefix = "../".into()), "prefix"),
            (with(|form| form.then = ThenChoice::Move), "moveTo"),
            (WatchForm { then: ThenChoice::Move, move_to, ..form.clone() }, "moveTo"),
        ];
        for (form, field) in table {
            assert_eq!(wrong(&app, form.clone()).await, [field], "{form:?}");
        }
        assert!(app.watches().await.expect("reads").is_empty());
        assert!(wrong(&app, form.clone()).await.is_empty());
        let watches = app.watches().await.expect("reads");
        assert_eq!((watches.len(), watches[0].quiet_seconds), (1, 10));
        assert_eq!(wrong(&app, form).await, ["folder"], "what was picked is used once");
        app.shutdown().await;
    }
}
