//! A disk of a few MiB, to be filled. Needs the right to mount.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system, unmounted when it is dropped.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one of `mib` MiB at `path`, which is made.
    pub fn mount(path: PathBuf, mib: u32) -> Self {
        std::fs::create_dir(&path).expect("makes");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m,mode=700"), "tmpfs"])
            .arg(&path)
            .status();
        assert!(mounted.expect("mount runs").success(), "this test needs the right to mount");
        Self(path)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Mounts it at another folder as well.
    pub fn mount_again(&self, at: &Path) {
        let mounted = Command::new("mount").arg("--bind").args([self.path(), at]).status();
        assert!(mounted.expect("mount runs").success(), "this test needs the right to mount");
    }

    /// Unmounts what is mounted at `path`, also while files on it are open.
    pub fn unmount(path: &Path) {
        let unmounted = Command::new("umount").arg("-l").arg(path).status();
        assert!(unmounted.expect("umount runs").success());
    }

    /// Takes all space that is left.
    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.filler()).expect("makes");
        while file.write_all(&[0; 512]).is_ok() {}
    }

    /// Gives the space free that [`Self::fill`] took.
    pub fn free(&self) {
        std::fs::remove_file(self.filler()).expect("was filled");
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
