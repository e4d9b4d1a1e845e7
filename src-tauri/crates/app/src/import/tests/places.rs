use std::ffi::OsString;
use std::fs;

use super::*;

fn write(home: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().expect("has one")).expect("makes");
    fs::write(path, bytes).expect("writes");
}

fn ossutil(id: &str) -> String {
    format!("[default]\naccessKeyID={id}\naccessKeySecret=s\n")
}

fn rclone(id: &str) -> String {
    format!("[r]\ntype=s3\naccess_key_id={id}\nsecret_access_key=s\n")
}

fn aws(id: &str) -> String {
    format!("[default]\naws_access_key_id={id}\naws_secret_access_key=s\n")
}

fn looked(home: &Path, system: System, variables: &[(&str, &str)]) -> Found {
    let variable = |name: &str| {
        let value = variables.iter().find(|(other, _)| *other == name)?.1;
        Some(OsString::from(value.replace("HOME", &home.display().to_string())))
    };
    look_in(Places { home, variable: &variable, system })
}

fn ids(found: &Found) -> Vec<&str> {
    found.candidates.iter().filter_map(Candidate::access_key_id).collect()
}

#[test]
fn each_tools_usual_places_are_looked_in() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    assert_eq!(looked(home, System::Unix, &[]).candidates, []);
    assert_eq!(looked(home, System::Unix, &[]).problems, [], "what is not there is no problem");
    write(home, ".ossutilconfig", ossutil("ossutil"));
    write(
        home,
        ".aliyun/config.json",
        r#"{"profiles":[{"name":"a","mode":"AK","access_key_id":"aliyun","access_key_secret":"s"}]}"#,
    );
    write(home, ".aws/credentials", aws("aws"));
    write(home, ".aws/config", "[default]\nregion=eu-west-1\n");
    write(home, ".config/rclone/rclone.conf", rclone("rclone"));
    write(home, ".rclone.conf", rclone("old place"));
    let found = looked(home, System::Unix, &[]);
    assert_eq!(ids(&found), ["ossutil", "aliyun", "aws", "rclone"]);
    assert_eq!(found.candidates[2].region.as_deref(), Some("eu-west-1"));
    assert_eq!(found.problems, []);
    let names = [
        ".ossutilconfig",
        ".aliyun/config.json",
        ".aws/credentials",
        ".aws/config",
        ".config/rclone/rclone.conf",
    ];
    assert_eq!(found.looked_for, names.map(|name| home.join(name)));
    // rclone's first place that has one: %APPDATA% on Windows only, then XDG's.
    write(home, "roaming/rclone/rclone.conf", rclone("roaming"));
    write(home, "xdg/rclone/rclone.conf", rclone("xdg"));
    let variables = [("APPDATA", "HOME/roaming"), ("XDG_CONFIG_HOME", "HOME/xdg")];
    assert_eq!(ids(&looked(home, System::Windows, &variables))[3], "roaming");
    assert_eq!(ids(&looked(home, System::Unix, &variables))[3], "xdg");
    fs::remove_dir_all(home.join(".config")).expect("removes");
    assert_eq!(ids(&looked(home, System::Unix, &[]))[3], "old place");
}

#[test]
fn a_variable_names_another_place() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    write(home, ".ossutilconfig", ossutil("usual"));
    write(home, "o/conf", ossutil("ossutil"));
    write(
        home,
        "j",
        r#"{"profiles":[{"name":"a","mode":"AK","access_key_id":"aliyun","access_key_secret":"s"}]}"#,
    );
    write(home, "c", aws("aws"));
    write(home, "d", "[profile default]\nregion=eu-west-1\n");
    write(home, "r", rclone("rclone"));
    let variables = [
        ("OSSUTIL_CONFIG_FILE", "~/o/conf"),
        ("ALIBABA_CLOUD_CONFIG_FILE", "HOME/j"),
        ("AWS_SHARED_CREDENTIALS_FILE", "HOME/c"),
        ("AWS_CONFIG_FILE", "HOME/d"),
        ("RCLONE_CONFIG", "HOME/r"),
    ];
    let found = looked(home, System::Unix, &variables);
    assert_eq!(ids(&found), ["ossutil", "aliyun", "aws", "rclone"]);
    assert_eq!(found.candidates[2].region.as_deref(), Some("eu-west-1"));
    assert_eq!(found.problems, []);
    // Empty is as good as not set; a promised file that is not there is told.
    let found = looked(
        home,
        System::Unix,
        &[("OSSUTIL_CONFIG_FILE", ""), ("AWS_CONFIG_FILE", "HOME/nowhere")],
    );
    assert_eq!(ids(&found), ["usual"]);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].kind, "sourceMissing");
    for language in Language::ALL {
        assert!(found.problems[0].sentence.in_language(*language).contains("nowhere"));
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    write(home, ".aliyun/config.json", "{\"profiles\":[canary");
    write(home, ".aws/credentials", b"[default]\naws_access_key_id=\xff\n");
    let padding = " ".repeat(usize::try_from(MOST_BYTES).expect("fits") - 60);
    write(home, ".aws/config", format!("{}{padding}", aws("just in")));
    write(home, ".config/rclone/rclone.conf", "RCLONE_ENCRYPT_V0:\ncanary\n");
    fs::create_dir(home.join(".ossutilconfig")).expect("makes");
    let found = looked(home, System::Unix, &[]);
    assert_eq!(ids(&found), ["just in"]);
    let told: Vec<(&str, &str)> = found
        .problems
        .iter()
        .map(|problem| (problem.kind.as_str(), problem.sentence.in_language(Language::En)))
        .collect();
    let path = |name: &str| {
        let path: PathBuf = name.split('/').fold(home.to_path_buf(), |path, part| path.join(part));
        path.display().to_string()
    };
    // Windows does not open folders as files are opened.
    let (kind, why) = match cfg!(windows) {
        true => ("sourceUnreadable", "cannot be read"),
        false => ("sourceNotRegular", "is not a regular file"),
    };
    assert_eq!(
        told,
        [
            (kind, format!("“{}” {why}.", path(".ossutilconfig")).as_str()),
            (
                "invalidInput",
                &format!("“{}” is not in the form its tool writes.", path(".aliyun/config.json"))
            ),
            ("invalidInput", &format!("“{}” is not UTF-8 text.", path(".aws/credentials"))),
            (
                "invalidInput",
                &format!("“{}” is encrypted by rclone.", path(".config/rclone/rclone.conf"))
            ),
        ]
    );
    for problem in &found.problems {
        assert!(!format!("{problem:?}").contains("canary"), "{problem:?}");
    }
    write(home, ".aws/config", format!("{}{padding}{padding}", aws("too large")));
    let found = looked(home, System::Unix, &[]);
    assert_eq!(ids(&found), Vec::<&str>::new());
    let sentences = found.problems.iter().map(|it| it.sentence.in_language(Language::En));
    assert!(sentences.into_iter().any(|it| it.ends_with("is too large to be a settings file.")));
}

#[cfg(unix)]
#[test]
fn a_pipe_hangs_nobody_and_a_link_is_followed() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    let status = std::process::Command::new("mkfifo")
        .arg(home.join(".ossutilconfig"))
        .status()
        .expect("starts");
    assert!(status.success());
    write(home, "dotfiles/aws", aws("linked"));
    fs::create_dir(home.join(".aws")).expect("makes");
    std::os::unix::fs::symlink(home.join("dotfiles/aws"), home.join(".aws/credentials"))
        .expect("links");
    let found = looked(home, System::Unix, &[]);
    assert_eq!(ids(&found), ["linked"]);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].kind, "sourceNotRegular");
}
