//! `ferry watch add | list | change | remove | pause | resume | days | run | unit`.

use std::path::PathBuf;

use ferry_app::App;
use ferry_app::messages::{WatchActivity, WatchLine};
use ferry_app::model::size::show_bytes;
use ferry_app::model::visible::visible;
use ferry_app::model::{Afterwards, Fault, FaultKind, Profile, WatchDay, message};

use crate::args::{
    AddWatchArguments, ChangeWatchArguments, NamedWatch, RunArguments, SystemChoice, UnitArguments,
    WaitLimit, WatchCommand, WatchOptions, never_taken,
};
use crate::link::local_time;
use crate::output::Output;
use crate::put::keys_from_environment;
use crate::run::{AfterEnd, Closing, Opening, Run, Waited, conclude, wait};
use crate::text::{say, told};
use crate::{Exit, Session};

pub(crate) async fn watch(command: WatchCommand, session: &Session) -> Result<Exit, Fault> {
    let out = &session.out;
    match command {
        WatchCommand::Add(arguments) => {
            let app = crate::open(arguments.data.data_dir.clone()).await?;
            let added = add(&app, &arguments, out).await;
            app.shutdown().await;
            added
        }
        WatchCommand::List { data, json } => {
            let app = crate::open_reading(data.data_dir).await?;
            let listed = list(&app, json, out).await;
            app.shutdown().await;
            listed
        }
        WatchCommand::Days { watch, data, json } => {
            let app = crate::open_reading(data.data_dir).await?;
            let listed = days(&app, watch.as_deref(), json, out).await;
            app.shutdown().await;
            listed
        }
        WatchCommand::Change(arguments) => {
            let ChangeWatchArguments { watch, options, data } = *arguments;
            act(NamedWatch { watch, data }, Act::Change(options), out).await
        }
        WatchCommand::Remove(named) => act(named, Act::Remove, out).await,
        WatchCommand::Pause(named) => act(named, Act::Pause, out).await,
        WatchCommand::Resume(named) => act(named, Act::Resume, out).await,
        WatchCommand::Run(arguments) => run(*arguments, session).await,
        WatchCommand::Unit(arguments) => unit(&arguments, out).await,
    }
}

async fn add(app: &App, arguments: &AddWatchArguments, out: &Output) -> Result<Exit, Fault> {
    let profile = profile_of(app, arguments.profile.as_deref()).await?;
    let settings = arguments.settings(&profile)?;
    if arguments.dry_run {
        return dry_run(app, &profile, arguments, out).await;
    }
    let id = app.add_watch(&profile, &arguments.folder, settings).await?;
    let watches = app.watches().await?;
    let Some(added) = watches.iter().find(|watch| watch.id == id.0) else { return Ok(Exit::Fine) };
    if arguments.json {
        out.json(added).await;
    } else {
        out.tell(&message::watch_added(
            added.id.to_string(),
            added.folder.as_str(),
            added.destination.as_str(),
        ))
        .await;
    }
    Ok(Exit::Fine)
}

async fn profile_of(app: &App, name: Option<&str>) -> Result<Profile, Fault> {
    match name {
        Some(name) => app.profile_named(name).await,
        None => app.default_profile().await?.ok_or_else(|| FaultKind::NoSuchProfile.into()),
    }
}

/// What a watch would take now, and what would become of it.
async fn dry_run(
    app: &App,
    profile: &Profile,
    arguments: &AddWatchArguments,
    out: &Output,
) -> Result<Exit, Fault> {
    let settings = arguments.settings(profile)?;
    let afterwards = settings.afterwards.clone();
    let found = app.try_watch(profile, &arguments.folder, settings).await?;
    if arguments.json {
        out.json(&serde_json::json!({
            "type": "dry-run", "files": found.files, "bytes": found.bytes,
            "destination": found.destination, "afterwards": afterwards,
        }))
        .await;
        return Ok(Exit::Fine);
    }
    let (files, bytes) = (found.files, show_bytes(found.bytes));
    out.tell(&message::watch_would_take(files, bytes, found.destination)).await;
    out.tell(&message::watch_never_takes(never_taken())).await;
    match afterwards {
        Afterwards::Keep => out.tell(&message::watch_would_keep()).await,
        Afterwards::Move { folder } => {
            out.tell(&message::watch_would_move(folder.display().to_string())).await;
        }
        Afterwards::Delete => out.tell(&message::watch_would_delete()).await,
    }
    Ok(Exit::Fine)
}

async fn list(app: &App, json: bool, out: &Output) -> Result<Exit, Fault> {
    let watches = app.watches().await?;
    if json {
        out.json_lines(&watches).await;
    } else {
        out.lines(&watches.iter().map(line).collect::<Vec<_>>()).await;
    }
    Ok(Exit::Fine)
}

fn line(watch: &WatchLine) -> String {
    let paused = match watch.activity {
        WatchActivity::Paused => format!("  {}", say(&message::watch_paused())),
        _ => String::new(),
    };
    let WatchLine { id, folder, destination, known, .. } = watch;
    let files = say(&message::watch_known(*known));
    format!("{id:>4}  {folder} -> {destination}  {files}{paused}")
}

async fn days(app: &App, watch: Option<&str>, json: bool, out: &Output) -> Result<Exit, Fault> {
    let days = app.watch_days(watch).await?;
    if json {
        out.json_lines(&days).await;
    } else {
        out.lines(&days.iter().map(day_line).collect::<Vec<_>>()).await;
    }
    Ok(Exit::Fine)
}

fn day_line(day: &WatchDay) -> String {
    let WatchDay { watch, name, day, files, bytes, failures, first_ms, last_ms } = day;
    let counts = message::watch_day(*files, show_bytes(*bytes), *failures);
    let time = |ms: Option<i64>| ms.and_then(local_time).unwrap_or_default();
    let (first, last) = (time(*first_ms), time(*last_ms));
    let times = if first.is_empty() { String::new() } else { format!("  {first} - {last}") };
    format!("{day}  {:>4}  {}  {}{times}", watch.0, visible(name), say(&counts))
}

/// What is done with a watch.
#[derive(Debug)]
enum Act {
    Change(WatchOptions),
    Remove,
    Pause,
    Resume,
}

async fn act(named: NamedWatch, act: Act, out: &Output) -> Result<Exit, Fault> {
    let app = crate::open(named.data.data_dir.clone()).await?;
    let done = async {
        let id = app.find_watch(&named.watch).await?;
        match &act {
            Act::Change(options) => {
                let stored = app.stored_watch(id).await?.settings;
                app.change_watch(id, options.over(stored, false)?).await?;
            }
            Act::Remove => app.remove_watch(id).await?,
            Act::Pause => app.pause_watch(id).await?,
            Act::Resume => app.resume_watch(id).await?,
        }
        Ok::<_, Fault>(())
    };
    let done = done.await;
    app.shutdown().await;
    done?;
    out.tell(&match act {
        Act::Change(_) => message::watch_is_changed(named.watch),
        Act::Remove => message::watch_removed(named.watch),
        Act::Pause => message::watch_is_paused(named.watch),
        Act::Resume => message::watch_is_resumed(named.watch),
    })
    .await;
    Ok(Exit::Fine)
}

/// Runs the watches until a signal ends it, which is its ordinary end.
async fn run(arguments: RunArguments, session: &Session) -> Result<Exit, Fault> {
    let RunArguments { data, serve, json, .. } = &arguments;
    let opening = Opening { data_dir: data.data_dir.clone(), serve, json: *json };
    let ended = conclude(opening, session, async |app, closing| {
        run_with(app, &arguments, session, closing).await
    })
    .await?;
    Ok(if ended == Exit::Interrupted { Exit::Fine } else { ended })
}

async fn run_with(
    app: &App,
    arguments: &RunArguments,
    session: &Session,
    closing: &mut Closing,
) -> Result<Waited, Fault> {
    let RunArguments { network, pace, progress, json, .. } = arguments;
    app.use_network(network.network()?);
    pace.set(app);
    let watches = app.watches().await?;
    if watches.is_empty() {
        return Err(Fault::new(FaultKind::NoSuchWatch).with_detail("ferry watch add makes one"));
    }
    for watch in &watches {
        tell_begun(app, watch, *json, &session.out).await?;
    }
    app.run_watches().await?;
    closing.before = app.batch_report(None).await?;
    let run = Run {
        batch: None,
        limit: WaitLimit::Forever,
        reading: None,
        progress: progress.progress,
        json: *json,
        after: AfterEnd::GoesOn,
    };
    let ended = wait(app, run, session, std::future::pending()).await;
    closing.report = app.batch_report(None).await?;
    Ok(ended?.waited)
}

async fn tell_begun(app: &App, watch: &WatchLine, json: bool, out: &Output) -> Result<(), Fault> {
    if watch.activity == WatchActivity::Paused {
        return Ok(());
    }
    // Where the keyring has none, the environment's keys serve for this run.
    let keys = match app.profile_named(&watch.profile_name).await {
        Ok(profile) => keys_from_environment(app, &profile).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = keys {
        out.remark(&format!("{}: {}", watch.folder, told(&fault))).await;
    }
    if json {
        out.json(&serde_json::json!({ "type": "watch", "watch": watch })).await;
    } else {
        let (folder, destination) = (watch.folder.as_str(), watch.destination.as_str());
        out.tell(&message::watch_begun(folder, destination)).await;
    }
    Ok(())
}

/// Prints what makes the system run the watches.
async fn unit(arguments: &UnitArguments, out: &Output) -> Result<Exit, Fault> {
    let program = std::env::current_exe()
        .map_err(|error| Fault::new(FaultKind::Internal).with_detail(error.to_string()))?;
    let system = arguments.system.unwrap_or(if cfg!(target_os = "macos") {
        SystemChoice::Launchd
    } else if cfg!(windows) {
        SystemChoice::Windows
    } else {
        SystemChoice::Systemd
    });
    let mut command = vec![program.display().to_string(), "watch".into(), "run".into()];
    command.extend(["--progress".into(), "none".into()]);
    if let Some(folder) = &arguments.data.data_dir {
        command.push("--data-dir".into());
        command.push(absolute(folder).display().to_string());
    }
    out.data(&unit_of(system, &command)).await;
    Ok(Exit::Fine)
}

fn absolute(path: &PathBuf) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.clone())
}

fn unit_of(system: SystemChoice, command: &[String]) -> String {
    match system {
        SystemChoice::Systemd => {
            let quoted: Vec<String> = command.iter().map(|word| systemd_word(word)).collect();
            format!(
                "# Save as ~/.config/systemd/user/ferry-watch.service, then:\n\
                 #   systemctl --user enable --now ferry-watch\n\
                 #   loginctl enable-linger    # to run without being signed in\n\
                 [Unit]\nDescription=Ferry: upload what comes into watched folders\n\n\
                 [Service]\nExecStart={}\nRestart=on-failure\nRestartSec=30\n\n\
                 [Install]\nWantedBy=default.target\n",
                quoted.join(" ")
            )
        }
        SystemChoice::Launchd => {
            let words: String = command
                .iter()
                .map(|word| format!("    <string>{}</string>\n", xml(word)))
                .collect();
            format!(
                "<!-- Save as ~/Library/LaunchAgents/ferry.watch.plist, then:\n\
                 \x20    launchctl load ~/Library/LaunchAgents/ferry.watch.plist -->\n\
                 <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
                 \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
                 <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>ferry.watch</string>\n\
                 \x20 <key>ProgramArguments</key>\n  <array>\n{words}  </array>\n\
                 \x20 <key>RunAtLoad</key>\n  <true/>\n  <key>KeepAlive</key>\n  <true/>\n</dict>\n</plist>\n"
            )
        }
        SystemChoice::Windows => {
            let quoted: Vec<String> =
                command.iter().map(|word| format!("\\\"{}\\\"", word.replace('"', ""))).collect();
            format!(
                "rem Makes a task that runs while you are signed in; schtasks /Delete /TN Ferry ends it.\n\
                 schtasks /Create /TN Ferry /SC ONLOGON /TR \"{}\"\n",
                quoted.join(" ")
            )
        }
    }
}

/// A word of a command in a unit of systemd, in which `%` and `$` mean something.
fn systemd_word(word: &str) -> String {
    let escaped =
        word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    format!("\"{escaped}\"")
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_meaning_in_a_unit() {
        let command = ["/opt/a b/ferry".to_owned(), "100%$\"".to_owned()];
        let unit = unit_of(SystemChoice::Systemd, &command);
        assert!(unit.contains("ExecStart=\"/opt/a b/ferry\" \"100%%$$\\\"\"\n"), "{unit}");
        let agent = unit_of(SystemChoice::Launchd, &["a<b>&c".to_owned()]);
        assert!(agent.contains("<string>a&lt;b&gt;&amp;c</string>"), "{agent}");
        let task = unit_of(SystemChoice::Windows, &command);
        assert!(task.contains(r#"/TR "\"/opt/a b/ferry\" \"100%$\"""#), "{task}");
    }
}
