//! `ferry profile import`: shows what other tools have, asks, and takes one of it over.

use std::io::{BufRead as _, IsTerminal as _};

use ferry_app::environment::language;
use ferry_app::messages::{ImportCandidate, ImportFindings, KeyInput, KeySourceChoice, Words};
use ferry_app::model::{Fault, FaultKind, message};
use ferry_app::{App, program_of};

use crate::Exit;
use crate::args::ImportArguments;
use crate::link::local_time;
use crate::output::Output;
use crate::save_profile::{Adding, save};
use crate::text::say;

pub(crate) async fn import(
    app: &App,
    arguments: &ImportArguments,
    out: &Output,
) -> Result<Exit, Fault> {
    let findings = app.find_imports().await;
    let Some(wanted) = &arguments.candidate else {
        list(&findings, arguments.json, out).await;
        return Ok(Exit::Fine);
    };
    let candidate = chosen(&findings, wanted)?;
    if let Some(why) = &candidate.unsupported {
        return Err(Fault::new(FaultKind::InvalidInput)
            .with_subject(wanted.clone())
            .with_detail(in_language(why)));
    }
    let mut form = candidate.form.clone();
    form.name = arguments.name.clone().unwrap_or_else(|| candidate.name.clone());
    for (field, given) in [
        (&mut form.bucket, &arguments.bucket),
        (&mut form.endpoint, &arguments.endpoint),
        (&mut form.region, &arguments.region),
        (&mut form.prefix, &arguments.prefix),
    ] {
        if let Some(given) = given {
            field.clone_from(given);
        }
    }
    if !arguments.yes && !agreed(candidate, &form.name, out).await? {
        return Ok(Exit::Failed);
    }
    let key = (form.key_source == KeySourceChoice::Keyring)
        .then_some(KeyInput::Imported { id: candidate.id });
    save(app, form, key, Adding::Beside, out).await
}

/// The word for a tool: its command.
fn word(tool: &str) -> String {
    match tool {
        "Alibaba Cloud CLI" => "aliyun".to_owned(),
        "AWS CLI" => "aws".to_owned(),
        other => other.to_ascii_lowercase(),
    }
}

/// The candidate of that name, or `TOOL:NAME`.
fn chosen<'a>(findings: &'a ImportFindings, wanted: &str) -> Result<&'a ImportCandidate, Fault> {
    let refused =
        |why: String| Fault::new(FaultKind::InvalidInput).with_subject(wanted).with_detail(why);
    let full =
        |candidate: &ImportCandidate| format!("{}:{}", word(&candidate.tool), candidate.name);
    let exact: Vec<&ImportCandidate> =
        findings.candidates.iter().filter(|candidate| full(candidate) == wanted).collect();
    let named =
        || findings.candidates.iter().filter(|candidate| candidate.name == wanted).collect();
    let met: Vec<&ImportCandidate> = if exact.is_empty() { named() } else { exact };
    match met.as_slice() {
        [] => {
            Err(refused("no tool has it; ferry profile import --list shows what there is".into()))
        }
        [one] => Ok(one),
        several => {
            // Where only one of them can be taken over, it is meant.
            let mut usable = several.iter().filter(|candidate| candidate.unsupported.is_none());
            if let (Some(one), None) = (usable.next(), usable.next()) {
                return Ok(one);
            }
            let names: Vec<String> = several
                .iter()
                .map(|candidate| format!("{} ({})", full(candidate), candidate.file))
                .collect();
            Err(refused(format!("say which: {}", names.join(", "))))
        }
    }
}

async fn list(findings: &ImportFindings, json: bool, out: &Output) {
    for candidate in &findings.candidates {
        if json {
            out.json(&serde_json::json!({
                "type": "candidate", "tool": word(&candidate.tool), "file": candidate.file,
                "name": candidate.name, "provider": candidate.provider,
                "access_key": candidate.access_key_hint, "endpoint": candidate.form.endpoint,
                "region": candidate.form.region, "bucket": candidate.form.bucket,
                "token_ends_ms": candidate.token_ends_ms, "unsupported": candidate.unsupported,
            }))
            .await;
        } else {
            out.lines(&lines(candidate)).await;
        }
    }
    for problem in &findings.problems {
        out.remark(in_language(problem)).await;
    }
    if findings.candidates.is_empty() && !json {
        let files = findings.looked_at.join(", ");
        out.tell(&message::import_nothing(files)).await;
    }
}

/// A candidate as a line, with a second one where it cannot be taken over. Its key is masked where
/// it comes from; of a command nothing is shown, since it may hold a password.
fn lines(candidate: &ImportCandidate) -> Vec<String> {
    let place = [candidate.form.endpoint.as_str(), candidate.form.region.as_str()]
        .into_iter()
        .filter(|text| !text.is_empty());
    let mut line = format!(
        "{:<10} {:<20} {:<4} {:<14} {}",
        word(&candidate.tool),
        candidate.name,
        candidate.provider.word(),
        if candidate.form.key_source == KeySourceChoice::Process {
            say(&message::import_by_command())
        } else {
            candidate.access_key_hint.clone()
        },
        place.collect::<Vec<_>>().join(" "),
    );
    line.truncate(line.trim_end().len());
    if let Some(ends) = candidate.token_ends_ms.and_then(local_time) {
        line.push_str(&format!("  {}", say(&message::import_token_ends(ends))));
    }
    line.push_str(&format!("  {}", candidate.file));
    let mut lines = vec![line];
    let why = candidate.unsupported.as_ref();
    lines.extend(why.map(|why| format!("           {}", in_language(why))));
    lines
}

/// Asks on the terminal. Without one, the user could not say no: `--yes` is asked for.
async fn agreed(candidate: &ImportCandidate, name: &str, out: &Output) -> Result<bool, Fault> {
    if !std::io::stdin().is_terminal() {
        let why = "there is no terminal to ask on; give --yes to take it over";
        return Err(Fault::new(FaultKind::InvalidInput)
            .with_subject(candidate.name.clone())
            .with_detail(why));
    }
    out.notes(&lines(candidate)).await;
    let question = if candidate.form.key_source == KeySourceChoice::Process {
        // The program tells which it is; the rest may be a password's.
        let program = program_of(&candidate.form.key_command);
        message::import_ask_command(name, program)
    } else {
        message::import_ask_keyring(name)
    };
    out.ask(&question).await;
    // On a thread of its own, so that a signal is heeded meanwhile.
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    let answer = answer.await.ok().and_then(Result::ok).unwrap_or_default();
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn in_language(words: &Words) -> &str {
    words.in_language(language())
}

#[cfg(test)]
mod tests {
    use ferry_app::import::Reason;
    use ferry_app::messages::ProfileForm;
    use ferry_app::model::Provider;

    use super::*;

    fn candidate(id: u32, tool: &str, name: &str) -> ImportCandidate {
        ImportCandidate {
            id,
            tool: tool.into(),
            file: format!("/home/u/.{tool}"),
            name: name.into(),
            provider: Provider::Oss,
            access_key_hint: "LTAI…WXYZ".into(),
            token_ends_ms: None,
            form: ProfileForm {
                endpoint: "https://oss-cn-hangzhou.aliyuncs.com".into(),
                ..ProfileForm::blank(Provider::Oss)
            },
            unsupported: None,
        }
    }

    #[test]
    fn a_name_is_found_and_two_are_told_apart() {
        let no = Some(Words::from(Reason::SignIn.text()));
        let findings = ImportFindings {
            candidates: vec![
                candidate(0, "ossutil", "default"),
                candidate(1, "AWS CLI", "default"),
                candidate(2, "AWS CLI", "work"),
                ImportCandidate { unsupported: no, ..candidate(3, "Alibaba Cloud CLI", "work") },
                candidate(4, "rclone", "aws:default"),
            ],
            looked_at: Vec::new(),
            problems: Vec::new(),
        };
        let id = |wanted: &str| {
            chosen(&findings, wanted)
                .map(|candidate| candidate.id)
                .map_err(|fault| fault.message.unwrap_or_default())
        };
        assert_eq!(id("aws:default"), Ok(1));
        assert_eq!(id("rclone:aws:default"), Ok(4));
        assert_eq!(id("work"), Ok(2), "the other one cannot be taken over");
        assert_eq!(id("aliyun:work"), Ok(3), "asked for by its full name, it can say why");
        assert_eq!(
            id("default"),
            Err("say which: ossutil:default (/home/u/.ossutil), aws:default (/home/u/.AWS CLI)"
                .into())
        );
        assert!(id("nobody").is_err());
    }

    #[test]
    fn a_line_says_what_is_known() {
        let plain = candidate(0, "ossutil", "default");
        let shown = lines(&plain).concat();
        for part in [
            "ossutil",
            "default",
            "oss",
            "LTAI…WXYZ",
            "https://oss-cn-hangzhou.aliyuncs.com",
            "/home/u/.ossutil",
        ] {
            assert!(shown.contains(part), "{shown}");
        }
        let mut secret = candidate(0, "aws", "work");
        (secret.form.key_source, secret.form.key_command) =
            (KeySourceChoice::Process, "keys --password hunter2".into());
        let shown = lines(&secret).concat();
        assert!(shown.contains("(a command)") && !shown.contains("hunter2"), "{shown}");
    }
}
