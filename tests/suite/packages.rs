//! What packages hold beside the programs, as far as it stands in the sources. `cargo xtask bundle`
//! has lintian look at the packages themselves.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(source(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn config() -> Value {
    serde_json::from_str(&read("tauri.conf.json")).expect("is JSON")
}

#[test]
fn the_entry_in_shops_is_valid_and_of_this_program() {
    let name = "src-tauri/linux/dev.ferry.uploader.metainfo.xml";
    let told = Command::new("appstreamcli")
        .args(["validate", "--no-net", "--no-color"])
        .arg(source(name))
        .output()
        .expect("`cargo xtask test` installs appstream");
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success() && !said.contains("W:") && !said.contains("E:"), "{said}");

    let entry = read(name);
    let config = config();
    let of_config = |name: &str| config[name].as_str().expect("is text");
    for part in [
        format!("<id>{}</id>", of_config("identifier")),
        // Tauri's tool calls the entry in menus after the product.
        format!(
            r#"<launchable type="desktop-id">{}.desktop</launchable>"#,
            of_config("productName")
        ),
        "<binary>ferry-desktop</binary>".to_owned(),
        "<binary>ferry</binary>".to_owned(),
    ] {
        assert!(entry.contains(&part), "{part}");
    }
    let count = |text: &str| entry.matches(text).count();
    for element in ["summary", "p", "li"] {
        let english = count(&format!("<{element}>"));
        let chinese = count(&format!("<{element} xml:lang=\"zh_CN\">"));
        assert!(english > 0 && english == chinese, "each <{element}> stands in both languages");
    }
}

#[test]
fn the_newest_release_in_shops_is_the_version_of_this_program() {
    let entry = read("src-tauri/linux/dev.ferry.uploader.metainfo.xml");
    let newest = entry.split_once("<release version=\"").expect("a release").1;
    assert_eq!(newest.split('"').next(), Some(env!("CARGO_PKG_VERSION")));
}

/// Runs a compiler of installers in a folder.
fn compiles(compiler: &str, arguments: &[&str], folder: &Path) {
    let told = Command::new(compiler).args(arguments).current_dir(folder).output();
    let told =
        told.unwrap_or_else(|error| panic!("`cargo xtask test` installs {compiler}: {error}"));
    let said = [told.stdout, told.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    assert!(told.status.success(), "{}", said.concat());
}

#[test]
fn the_installer_is_each_users_own_and_puts_ferry_into_send_to() {
    let nsis = &config()["bundle"]["windows"]["nsis"];
    assert_eq!(nsis["installMode"], "currentUser");
    let hooks = source(nsis["installerHooks"].as_str().expect("hooks"));
    let hooks = hooks.canonicalize().expect("is there");
    // As Tauri's installer has them, which includes the hooks before it defines what they name.
    let script = format!(
        "Unicode true\n!include LogicLib.nsh\n!include \"{}\"\n\
         !define PRODUCTNAME \"Ferry\"\n!define MAINBINARYNAME \"ferry-desktop\"\n\
         Var UpdateMode\nVar NoShortcutMode\nName Ferry\nOutFile ferry.exe\n\
         Function .onInit\nStrCpy $UpdateMode 0\nStrCpy $NoShortcutMode 0\nFunctionEnd\n\
         Section Install\nWriteUninstaller uninstall.exe\n\
         !insertmacro NSIS_HOOK_POSTINSTALL\nSectionEnd\n\
         Section Uninstall\n!insertmacro NSIS_HOOK_POSTUNINSTALL\nSectionEnd\n",
        hooks.display()
    );
    let folder = tempfile::tempdir().expect("makes");
    std::fs::write(folder.path().join("setup.nsi"), script).expect("writes");
    // Each warning is an error, that of a name which is not there among them.
    compiles("makensis", &["-WX", "-V2", "setup.nsi"], folder.path());
}

#[test]
fn the_msi_puts_ferry_into_send_to() {
    let config = config();
    let of_config = |name: &str| config[name].as_str().expect("is text");
    let wix = &config["bundle"]["windows"]["wix"];
    let fragment = wix["fragmentPaths"][0].as_str().expect("a fragment");
    let component = wix["componentRefs"][0].as_str().expect("a component");
    let text = read(fragment);
    for part in [
        format!("Component Id=\"{component}\""),
        format!("Name=\"{}\" Target=\"[!Path]\"", of_config("productName")),
        // Where Tauri's own components keep what they have made.
        format!(
            "Key=\"Software\\{}\\{}\"",
            config["bundle"]["publisher"].as_str().expect("is text"),
            of_config("productName")
        ),
    ] {
        assert!(text.contains(&part), "{part}");
    }
    let product = format!(
        r#"<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
             <Product Id="*" Name="Ferry" Language="1033" Manufacturer="Ferry" Version="1.0.0"
                      UpgradeCode="00000000-0000-4000-8000-000000000001">
               <Package InstallerVersion="450" Compressed="yes" InstallScope="perMachine" />
               <Media Id="1" Cabinet="app.cab" EmbedCab="yes" />
               <Directory Id="TARGETDIR" Name="SourceDir">
                 <Directory Id="ProgramFilesFolder"><Directory Id="INSTALLDIR" Name="Ferry">
                   <Component Id="Path" Guid="00000000-0000-4000-8000-000000000002">
                     <File Id="Path" Source="product.wxs" KeyPath="yes" />
                   </Component>
                 </Directory></Directory>
               </Directory>
               <Feature Id="External" Level="1">
                 <ComponentRef Id="Path" /><ComponentRef Id="{component}" />
               </Feature>
             </Product>
           </Wix>"#
    );
    let folder = tempfile::tempdir().expect("makes");
    std::fs::write(folder.path().join("product.wxs"), product).expect("writes");
    let fragment = source(fragment).canonicalize().expect("is there");
    let fragment = fragment.to_str().expect("is text");
    compiles("wixl", &["-o", "ferry.msi", "product.wxs", fragment], folder.path());
}

#[test]
fn files_and_folders_can_be_dropped_on_the_icon_in_the_dock() {
    let plist = config()["bundle"]["macOS"]["infoPlist"].as_str().expect("a list").to_owned();
    // Python's own reader of such lists.
    let script = "import json, plistlib, sys; print(json.dumps(plistlib.load(sys.stdin.buffer)))";
    let told = Command::new("python3")
        .args(["-c", script])
        .stdin(std::fs::File::open(source(&plist)).expect("opens"))
        .output()
        .expect("starts");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let list: Value = serde_json::from_slice(&told.stdout).expect("is JSON");
    let kind = &list["CFBundleDocumentTypes"][0];
    let types = kind["LSItemContentTypes"].as_array().expect("types");
    for every in ["public.data", "public.folder"] {
        assert!(types.iter().any(|it| it == every), "{every}");
    }
    // One among others that open a file: Ferry changes none.
    assert_eq!(kind["CFBundleTypeRole"], "Viewer");
    assert_eq!(kind["LSHandlerRank"], "Alternate");
}

#[test]
fn every_size_of_the_icon_is_packed_as_it_is_named() {
    let config = config();
    let icons = config["bundle"]["icon"].as_array().expect("a list");
    let mut sizes = Vec::new();
    for icon in icons.iter().filter_map(Value::as_str).filter(|name| name.ends_with(".png")) {
        let bytes = std::fs::read(source(icon)).unwrap_or_else(|error| panic!("{icon}: {error}"));
        // Of the first chunk of a PNG: width and height.
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four"));
        let (width, height) = (number(16), number(20));
        assert_eq!(width, height, "{icon}");
        sizes.push(width);
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [32, 48, 64, 128, 256, 512]);
}
