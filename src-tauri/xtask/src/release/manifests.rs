//! What winget, Homebrew and the AUR are told of a release.

use std::collections::BTreeMap;

use super::assets::{archives, packages};
use crate::process::{Failure, Outcome};

const SUMMARY: &str = "Uploads files to Alibaba Cloud OSS and S3-compatible stores, verified";

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
        ("aur/PKGBUILD".to_owned(), release.aur()?),
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

  zap trash: [
    "~/Library/Application Support/dev.ferry.uploader",
    "~/Library/Application Support/ferry",
  ]
end
"##
        ))
    }

    fn aur(&self) -> Outcome<String> {
        let ((_, x64), (_, arm)) = (self.file("_amd64.deb")?, self.file("_arm64.deb")?);
        let (version, repository) = (self.version, self.repository);
        let (url_x64, url_arm) = (
            self.url(&format!("Ferry_{version}_amd64.deb")),
            self.url(&format!("Ferry_{version}_arm64.deb")),
        );
        Ok(format!(
            r#"pkgname=ferry-bin
pkgver={version}
pkgrel=1
pkgdesc="{SUMMARY}"
arch=('x86_64' 'aarch64')
url="https://github.com/{repository}"
license=('MIT')
depends=('webkit2gtk-4.1' 'gtk3')
optdepends=('libayatana-appindicator: icon in the tray' 'gnome-keyring: where keys are kept')
provides=('ferry')
conflicts=('ferry')
source_x86_64=("{url_x64}")
source_aarch64=("{url_arm}")
sha256sums_x86_64=('{x64}')
sha256sums_aarch64=('{arm}')

package() {{
  tar -xf data.tar.* -C "$pkgdir"
}}
"#
        ))
    }

    fn winget_version(&self) -> String {
        let version = self.version;
        format!(
            "PackageIdentifier: Ferry.Ferry\nPackageVersion: {version}\nDefaultLocale: en-US\n\
             ManifestType: version\nManifestVersion: 1.10.0\n"
        )
    }

    fn winget_installer(&self) -> Outcome<String> {
        let mut text = format!(
            "PackageIdentifier: Ferry.Ferry\nPackageVersion: {}\nInstallerType: nullsoft\n\
             Scope: user\nInstallers:\n",
            self.version
        );
        for (processor, end) in [("x64", "_x64-setup.exe"), ("arm64", "_arm64-setup.exe")] {
            let (name, sum) = self.file(end)?;
            let (url, sum) = (self.url(&name), sum.to_uppercase());
            text.push_str(&format!(
                "- Architecture: {processor}\n  InstallerUrl: {url}\n  InstallerSha256: {sum}\n"
            ));
        }
        text.push_str("ManifestType: installer\nManifestVersion: 1.10.0\n");
        Ok(text)
    }

    fn winget_texts(&self) -> String {
        let (version, repository) = (self.version, self.repository);
        format!(
            "PackageIdentifier: Ferry.Ferry\nPackageVersion: {version}\nPackageLocale: en-US\n\
             Publisher: The Ferry authors\nPackageName: Ferry\n\
             PackageUrl: https://github.com/{repository}\nLicense: MIT\n\
             ShortDescription: {SUMMARY}\nManifestType: defaultLocale\nManifestVersion: 1.10.0\n"
        )
    }
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
            ("winget/Ferry.Ferry.installer.yaml", "Ferry_1.2.3_arm64-setup.exe"),
        ] {
            assert!(text(file).to_lowercase().contains(&sums[asset]), "{file}: {asset}");
            let mut lacking = sums.clone();
            lacking.remove(asset);
            assert!(all("1.2.3", "owner/ferry", &lacking).is_err(), "without {asset}");
        }
        let url = "https://github.com/owner/ferry/releases/download/v1.2.3/Ferry_1.2.3_amd64.deb";
        assert!(text("aur/PKGBUILD").contains(url));
        assert!(
            text("homebrew/ferry.rb").contains("download/v#{version}/Ferry_#{version}_#{arch}.dmg")
        );
    }
}
