//! `ferry doctor`.

use ferry_app::model::doctor::{AddressReport, Finding, Outcome, advice};
use ferry_app::model::{Fault, FaultKind};
use ferry_app::{App, Checkup};
use serde_json::{Value, json};

use crate::args::DoctorArguments;
use crate::output::Output;
use crate::text::say;
use crate::{Exit, Session};

pub(crate) async fn doctor(
    arguments: DoctorArguments,
    Session { out, .. }: &Session,
) -> Result<Exit, Fault> {
    let network = arguments.network.network()?;
    let app = crate::open_reading(arguments.data.data_dir.clone()).await?;
    app.use_network(network);
    let outcome = doctor_with(&app, &arguments, out).await;
    app.shutdown().await;
    outcome
}

async fn doctor_with(app: &App, arguments: &DoctorArguments, out: &Output) -> Result<Exit, Fault> {
    let profile = match &arguments.profile {
        Some(name) => app.profile_named(name).await?,
        None => app.default_profile().await?.ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?,
    };
    let profile = app.prepare_profile(&profile).await?;
    // Without a key, what comes before the signature can be examined all the same: that step says
    // what is missing.
    let _ = crate::put::keys_from_environment(app, &profile).await;
    let checkup = app.check_up(&profile).await;
    if arguments.json {
        out.json(&as_json(&checkup)).await;
    } else {
        out.lines(&as_lines(&checkup)).await;
    }
    if let Some(path) = &arguments.export {
        app.write_diagnostics(path).await?;
    }
    Ok(if checkup.is_well() { Exit::Fine } else { Exit::Failed })
}

fn as_lines(checkup: &Checkup) -> Vec<String> {
    let mut lines = Vec::new();
    for address in &checkup.addresses {
        lines.push(format!("{} ({})", address.endpoint, say(&address.kind.text())));
        lines.extend(address.findings.iter().flat_map(finding_lines));
    }
    lines.push(say(&advice(&checkup.recommendation)));
    lines
}

fn finding_lines(finding: &Finding) -> Vec<String> {
    let mark = match finding.outcome {
        Outcome::Passed => "ok  ",
        Outcome::Warned => "warn",
        Outcome::Failed => "FAIL",
        Outcome::Skipped => "-   ",
    };
    let mut lines =
        vec![format!("  {mark}  {}: {}", say(&finding.step.text()), say(&finding.sentence))];
    if let Some(hint) = finding.hint.as_ref().filter(|_| finding.outcome != Outcome::Passed) {
        lines.push(format!("        {}", say(hint)));
    }
    if let Some(fault) = &finding.fault {
        let said = [&fault.code, &fault.request_id, &fault.message];
        let said: Vec<&str> = said.into_iter().filter_map(Option::as_deref).collect();
        if !said.is_empty() {
            lines.push(format!("        [{}]", said.join("; ")));
        }
    }
    lines
}

fn as_json(checkup: &Checkup) -> Value {
    json!({
        "profile": checkup.name,
        "isWell": checkup.is_well(),
        "addresses": checkup.addresses.iter().map(address_as_json).collect::<Vec<_>>(),
        "recommendation": checkup.recommendation,
        "advice": say(&advice(&checkup.recommendation)),
    })
}

fn address_as_json(address: &AddressReport) -> Value {
    let findings: Vec<Value> = address
        .findings
        .iter()
        .map(|finding| {
            json!({
                "step": finding.step,
                "outcome": finding.outcome,
                "sentence": say(&finding.sentence),
                "hint": finding.hint.as_ref().map(say),
                "fault": finding.fault,
            })
        })
        .collect();
    json!({
        "kind": address.kind,
        "endpoint": address.endpoint,
        "isCurrent": address.is_current,
        "works": address.works(),
        "bytesPerSecond": address.speed,
        "findings": findings,
    })
}
