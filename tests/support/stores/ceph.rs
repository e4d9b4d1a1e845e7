//! Ceph's object gateway, from the system's packages: one monitor, one store daemon on a file, the
//! gateway. No service of the system, no file of /etc, no right beyond the user's own.

use std::path::Path;
use std::process::Command;

use super::{KEY_ID, SECRET};
use crate::processes::{Processes, free_port};

/// The gateway makes its pools when it first wants them, some seconds each. Made before, they take
/// a second in all.
const POOLS: &[&str] = &[
    ".rgw.root",
    "default.rgw.log",
    "default.rgw.control",
    "default.rgw.meta",
    "default.rgw.buckets.index",
    "default.rgw.buckets.data",
    "default.rgw.buckets.non-ec",
];

/// Who may do what in the cluster. The gateway refuses to start without keys.
const KEYS: &[(&str, &[&str])] = &[
    ("mon.", &["--cap", "mon", "allow *"]),
    ("osd.0", &["--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"]),
    (
        "client.admin",
        &["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"],
    ),
];

/// Starts a cluster with a gateway and gives its processes and S3 endpoint.
pub(super) fn start() -> (Processes, String) {
    let mut processes = Processes::new();
    let (cluster, disk) = (uuid(), uuid());
    let monitor = format!("[v2:127.0.0.1:{}]", free_port());
    let gateway = format!("127.0.0.1:{}", free_port());
    let folder = |name| processes.folder(name).display().to_string();
    let [mon, osd, rgw, run] = ["mon", "osd", "rgw", "run"].map(folder);
    let keyring = processes.path("keyring").display().to_string();
    let root = processes.path("").display().to_string();
    let text = format!(
        "[global]\nfsid = {cluster}\nmon host = {monitor}\npublic addr = 127.0.0.1\ncluster addr = 127.0.0.1\nkeyring = {keyring}\n\
         mon data = {mon}\nosd data = {osd}\nrgw data = {rgw}\nrun dir = {run}\ncrash dir = {run}\nlog file = {root}/$name.log\n\
         admin socket =\npid file =\nrgw frontends = beast endpoint={gateway}\n{SETTINGS}"
    );
    let conf = processes.write("ceph.conf", &text);
    let ceph = |program: &str, arguments: &[&str]| command(program, &conf, arguments);

    for (name, caps) in KEYS {
        let new = if *name == KEYS[0].0 { &["--create-keyring"][..] } else { &[] };
        let arguments = [new, &[&keyring, "--gen-key", "-n", name], caps].concat();
        processes.run(Command::new("ceph-authtool").args(arguments));
    }
    let map = processes.path("monmap").display().to_string();
    processes.run(
        Command::new("monmaptool")
            .args(["--create", "--fsid", &cluster, "--addv", "a", &monitor, &map]),
    );
    processes.run(&mut ceph("ceph-mon", &["--mkfs", "-i", "a", "--monmap", &map]));
    processes.start("mon", &ceph("ceph-mon", &["-f", "-i", "a"]));
    processes.run(&mut ceph("ceph", &["--connect-timeout", "60", "osd", "new", &disk]));
    processes.run(&mut ceph("ceph-osd", &["--mkfs", "-i", "0", "--osd-uuid", &disk]));
    processes.start("osd", &ceph("ceph-osd", &["-f", "-i", "0"]));
    for pool in POOLS {
        processes.run(&mut ceph("ceph", &["osd", "pool", "create", pool, "1"]));
        processes.run(&mut ceph("ceph", &["osd", "pool", "application", "enable", pool, "rgw"]));
    }
    let user = [
        "user",
        "create",
        "--uid",
        "ferry",
        "--display-name",
        "ferry",
        "--access-key",
        KEY_ID,
        "--secret-key",
        SECRET,
    ];
    processes.run(&mut ceph("radosgw-admin", &user));
    processes.start("rgw", &ceph("radosgw", &["-f", "-n", "client.admin"]));
    (processes, format!("http://{gateway}"))
}

/// One copy of everything, decisions at once instead of after the second that large clusters wait
/// for, no stop for a disk that is merely rather full, and a key to encrypt with.
const SETTINGS: &str = "\
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
ms bind ipv6 = false
paxos propose interval = 0.05
paxos min wait = 0.01
mon data avail crit = 1
mon allow pool size one = true
mon max pg per osd = 1000
osd pool default size = 1
osd pool default min size = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = ferry-key=YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=
osd objectstore = bluestore
bluestore block size = 8G
";

fn command(program: &str, conf: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.arg("--conf").arg(conf).args(arguments);
    command
}

/// A random UUID, of version 4.
fn uuid() -> String {
    let mut random = fastrand::Rng::new();
    let mut hex =
        |digits: usize| (0..digits).map(|_| format!("{:x}", random.u8(..16))).collect::<String>();
    format!("{}-{}-4{}-8{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12))
}
