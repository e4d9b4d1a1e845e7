//! A watch from the window's form, new or changed. Its folders are those that the user picked in the
//! native dialog, or that it has: the page sends how they were shown, which only says which of them
//! it means.

use std::path::{Path, PathBuf};

use ferry_engine::check_patterns;
use ferry_model::{
    Afterwards, Completion, Depth, Fault, FaultKind, GrowingFiles, Patterns, Timetable, Watch,
    WatchId, WatchSettings, key,
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
    /// Keeps a folder that was picked for a watch; returns how it is shown.
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
        let prefix = key::check(profile.provider, &key::join(&form.prefix, &["x"]));
        problems.unless("prefix", prefix);
        let base = WatchSettings {
            prefix: form.prefix.clone(),
            naming: profile.naming.clone(),
            ..WatchSettings::default()
        };
        let settings = self.read_watch_form(&form, base, &mut problems);
        let folder = problems.unless("folder", self.picked(WatchFolder::Watched, &form.folder));
        let (Some(folder), Some(settings), true) = (folder, settings, problems.0.is_empty()) else {
            return Ok(problems.0);
        };
        let added = self.add_watch(&profile, &folder, settings).await;
        Ok(problems.with_refusal(added.map(|_| self.forget_picked()))?)
    }

    /// A watch as the form shows it, to be changed.
    ///
    /// # Errors
    /// There is no such watch; the journal's.
    pub async fn read_watch(&self, id: WatchId) -> Result<WatchForm, Problem> {
        Ok(typed(&self.stored_watch(id).await?))
    }

    /// Gives a watch what the form says; its folder and its destination stay. What is wrong with the
    /// form is returned, by field; nothing is changed then.
    ///
    /// # Errors
    /// There is no such watch; the journal's.
    pub async fn change_watch_by_form(
        &self,
        id: WatchId,
        form: WatchForm,
    ) -> Result<Vec<FieldProblem>, Problem> {
        let mut problems = Problems::default();
        let stored = self.stored_watch(id).await?.settings;
        let settings = self.read_watch_form(&form, stored, &mut problems);
        let (Some(settings), true) = (settings, problems.0.is_empty()) else {
            return Ok(problems.0);
        };
        let changed = self.change_watch(id, settings).await;
        Ok(problems.with_refusal(changed.map(|()| self.forget_picked()))?)
    }

    fn forget_picked(&self) {
        *lock(&self.inner.picked) = PickedFolders::default();
    }

    /// The settings with what the form says of them.
    fn read_watch_form(
        &self,
        form: &WatchForm,
        base: WatchSettings,
        problems: &mut Problems,
    ) -> Option<WatchSettings> {
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
            ThenChoice::Move => match &base.afterwards {
                Afterwards::Move { folder } if shown(folder) == form.move_to => {
                    Some(base.afterwards.clone())
                }
                _ => problems
                    .unless("moveTo", self.picked(WatchFolder::Archive, &form.move_to))
                    .map(|folder| Afterwards::Move { folder }),
            },
        };
        let completion = match form.marker.trim() {
            "" => Completion::Quiet,
            ending => Completion::Marker { ending: ending.to_owned() },
        };
        Some(WatchSettings {
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
            ..base
        })
    }
}

/// How a folder is shown.
fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

/// A watch as it would be typed.
fn typed(watch: &Watch) -> WatchForm {
    let settings = &watch.settings;
    let (then, move_to) = match &settings.afterwards {
        Afterwards::Keep => (ThenChoice::Keep, String::new()),
        Afterwards::Move { folder } => (ThenChoice::Move, shown(folder)),
        Afterwards::Delete => (ThenChoice::Delete, String::new()),
    };
    WatchForm {
        folder: shown(&watch.folder),
        profile: watch.profile.0,
        prefix: settings.prefix.clone(),
        quiet: settings.quiet_seconds.to_string(),
        marker: match &settings.completion {
            Completion::Quiet => String::new(),
            Completion::Marker { ending } => ending.clone(),
        },
        depth: match settings.depth {
            Depth::Subfolders => DepthChoice::Subfolders,
            Depth::FolderOnly => DepthChoice::FolderOnly,
        },
        growing: match settings.growing {
            GrowingFiles::Wait => GrowingChoice::Wait,
            GrowingFiles::Send => GrowingChoice::Send,
        },
        include: settings.patterns.include.join(", "),
        exclude: settings.patterns.exclude.join(", "),
        then,
        move_to,
        hours: if settings.hours.is_always() { String::new() } else { settings.hours.to_string() },
    }
}

/// What is wrong, by field.
#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: &str, fault: Fault) {
        self.0.push(FieldProblem { field: field.to_owned(), problem: fault.into() });
    }

    /// These, and what was refused, if that is about a field.
    fn with_refusal(mut self, done: Result<(), Fault>) -> Result<Vec<FieldProblem>, Fault> {
        if let Err(fault) = done {
            match field_of(&fault) {
                Some(field) => self.add(field, fault),
                None => return Err(fault),
            }
        }
        Ok(self.0)
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
        assert_eq!(wrong(&app, form.clone()).await, ["folder"], "what was picked is used once");

        let id = WatchId(watches[0].id);
        let stored = app.stored_watch(id).await.expect("is there");
        let typed = app.read_watch(id).await.expect("is there");
        assert_eq!(typed, form);
        let changed = WatchForm { quiet: "soon".into(), ..typed.clone() };
        let problems = app.change_watch_by_form(id, changed).await.expect("is read");
        assert_eq!(problems.first().map(|problem| problem.field.as_str()), Some("quiet"));
        app.keep_picked(WatchFolder::Archive, home.path().join("sent"));
        let changed = WatchForm {
            quiet: "30".into(),
            marker: ".done".into(),
            depth: DepthChoice::FolderOnly,
            growing: GrowingChoice::Send,
            include: "*.raw, *.jpg".into(),
            exclude: "*.log".into(),
            then: ThenChoice::Move,
            move_to: shown(&home.path().join("sent")),
            hours: "Mon-Fri 19:00-07:00".into(),
            ..typed
        };
        for _ in 0..2 {
            // The second time, nothing is picked: the folder is the one that it has.
            let problems = app.change_watch_by_form(id, changed.clone()).await.expect("is read");
            assert_eq!(problems, []);
            assert_eq!(app.read_watch(id).await.expect("is there"), changed);
        }
        let elsewhere =
            WatchForm { folder: "/".into(), profile: 99, prefix: "else/".into(), ..changed };
        assert_eq!(app.change_watch_by_form(id, elsewhere).await.expect("is read"), []);
        let now = app.stored_watch(id).await.expect("is there");
        let place = |watch: &Watch| {
            (watch.folder.clone(), watch.profile, watch.settings.prefix.clone(), watch.state)
        };
        assert_eq!(place(&now), place(&stored), "folder and destination stay");
        let prefix = WatchSettings { prefix: "else/".into(), ..now.settings };
        let refused = app.change_watch(id, prefix).await.expect_err("would be another watch");
        assert_eq!(refused.subject.as_deref(), Some("prefix"));
        let gone = app.change_watch_by_form(WatchId(99), WatchForm::default()).await;
        let refused = gone.expect_err("there is none").kind;
        assert_eq!(refused, "noSuchWatch");
        app.shutdown().await;
    }
}
