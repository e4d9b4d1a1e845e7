//! What an instrument does in its life, from a seed.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use ferry_engine::Change;
use ferry_model::Provider;

use super::folder::{FOLDER, content};

/// Names that files have. Few, so that they are used again.
const NAMES: [&str; 10] = [
    "a.raw",
    "b.raw",
    "c.raw",
    "d.txt",
    "run/e.raw",
    "run/f.raw",
    "run/2/g.raw",
    "j.jpg",
    "h",
    "run/i",
];
/// Folders of them, and other names that these get.
const FOLDERS: [(&str, &str); 2] = [("run", "moved"), ("run/2", "2")];
/// In how many bursts the files of a large life come.
const BURSTS: usize = 20;
/// Files of a burst in one folder.
const FILES_A_FOLDER: usize = 10_000;
/// What is linked to, and not watched.
pub(super) const OUTSIDE: &str = "/home/secret";

/// One thing that happens.
#[derive(Clone)]
pub(super) enum Act {
    /// The program dies.
    Crash,
    /// The program dies at the so-manieth moment of its requests.
    CrashAt(u64),
    /// The program ends and begins again.
    Restart,
    /// The computer's clock is set so many seconds ahead.
    Clock(i64),
    /// The store is away for so many seconds.
    Outage(u64),
    /// The system lost hints, and says so.
    LoseHints,
    /// Something happens in the folder.
    Change(Change),
    /// The files of these numbers are written at once.
    Burst(Range<usize>),
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Crash => f.write_str("the program dies"),
            Self::CrashAt(moments) => write!(f, "the program dies in {moments} moments"),
            Self::Restart => f.write_str("the program ends"),
            Self::Clock(seconds) => write!(f, "the clock is {seconds} s ahead"),
            Self::Outage(seconds) => write!(f, "the store is away for {seconds} s"),
            Self::LoseHints => f.write_str("hints are lost"),
            Self::Burst(files) => write!(f, "the files {files:?} are written"),
            Self::Change(change) => {
                // Without its bytes.
                let told = format!("{change:?}");
                f.write_str(told.split(", b\"").next().unwrap_or_default())
            }
        }
    }
}

/// A life.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) seed: u64,
    pub(super) provider: Provider,
    pub(super) quiet_seconds: u32,
    pub(super) rescan_minutes: u32,
    /// Of a hundred hints, how many come.
    pub(super) hints_percent: u32,
    pub(super) newest_first: bool,
    /// Whether verified files are deleted.
    pub(super) deletes: bool,
    /// Whether files are begun while they grow.
    pub(super) sends_growing: bool,
    /// Files that come in bursts beside those that have names.
    pub(super) files: usize,
    /// When what happens, since the world began.
    pub(super) acts: Vec<(Duration, Act)>,
}

impl Plan {
    /// The life of a seed.
    pub fn of(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut plan = Self {
            seed,
            provider: if random.bool() { Provider::Oss } else { Provider::S3 },
            quiet_seconds: random.choice([1, 5, 10, 20]).unwrap_or(10),
            rescan_minutes: random.choice([1, 3, 10]).unwrap_or(10),
            hints_percent: random.choice([0, 50, 90, 100]).unwrap_or(100),
            newest_first: random.bool(),
            deletes: random.u8(..4) == 0,
            sends_growing: random.bool(),
            files: 0,
            acts: Vec::new(),
        };
        plan.fill(&mut random);
        plan
    }

    /// The life of a seed in which so many more files come in bursts, and half of what happens,
    /// happens to one of them.
    pub fn large(seed: u64, files: usize) -> Self {
        if files == 0 {
            return Self::of(seed);
        }
        let mut random = fastrand::Rng::with_seed(seed);
        let mut plan = Self { files, acts: Vec::new(), ..Self::of(seed) };
        for number in 0..BURSTS {
            let at = Duration::from_secs(random.u64(0..7_200));
            let burst = files * number / BURSTS..files * (number + 1) / BURSTS;
            plan.acts.push((at, Act::Burst(burst)));
        }
        plan.fill(&mut random);
        plan
    }

    fn fill(&mut self, random: &mut fastrand::Rng) {
        let mut now = Duration::ZERO;
        for _ in 0..random.usize(20..90) {
            // Bursts, and now and then long pauses.
            now += Duration::from_millis(match random.u8(..10) {
                0..4 => random.u64(0..500),
                4..9 => random.u64(500..40_000),
                _ => random.u64(40_000..1_200_000),
            });
            self.add(now, random);
        }
        self.acts.sort_by_key(|(at, _)| *at);
    }

    fn add(&mut self, now: Duration, random: &mut fastrand::Rng) {
        let files = self.files;
        let path = |random: &mut fastrand::Rng| {
            if files > 0 && random.bool() {
                return of_burst(random.usize(0..files));
            }
            PathBuf::from(FOLDER).join(random.choice(NAMES).unwrap_or(NAMES[0]))
        };
        let folder = |random: &mut fastrand::Rng| {
            let (name, other) = random.choice(FOLDERS).unwrap_or(FOLDERS[0]);
            (PathBuf::from(FOLDER).join(name), PathBuf::from(FOLDER).join(other))
        };
        let one = path(random);
        let mut change = |change| self.acts.push((now, Act::Change(change)));
        match random.u8(..24) {
            0..3 => change(Change::Write(one, content(random))),
            3..7 => self.write_by_pieces(now, one.clone(), one, random),
            7..10 => {
                let mut name = one.as_os_str().to_owned();
                name.push(".part");
                self.write_by_pieces(now, name.into(), one, random);
            }
            10 => change(Change::Append(one, content(random))),
            11 => change(Change::WriteQuietly(one, content(random))),
            12 => change(Change::Resize(one, random.usize(0..200))),
            13 => change(Change::Replace(one, content(random))),
            14 => change(Change::Touch(one)),
            15 if random.u8(..4) == 0 => change(Change::Remove(folder(random).0)),
            15 => change(Change::Remove(one)),
            16 if random.u8(..3) == 0 => {
                let (from, to) = folder(random);
                change(if random.bool() {
                    Change::Rename(from, to)
                } else {
                    Change::Rename(to, from)
                });
            }
            16 => change(Change::Rename(one, path(random))),
            17 => change(Change::Link(one, OUTSIDE.into())),
            18 => self.acts.push((now, Act::Crash)),
            19 => self.acts.push((now, Act::CrashAt(random.u64(1..12)))),
            20 => self.acts.push((now, Act::Restart)),
            21 => {
                let skew = random.choice([0, -7_200, 3_600, 86_400]).unwrap_or(0);
                self.acts.push((now, Act::Clock(skew)));
            }
            22 if random.bool() => self.acts.push((now, Act::Outage(random.u64(5..400)))),
            22 => self.acts.push((now, Act::LoseHints)),
            _ => {
                change(Change::Unmount(FOLDER.into()));
                let back = now + Duration::from_secs(random.u64(1..300));
                self.acts.push((back, Act::Change(Change::Mount(FOLDER.into()))));
            }
        }
    }

    /// A program opens a file, writes it by pieces with pauses, closes it, and gives it its name.
    fn write_by_pieces(
        &mut self,
        begin: Duration,
        path: PathBuf,
        name: PathBuf,
        random: &mut fastrand::Rng,
    ) {
        let mut at = begin;
        let mut add = |at, change| self.acts.push((at, Act::Change(change)));
        add(at, Change::Write(path.clone(), content(random)));
        add(at, Change::BeginWriting(path.clone()));
        for _ in 0..random.u8(1..6) {
            at += Duration::from_millis(random.u64(50..30_000));
            add(at, Change::Append(path.clone(), content(random)));
        }
        at += Duration::from_millis(random.u64(0..2_000));
        if random.u8(..3) == 0 {
            add(at, Change::WriteHead(path.clone(), Bytes::from_static(b"its last header")));
        }
        add(at, Change::EndWriting(path.clone()));
        if path != name {
            add(at, Change::Rename(path, name));
        }
    }
}

/// Where the file of a number is written in a burst.
pub(super) fn of_burst(number: usize) -> PathBuf {
    let folder = number / FILES_A_FOLDER;
    PathBuf::from(FOLDER).join(format!("bursts/{folder}/{number}.raw"))
}
