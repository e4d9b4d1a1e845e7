//! `ferry sandbox`: prints one JSON line when it listens, and runs until a signal.

use std::path::Path;

use ferry_app::model::{Fault, FaultKind};
use ferry_app::sandbox::{Config, Credential, Sandbox, Script, Verification};

use crate::args::SandboxArguments;
use crate::{Exit, Session};

pub(crate) async fn sandbox(
    arguments: SandboxArguments,
    Session { out, signals }: &Session,
) -> Result<Exit, Fault> {
    let credential = match (arguments.access_key_id, arguments.access_key_secret) {
        (Some(id), Some(secret)) => Credential::new(id, secret),
        _ => Credential::generate(),
    };
    let mut config = Config::new(arguments.root);
    config.listen = arguments.listen;
    config.buckets =
        if arguments.bucket.is_empty() { vec!["sandbox".into()] } else { arguments.bucket };
    config.credentials = vec![credential.clone()];
    if arguments.no_verify {
        config.verification = Verification::Off;
    }
    let script = arguments.faults.as_deref().map(script).transpose()?;
    let (region, bucket) = (config.region.clone(), config.buckets[0].clone());
    let sandbox = Sandbox::start(config).await.map_err(|error| {
        Fault::new(FaultKind::InvalidInput).with_subject("sandbox").with_detail(error.to_string())
    })?;
    if let Some(script) = &script {
        sandbox.play(script);
    }
    out.json(&serde_json::json!({
        "endpoint": sandbox.endpoint(),
        "region": region,
        "bucket": bucket,
        "access_key_id": credential.access_key_id,
        "access_key_secret": credential.access_key_secret,
    }))
    .await;
    signals.received().await;
    sandbox.shutdown().await;
    Ok(Exit::Fine)
}

/// Reads a script of faults.
fn script(file: &Path) -> Result<Script, Fault> {
    let unusable = |why: String| {
        Fault::new(FaultKind::InvalidInput)
            .with_subject(file.display().to_string())
            .with_detail(why)
    };
    let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
    Script::read(&text).map_err(|error| unusable(error.to_string()))
}
