//! Real proxies, started on loopback for one test and gone with it: squid and tinyproxy for HTTP,
//! microsocks for SOCKS 5.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::processes::{Processes, free_port};

/// Who may pass a proxy that wants a sign-in.
pub const USER: &str = "me";

/// How long a proxy may take to listen.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Which proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// squid.
    Squid,
    /// tinyproxy.
    Tinyproxy,
    /// microsocks.
    Microsocks,
}

impl Kind {
    /// The password of [`USER`], where the proxy allows it with characters that URLs and headers
    /// have to carry.
    pub fn password(self) -> &'static str {
        match self {
            Self::Squid | Self::Microsocks => "pa:ss%@/w",
            Self::Tinyproxy => "pass-w0rd",
        }
    }
}

/// Whom a proxy lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allows {
    /// Everybody.
    Everybody,
    /// [`USER`].
    User,
    /// Nobody (squid only).
    Nobody,
}

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    kind: Kind,
    allows: Allows,
    /// Where it listens.
    pub address: SocketAddr,
    processes: Processes,
    // After its processes.
    memory: SharedMemory,
}

impl Proxy {
    /// Starts a proxy.
    ///
    /// # Panics
    /// When it does not listen in time: with what it said.
    pub async fn start(kind: Kind, allows: Allows) -> Self {
        let port = free_port();
        Self::start_at(kind, allows, port).await
    }

    /// The same proxy after it was killed.
    pub async fn again(self) -> Self {
        let Self { kind, allows, address, processes, memory } = self;
        drop((processes, memory));
        Self::start_at(kind, allows, address.port()).await
    }

    async fn start_at(kind: Kind, allows: Allows, port: u16) -> Self {
        let start = move || {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            let mut processes = Processes::new();
            let command = match kind {
                Kind::Squid => squid(&processes, allows, port),
                Kind::Tinyproxy => tinyproxy(&processes, allows, port),
                Kind::Microsocks => microsocks(allows, port),
            };
            processes.start("proxy", &command);
            let begun = Instant::now();
            while TcpStream::connect(address).is_err() {
                let said = || processes.said();
                assert!(begun.elapsed() < TIMEOUT, "{kind:?} does not listen:\n{}", said());
                std::thread::sleep(Duration::from_millis(50));
            }
            Self { kind, allows, address, processes, memory: SharedMemory(port) }
        };
        tokio::task::spawn_blocking(start).await.expect("the proxy starts")
    }

    /// What the proxies wrote down so far.
    pub fn said(&self) -> String {
        self.processes.said()
    }
}

/// By this its shared memory is named: two of one name take it from each other.
fn squid_name(port: u16) -> String {
    format!("ferry{port}")
}

/// Takes away the shared memory that a killed Squid leaves.
#[derive(Debug)]
struct SharedMemory(u16);

impl Drop for SharedMemory {
    fn drop(&mut self) {
        let own = format!("{}-", squid_name(self.0));
        for entry in std::fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&own) {
                drop(std::fs::remove_file(entry.path()));
            }
        }
    }
}

fn squid(processes: &Processes, allows: Allows, port: u16) -> Command {
    // As root it works as another user, who has to read and write here.
    let everybody = |path: &Path, mode| {
        let rights = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, rights).expect("the folder is ours");
    };
    let folder = processes.path("");
    everybody(&folder, 0o777);
    let question = processes.write(
        "sign-in.sh",
        "while read -r user password; do\n\
         [ \"$user $password\" = 'me pa:ss%25@/w' ] && echo OK || echo ERR\ndone\n",
    );
    everybody(&question, 0o755);
    let rules = match allows {
        Allows::Everybody => "http_access allow all".to_owned(),
        Allows::Nobody => "http_access deny all".to_owned(),
        Allows::User => format!(
            "auth_param basic program /bin/sh {}\nauth_param basic children 2\n\
             acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all",
            question.display()
        ),
    };
    let folder = folder.display();
    let configuration = processes.write(
        "squid.conf",
        &format!(
            "http_port 127.0.0.1:{port}\npid_filename none\ncache deny all\ncoredump_dir {folder}\n\
             access_log stdio:{folder}/access.log\ncache_log {folder}/cache.log\n\
             netdb_filename none\nshutdown_lifetime 0 seconds\npinger_enable off\n{rules}\n"
        ),
    );
    everybody(&configuration, 0o644);
    let mut command = Command::new("squid");
    command.arg("-n").arg(squid_name(port)).arg("-N").arg("-f").arg(configuration);
    command
}

fn tinyproxy(processes: &Processes, allows: Allows, port: u16) -> Command {
    let sign_in = match allows {
        Allows::User => format!("BasicAuth {USER} {}\n", Kind::Tinyproxy.password()),
        Allows::Everybody => String::new(),
        Allows::Nobody => panic!("tinyproxy lets everybody of an address pass"),
    };
    let log = processes.path("proxy.log");
    let configuration = processes.write(
        "tinyproxy.conf",
        &format!(
            "Port {port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 200\nLogLevel Connect\n\
             LogFile \"{}\"\n{sign_in}",
            log.display()
        ),
    );
    let mut command = Command::new("tinyproxy");
    command.arg("-d").arg("-c").arg(configuration);
    command
}

fn microsocks(allows: Allows, port: u16) -> Command {
    let mut command = Command::new("microsocks");
    command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
    match allows {
        Allows::User => {
            command.args(["-u", USER, "-P", Kind::Microsocks.password()]);
        }
        Allows::Everybody => {}
        Allows::Nobody => panic!("microsocks lets everybody pass"),
    }
    command
}
