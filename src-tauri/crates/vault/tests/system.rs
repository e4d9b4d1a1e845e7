//! The system's own keyring: a real Secret Service on a bus of the test's own.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use ferry_model::{Credentials, Secret};
use ferry_vault::{Vault, VaultError};

/// Tells this test's own binary, started again on another bus, what to do there.
const ROLE: &str = "FERRY_VAULT_TEST_ROLE";
const SERVICE: &str = "ferry-vault-test";

fn credentials(id: &str) -> Credentials {
    Credentials {
        access_key_id: id.to_owned(),
        access_key_secret: Secret::new("s3cr\"et 密钥"),
        security_token: Some(Secret::new("token".repeat(400))),
        expires_ms: Some(1_767_225_600_123),
    }
}

fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

fn need(program: &str, package: &str) {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    assert!(
        found,
        "this test needs {program}: install the package {package} (apt-get install {package})"
    );
}

/// Runs one test of this binary again, by `script` on a bus and in a home of its own. `$0` is the
/// binary.
fn on_a_bus(test: &str, role: &str, script: &str, home: &Path) -> Output {
    need("dbus-run-session", "dbus");
    need("gnome-keyring-daemon", "gnome-keyring");
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "bash", "-c", script])
        .arg(std::env::current_exe().expect("its own path"))
        .arg(test);
    for (name, dir) in [
        ("HOME", "home"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ] {
        let dir = home.join(dir);
        std::fs::create_dir_all(&dir).expect("makes");
        private(&dir);
        command.env(name, dir);
    }
    command
        .env(ROLE, role)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null());
    command.output().expect("starts")
}

fn private(dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).expect("sets");
}

fn assert_passed(output: &Output) {
    let (said, erred) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // A misspelt name would run no test and succeed.
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{erred}");
}

const UNLOCKED: &str = r#"
    printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1
    exec "$0" --exact "$1" --nocapture"#;

#[tokio::test]
async fn a_real_secret_service_keeps_reads_and_deletes() {
    if role().is_some() {
        let vault = Vault::system(SERVICE);
        assert_eq!(vault.load("profile-1").await, Ok(None));
        vault.store("profile-1", &credentials("first")).await.expect("stores");
        vault.store("profile-1", &credentials("second")).await.expect("replaces");
        vault.store("profile-2", &credentials("other")).await.expect("stores");
        // Another vault, as another run would be.
        let second = Vault::system(SERVICE);
        assert_eq!(second.load("profile-1").await, Ok(Some(credentials("second"))));
        assert_eq!(Vault::system("another service").load("profile-1").await, Ok(None));
        second.delete("profile-1").await.expect("deletes");
        second.delete("profile-1").await.expect("is idempotent");
        assert_eq!(vault.load("profile-1").await, Ok(None));
        assert_eq!(vault.load("profile-2").await, Ok(Some(credentials("other"))));
        // Dropped where tasks run: the store is on its own thread.
        return drop((vault, second));
    }
    let home = tempfile::tempdir().expect("a folder");
    assert_passed(&on_a_bus(
        "a_real_secret_service_keeps_reads_and_deletes",
        "unlocked",
        UNLOCKED,
        home.path(),
    ));
}

#[tokio::test]
async fn a_locked_keyring_says_so() {
    const NAME: &str = "a_locked_keyring_says_so";
    match role().as_deref() {
        Some("fill") => {
            return Vault::system(SERVICE)
                .store("profile-1", &credentials("x"))
                .await
                .expect("stores");
        }
        Some(_) => {
            let vault = Vault::system(SERVICE);
            let begun = Instant::now();
            assert_eq!(vault.load("profile-1").await, Err(VaultError::Locked));
            assert_eq!(vault.store("profile-2", &credentials("x")).await, Err(VaultError::Locked));
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
            vault.remember_for_this_run("profile-1", credentials("typed"));
            assert_eq!(vault.load("profile-1").await, Ok(Some(credentials("typed"))));
            return;
        }
        None => {}
    }
    let home = tempfile::tempdir().expect("a folder");
    assert_passed(&on_a_bus(NAME, "fill", UNLOCKED, home.path()));
    // The same keyring again; its password is not given, and there is no display for a prompt.
    let locked = r#"
        gnome-keyring-daemon --start --components=secrets --daemonize >/dev/null 2>&1 </dev/null
        exec "$0" --exact "$1" --nocapture"#;
    assert_passed(&on_a_bus(NAME, "locked", locked, home.path()));
}

#[tokio::test]
async fn without_a_bus_there_is_no_keyring() {
    if role().is_some() {
        let vault = Vault::system(SERVICE);
        let begun = Instant::now();
        assert_eq!(vault.load("profile-1").await, Err(VaultError::Absent));
        assert_eq!(vault.store("profile-1", &credentials("x")).await, Err(VaultError::Absent));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let output = Command::new(std::env::current_exe().expect("its own path"))
        .args(["--exact", "without_a_bus_there_is_no_keyring", "--nocapture"])
        .env(ROLE, "absent")
        .env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}", home.path().join("nothing").display()),
        )
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .expect("starts");
    assert_passed(&output);
}
