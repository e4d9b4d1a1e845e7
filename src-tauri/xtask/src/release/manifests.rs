//! What winget, Homebrew and the AUR are told of a release.

use std::collections::BTreeMap;

use super::assets::{archives, packages};
use crate::process::{Failure, Outcome};

const SUMMARY: &str = "Uploads files to Alibaba Cloud OSS and S3-compatible stores, verified";

/// As tauri.conf.json has it: winget knows an installed program by it.
const PUBLISHER: &str = "Ferry contributors";

/// The manifests, by the names of their files.
///
/// # Errors
/// Where the sum of a file is missing.
pub(super) fn all(
    version: &str,
    repository: &str,
    sums: &BTreeMap<String, String>,
) -> Outcome<Vec<(String, String)>> {
    let release = Release { version, repository, sums };
    Ok(vec![
        ("homebrew/ferry.rb".to_owned(), release.homebrew()?),
        ("aur/PKGBUILD".to_owned(), pkgbuild(&release.aur()?)),
        ("aur/.SRCINFO".to_owned(), srcinfo(&release.aur()?)),
        ("winget/Ferry.Ferry.yaml".to_owned(), release.winget_version()),
        ("winget/Ferry.Ferry.installer.yaml".to_owned(), release.winget_installer()?),
        ("winget/Ferry.Ferry.locale.en-US.yaml".to_owned(), release.winget_texts()),
    ])
}

struct Release<'a> {
    version: &'a str,
    repository: &'a str,
    sums: &'a BTreeMap<String, String>,
}

impl Release<'_> {
    /// The sum of the one file whose name ends so.
    fn file(&self, end: &str) -> Outcome<(String, &str)> {
        let all = archives(self.version).into_iter().chain(packages(self.version));
        let name = all.into_iter().find(|name| name.ends_with(end));
        let name = name.ok_or_else(|| Failure(format!("no file of a release ends in {end}")))?;
        let sum = self.sums.get(&name);
        let sum = sum.ok_or_else(|| Failure(format!("the sums lack {name}")))?;
        Ok((name, sum))
    }

    fn url(&self, name: &str) -> String {
        let Self { version, repository, .. } = self;
        format!("https://github.com/{repository}/releases/download/v{version}/{name}")
    }

    fn homebrew(&self) -> Outcome<String> {
        let ((_, arm), (_, intel)) = (self.file("_aarch64.dmg")?, self.file("_x64.dmg")?);
        let (version, repository) = (self.version, self.repository);
        Ok(format!(
            r##"cask "ferry" do
  arch arm: "aarch64", intel: "x64"

  version "{version}"
  sha256 arm:   "{arm}",
         intel: "{intel}"

  url "https://github.com/{repository}/releases/download/v#{{version}}/Ferry_#{{version}}_#{{arch}}.dmg"
  name "Ferry"
  desc "{SUMMARY}"
  homepage "https://github.com/{repository}"

  app "Ferry.app"
  binary "#{{appdir}}/Ferry.app/Contents/MacOS/ferry"

  zap trash: [
    "~/Library/Application Support/dev.ferry.uploader",
    "~/Library/Application Support/ferry",
  ]
end
"##
        ))
    }

    /// What the AUR is told, in the order in which makepkg lists it.
    fn aur(&self) -> Outcome<Vec<(&'static str, Vec<String>)>> {
        let ((x64_name, x64), (arm_name, arm)) =
            (self.file("_amd64.deb")?, self.file("_arm64.deb")?);
        let one = |value: &str| vec![value.to_owned()];
        let several = |values: [&str; 2]| values.map(str::to_owned).to_vec();
        Ok(vec![
            ("pkgdesc", one(SUMMARY)),
            ("pkgver", one(self.version)),
            ("pkgrel", one("1")),
            ("url", vec![format!("https://github.com/{}", self.repository)]),
            ("arch", several(["x86_64", "aarch64"])),
            ("license", one("MIT")),
            ("depends", several(["webkit2gtk-4.1", "gtk3"])),
            (
                "optdepends",
                several([
                    "libayatana-appindicator: icon in the tray",
                    "gnome-keyring: where keys are kept",
                ]),
            ),
            ("provides", one("ferry")),
            ("conflicts", one("ferry")),
            ("source_x86_64", vec![self.url(&x64_name)]),
            ("sha256sums_x86_64", one(x64)),
            ("source_aarch64", vec![self.url(&arm_name)]),
            ("sha256sums_aarch64", one(arm)),
        ])
    }

    fn winget_version(&self) -> String {
        let version = self.version;
        format!(
            "PackageIdentifier: Ferry.Ferry\nPackageVersion: {version}\nDefaultLocale: en-US\n\
             ManifestType: version\nManifestVersion: 1.10.0\n"
        )
    }

    /// For each processor the installer of one user, and the one of all users.
    fn winget_installer(&self) -> Outcome<String> {
        let mut text = format!(
            "PackageIdentifier: Ferry.Ferry\nPackageVersion: {}\nInstallers:\n",
            self.version
        );
        for (processor, kind, scope, end) in [
            ("x64", "nullsoft", "user", "_x64-setup.exe"),
            ("x64", "wix", "machine", "_x64_en-US.msi"),
            ("arm64", "nullsoft", "user", "_arm64-setup.exe"),
            ("arm64", "wix", "machine", "_arm64_en-US.msi"),
        ] {
            let (name, sum) = self.file(end)?;
            let (url, sum) = (self.url(&name), sum.to_uppercase());
            text.push_str(&format!(
                "- Architecture: {processor}\n  InstallerType: {kind}\n  Scope: {scope}\n  \
                 InstallerUrl: {url}\n  InstallerSha256: {sum}\n"
            ));
        }
        text.push_str("ManifestType: installer\nManifestVersion: 1.10.0\n");
        Ok(text)
    }

    fn winget_texts(&self) -> String {
        let (version, repository) = (self.version, self.repository);
        format!(
            "PackageIdentifier: Ferry.Ferry\nPackageVersion: {version}\nPackageLocale: en-US\n\
             Publisher: {PUBLISHER}\nPackageName: Ferry\n\
             PackageUrl: https://github.com/{repository}\nLicense: MIT\n\
             ShortDescription: {SUMMARY}\nManifestType: defaultLocale\nManifestVersion: 1.10.0\n"
        )
    }
}

/// The package of the AUR.
const AUR: &str = "ferry-bin";

/// How makepkg is told.
fn pkgbuild(fields: &[(&str, Vec<String>)]) -> String {
    const SINGLE: [&str; 4] = ["pkgdesc", "pkgver", "pkgrel", "url"];
    let mut text = format!("pkgname='{AUR}'\n");
    for (name, values) in fields {
        let values: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
        let values = values.join(" ");
        let values = if SINGLE.contains(name) { values } else { format!("({values})") };
        text.push_str(&format!("{name}={values}\n"));
    }
    text + "\npackage() {\n  tar -xf data.tar.* -C \"$pkgdir\"\n}\n"
}

/// The same as the AUR reads it, without a shell.
fn srcinfo(fields: &[(&str, Vec<String>)]) -> String {
    let mut text = format!("pkgbase = {AUR}\n");
    for (name, values) in fields {
        for value in values {
            text.push_str(&format!("\t{name} = {value}\n"));
        }
    }
    text + &format!("\npkgname = {AUR}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_have_the_sums_of_their_files_and_none_without() {
        let names = archives("1.2.3").into_iter().chain(packages("1.2.3"));
        let sums: BTreeMap<String, String> =
            names.enumerate().map(|(at, name)| (name, format!("{at:064x}"))).collect();
        let manifests = all("1.2.3", "owner/ferry", &sums).expect("all are there");
        let text = |name: &str| {
            let found = manifests.iter().find(|(file, _)| file == name);
            found.map(|(_, text)| text.as_str()).expect("it is made")
        };
        for (file, asset) in [
            ("homebrew/ferry.rb", "Ferry_1.2.3_aarch64.dmg"),
            ("homebrew/ferry.rb", "Ferry_1.2.3_x64.dmg"),
            ("aur/PKGBUILD", "Ferry_1.2.3_amd64.deb"),
            ("aur/PKGBUILD", "Ferry_1.2.3_arm64.deb"),
            ("winget/Ferry.Ferry.installer.yaml", "Ferry_1.2.3_x64-setup.exe"),
            ("aur/.SRCINFO", "Ferry_1.2.3_amd64.deb"),
            ("aur/.SRCINFO", "Ferry_1.2.3_arm64.deb"),
            ("winget/Ferry.Ferry.installer.yaml", "Ferry_1.2.3_arm64-setup.exe"),
            ("winget/Ferry.Ferry.installer.yaml", "Ferry_1.2.3_x64_en-US.msi"),
            ("winget/Ferry.Ferry.installer.yaml", "Ferry_1.2.3_arm64_en-US.msi"),
        ] {
            assert!(text(file).to_lowercase().contains(&sums[asset]), "{file}: {asset}");
            let mut lacking = sums.clone();
            lacking.remove(asset);
            assert!(all("1.2.3", "owner/ferry", &lacking).is_err(), "without {asset}");
        }
        let url = "https://github.com/owner/ferry/releases/download/v1.2.3/Ferry_1.2.3_amd64.deb";
        assert!(text("aur/PKGBUILD").contains(url));
        assert!(text("aur/.SRCINFO").contains(&format!("\tsource_x86_64 = {url}\n")));
        for part in [
            "download/v#{version}/Ferry_#{version}_#{arch}.dmg",
            "\n  binary \"#{appdir}/Ferry.app/Contents/MacOS/ferry\"\n",
        ] {
            assert!(text("homebrew/ferry.rb").contains(part), "{part}");
        }
    }

    #[test]
    fn winget_is_told_the_publisher_of_the_installers() {
        let configuration = include_str!("../../../../tauri.conf.json");
        assert!(configuration.contains(&format!("\"publisher\": \"{PUBLISHER}\"")));
    }

    #[test]
    fn the_aur_is_told_the_same_twice() {
        let fields = [
            ("pkgver", vec!["1.2.3".to_owned()]),
            ("arch", vec!["x86_64".to_owned(), "aarch64".to_owned()]),
        ];
        let package = "package() {\n  tar -xf data.tar.* -C \"$pkgdir\"\n}\n";
        assert_eq!(
            pkgbuild(&fields),
            format!("pkgname='ferry-bin'\npkgver='1.2.3'\narch=('x86_64' 'aarch64')\n\n{package}")
        );
        assert_eq!(
            srcinfo(&fields),
            "pkgbase = ferry-bin\n\tpkgver = 1.2.3\n\tarch = x86_64\n\tarch = aarch64\n\n\
             pkgname = ferry-bin\n"
        );
    }
}
