//! Who is measured, and how each is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::payload::Payload;
use super::sink::{BUCKET, Sink};
use super::tools::Tools;

/// Keys that the sink believes.
const KEY: (&str, &str) = ("bench-access-key", "bench-secret-key");
/// A region that every client takes.
const REGION: &str = "us-east-1";

/// A program that uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contender {
    /// Over OSS, with its defaults.
    Ferry,
    /// Read, CRC-64 and plain sockets; no signature, retry or journal.
    Bound,
    S5cmd,
}

impl Contender {
    pub(super) const ALL: [Self; 3] = [Self::Ferry, Self::Bound, Self::S5cmd];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ferry => "ferry",
            Self::Bound => "bound",
            Self::S5cmd => "s5cmd",
        }
    }

    /// Whether it is somebody else's uploader.
    pub(super) fn is_peer(self) -> bool {
        !matches!(self, Self::Ferry | Self::Bound)
    }
}

/// What one run has for itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) sink: &'a Sink,
    pub(super) payload: Payload,
    pub(super) path: &'a Path,
    /// An empty folder.
    pub(super) scratch: &'a Path,
    /// Connections of the bound.
    pub(super) connections: u32,
}

/// The words of a contender's call, program first, and its environment.
pub(super) fn command(contender: Contender, tools: &Tools, place: Place<'_>) -> Command {
    let mut command = match contender {
        Contender::Ferry => ferry(tools, place),
        Contender::Bound => bound(tools, place),
        Contender::S5cmd => s5cmd(tools, place),
    };
    for name in ["AWS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_ID"] {
        command.env(name, KEY.0);
    }
    for name in ["AWS_SECRET_ACCESS_KEY", "OSS_ACCESS_KEY_SECRET"] {
        command.env(name, KEY.1);
    }
    command.env("AWS_REGION", REGION).env("AWS_DEFAULT_REGION", REGION);
    // Neither someone's own settings nor a proxy has a part in it.
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", place.scratch);
    for name in
        ["AWS_SESSION_TOKEN", "OSS_SESSION_TOKEN", "AWS_PROFILE", "http_proxy", "HTTP_PROXY"]
    {
        command.env_remove(name);
    }
    if let Some(certificate) = &place.sink.certificate {
        command.env("AWS_CA_BUNDLE", certificate).env("SSL_CERT_FILE", certificate);
    }
    command
}

/// A folder's own path with a slash behind it: what is in it, without its name.
fn contents(path: &Path) -> PathBuf {
    path.join("")
}

fn ferry(tools: &Tools, place: Place<'_>) -> Command {
    let mut command = Command::new(&tools.ferry);
    command.arg("put");
    match place.payload {
        Payload::File(_) => command.arg(place.path),
        Payload::Files(..) => command.arg(contents(place.path)),
    };
    command
        .arg(format!("oss://{BUCKET}/ferry/"))
        .args(["--endpoint", &place.sink.endpoint, "--region", REGION, "--addressing", "path"])
        .args(["--json", "--data-dir"])
        .arg(place.scratch.join("queue"));
    if let Some(certificate) = &place.sink.certificate {
        command.arg("--ca").arg(certificate);
    }
    command
}

fn bound(tools: &Tools, place: Place<'_>) -> Command {
    let mut command = Command::new(&tools.bound);
    command
        .args(["--connections", &place.connections.to_string(), place.sink.address(), BUCKET])
        .arg(place.path);
    command
}

fn s5cmd(tools: &Tools, place: Place<'_>) -> Command {
    let mut command = Command::new(tools.python_program("s5cmd"));
    command.args(["--endpoint-url", &place.sink.endpoint, "cp"]);
    match place.payload {
        Payload::File(_) => command.arg(place.path),
        Payload::Files(..) => command.arg(contents(place.path)),
    };
    command.arg(format!("s3://{BUCKET}/s5cmd/"));
    command
}
