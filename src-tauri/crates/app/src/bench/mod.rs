//! A benchmark of a bucket: generated files go to it as any others would, and everything is deleted
//! again.
//!
//! Each phase has an engine and a queue in memory of its own: the user's queue does not learn of
//! it, and one phase's concurrency and sums are not the other's.

mod cleanup;
mod run;

use std::path::PathBuf;
use std::sync::Arc;

use ferry_engine::GeneratedFiles;
use ferry_journal::Journal;
use ferry_model::bench::BenchPhase;
use ferry_model::{
    BatchOptions, Destination, ExistingPolicy, Fault, FaultKind, KeySource, Naming, Network,
    Patterns, Profile, ProfileId, ProfileKind, key, plan,
};
use ferry_storage::{HttpClient, HttpOptions};

use crate::app::App;
use crate::limits::local_time;
use crate::put::{OptionChanges, PutConnection, PutRequest};
use crate::settings;
use crate::start::AppParts;

pub use cleanup::Cleanup;
pub use run::BenchRun;

/// Bytes of one large file, at least half of it where fewer are asked for: many parts, so that its
/// end, where few are under way, counts little.
const LARGE_FILE: u64 = 64 * plan::MIB;
/// Least and most bytes of the large files together.
const SIZES: std::ops::RangeInclusive<u64> = 16 * plan::MIB..=1 << 40;
/// Least and most small files.
const COUNTS: std::ops::RangeInclusive<u64> = 1..=100_000;

/// What a benchmark sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BenchPlan {
    /// Bytes of the large files together.
    pub size: u64,
    /// Small files.
    pub files: u64,
    /// Bytes of a small file.
    pub file_size: u64,
}

impl Default for BenchPlan {
    fn default() -> Self {
        Self { size: 128 * plan::MIB, files: 500, file_size: 16 * 1024 }
    }
}

impl BenchPlan {
    /// How many files a phase has, and the bytes of each.
    pub fn files_of(&self, phase: BenchPhase) -> (u64, u64) {
        match phase {
            BenchPhase::Large => {
                let count = (self.size / LARGE_FILE).max(1);
                (count, self.size / count)
            }
            BenchPhase::Small => (self.files, self.file_size),
        }
    }

    /// Bytes of both phases.
    pub fn bytes(&self) -> u64 {
        let [(large, large_size), (small, small_size)] =
            [BenchPhase::Large, BenchPhase::Small].map(|phase| self.files_of(phase));
        large * large_size + small * small_size
    }

    /// About how many requests it takes where none has to be tried again, those that delete
    /// included.
    pub fn requests(&self) -> u64 {
        let (large, size) = self.files_of(BenchPhase::Large);
        let parts = size.div_ceil(plan::DEFAULT_PART_SIZE);
        // Initiate, Complete, HEAD and DELETE of each; two lists of uploads.
        large * (parts + 4) + self.files * 2 + 2
    }

    /// # Errors
    /// [`FaultKind::InvalidInput`] for what is out of bounds.
    fn check(&self) -> Result<(), Fault> {
        let refused = |name: &str, why: String| {
            Err(Fault::new(FaultKind::InvalidInput).with_subject(name).with_detail(why))
        };
        if !SIZES.contains(&self.size) {
            return refused("--size", "it is from 16MiB to 1TiB".to_owned());
        }
        if !COUNTS.contains(&self.files) {
            return refused("--files", format!("it is from 1 to {}", COUNTS.end()));
        }
        if self.file_size > plan::DEFAULT_PART_SIZE {
            return refused("--file-size", "a small file has up to 8MiB".to_owned());
        }
        Ok(())
    }
}

/// A benchmark to make.
#[derive(Debug, Clone)]
pub struct BenchRequest {
    /// The bucket, and the prefix below which a folder is made.
    pub destination: Destination,
    /// Whose address and keys.
    pub connection: PutConnection,
    /// Which way the store is reached, where the command says so.
    pub network: Network,
    /// What is sent.
    pub plan: BenchPlan,
}

/// A benchmark of one bucket.
#[derive(Debug)]
pub struct Bench {
    user: App,
    request: BenchRequest,
}

impl App {
    /// Prepares a benchmark below a prefix of its own, which nothing else has: 128 random bits are
    /// in it. Sends nothing.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for a plan out of bounds, [`FaultKind::KeyInvalid`] for a prefix
    /// below which no key can be.
    pub fn bench(&self, mut request: BenchRequest) -> Result<Bench, Fault> {
        request.plan.check()?;
        let name = format!(".ferry-bench-{:032x}/", fastrand::u128(..));
        let prefix = key::join(&request.destination.prefix, &[&name]);
        key::check(request.destination.provider, &format!("{prefix}large/00000000.bin"))?;
        request.destination.prefix = prefix;
        Ok(Bench { user: self.clone(), request })
    }
}

impl Bench {
    /// The prefix of every key that it makes, and of no other.
    pub fn prefix(&self) -> &str {
        &self.request.destination.prefix
    }

    /// Begins a phase. Whatever becomes of it, [`BenchRun::clean`] has to follow.
    ///
    /// # Errors
    /// The keyring's, and those of an address that cannot be used; nothing was sent then.
    pub async fn begin(&self, phase: BenchPhase) -> Result<BenchRun, Fault> {
        let Self { user, request } = self;
        let (count, size) = request.plan.files_of(phase);
        let folder = root().join(match phase {
            BenchPhase::Large => "large",
            BenchPhase::Small => "small",
        });
        let files = GeneratedFiles::new(folder.clone(), count, size, fastrand::u64(..));
        let app = App::over(AppParts {
            journal: Journal::inline().map_err(|error| error.fault())?,
            vault: user.inner.vault.clone(),
            files: Arc::new(files),
            http: HttpClient::new(HttpOptions::default()),
            instance: user.inner.instance.clone(),
            data_dir: user.inner.data_dir.clone(),
            settings: settings::load(&user.inner.journal).await?.at_full_speed(),
            time: local_time(),
            updates: None,
        });
        app.use_network(request.network.clone());
        let connection = match &request.connection {
            PutConnection::AdHoc(connection) => PutConnection::AdHoc(connection.clone()),
            PutConnection::Profile(profile) => {
                PutConnection::Profile(Box::new(copy_profile(user, &app, profile).await?))
            }
        };
        let put = app
            .put(PutRequest {
                paths: vec![folder],
                patterns: Patterns { include: Vec::new(), exclude: Vec::new() },
                destination: request.destination.clone(),
                connection,
                part_size: None,
                // Below a prefix that nothing else has, there is nothing to ask about.
                existing: Some(ExistingPolicy::Overwrite),
                integrity: None,
                options: OptionChanges::default(),
                key_template: Some(Naming::default().template),
            })
            .await?;
        Ok(BenchRun::new(app, put, phase, self.prefix().to_owned()))
    }
}

/// An absolute path, as every system has one. Nothing is there: the files are generated.
fn root() -> PathBuf {
    std::path::absolute("/ferry-bench").unwrap_or_else(|_| PathBuf::from("/ferry-bench"))
}

/// The profile in the queue of a phase: the same address and keys, and of its options only those
/// that decide about speed. No server of the user's is called, and no object gets a class with a
/// least time of storage, which is paid for although it is deleted.
async fn copy_profile(user: &App, app: &App, profile: &Profile) -> Result<Profile, Fault> {
    let copy = Profile {
        id: ProfileId(0),
        // The practice bucket's server is the user's affair.
        kind: ProfileKind::Saved,
        options: BatchOptions {
            encryption: profile.options.encryption.clone(),
            traffic_limit: profile.options.traffic_limit,
            ..BatchOptions::default()
        },
        naming: Naming::default(),
        ..profile.clone()
    };
    let id = app.inner.journal.save_profile(&copy).await.map_err(|error| error.fault())?;
    let copy = Profile { id, ..copy };
    if !matches!(profile.keys, KeySource::Process { .. }) {
        match user.keys_of(profile).await {
            Ok(Some(keys)) => app.remember_keys(&copy, keys).await,
            Ok(None) => {}
            // The environment's may do.
            Err(_) if profile.keys == KeySource::Environment => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_what_it_sends() {
        let plan = BenchPlan::default();
        assert_eq!(plan.files_of(BenchPhase::Large), (2, 64 << 20));
        assert_eq!(plan.files_of(BenchPhase::Small), (500, 16 << 10));
        assert_eq!(plan.bytes(), (128 << 20) + 500 * (16 << 10));
        // 8 parts and 4 more for each large file, a PUT and a DELETE for each small one.
        assert_eq!(plan.requests(), 2 * 12 + 1_000 + 2);
        let small = BenchPlan { size: 20 << 20, ..plan };
        assert_eq!(small.files_of(BenchPhase::Large), (1, 20 << 20));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let plan = BenchPlan::default();
        assert_eq!(plan.check(), Ok(()));
        for (wrong, option) in [
            (BenchPlan { size: (16 << 20) - 1, ..plan }, "--size"),
            (BenchPlan { size: (1 << 40) + 1, ..plan }, "--size"),
            (BenchPlan { files: 0, ..plan }, "--files"),
            (BenchPlan { files: 100_001, ..plan }, "--files"),
            (BenchPlan { file_size: (8 << 20) + 1, ..plan }, "--file-size"),
        ] {
            let fault = wrong.check().expect_err("out of bounds");
            assert_eq!(fault.subject.as_deref(), Some(option));
        }
    }
}
