//! What arrived: counted per operation, per key and part, and in order.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::operation::Operation;
use crate::request::Dialect;
use crate::sign::SignatureKind;

/// Entries kept; older ones are forgotten, counters are not.
const LONGEST: usize = 32_768;

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has not ended.
    InProgress,
    /// It was answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The code of the `<Error>`, if it was one.
        code: Option<String>,
    },
    /// The connection ended without an answer.
    Dropped,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Place in the order of arrival, from 0.
    pub number: u64,
    /// The connection it came on, from 0.
    pub connection: u64,
    /// What it asked for.
    pub operation: Operation,
    /// Whose rules it followed.
    pub dialect: Dialect,
    /// How it was signed, whether truly or not.
    pub signature: SignatureKind,
    /// The bucket, unless it was about the service.
    pub bucket: Option<String>,
    /// The key, unless it was about a bucket.
    pub key: Option<String>,
    /// The upload, for the operations on one.
    pub upload_id: Option<String>,
    /// The part number, for UploadPart.
    pub part: Option<u32>,
    /// Request headers, names in lower case; `authorization` and tokens are left out.
    pub headers: Vec<(String, String)>,
    /// The decoded query in the order of the wire; signatures, key ids and tokens are left out.
    pub query: Vec<(String, String)>,
    /// Those of the headers that the service reads over, because they belong on another request: an
    /// ACL on an OSS Initiate, a storage class on Complete. Names in lower case, sorted.
    pub misplaced: Vec<String>,
    /// The `x-oss-traffic-limit` that is honoured, in bits a second.
    pub traffic_limit: Option<u64>,
    /// Body bytes received so far.
    pub body_bytes: u64,
    /// Whether a scripted fault touched it.
    pub faulted: bool,
    /// How it ended.
    pub outcome: Outcome,
}

impl Entry {
    /// The value of a header, its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a header came.
    pub fn has_header(&self, name: &str) -> bool {
        self.header(name).is_some()
    }
}

#[derive(Debug)]
struct Row {
    entry: Entry,
    bytes: Arc<AtomicU64>,
}

type PartName = (String, u32);

#[derive(Debug, Default)]
struct Book {
    rows: VecDeque<Row>,
    next: u64,
    counts: HashMap<Operation, u64>,
    parts: HashMap<PartName, Arc<AtomicU64>>,
    keys: HashMap<String, Arc<AtomicU64>>,
}

#[derive(Debug, Default)]
struct Shared {
    book: Mutex<Book>,
    bytes: AtomicU64,
    connections: AtomicU64,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

/// The record of all requests since the start, or since it was last cleared. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    shared: Arc<Shared>,
}

impl Ledger {
    /// How many requests asked for `operation`, however they ended.
    pub fn count(&self, operation: Operation) -> u64 {
        self.book().counts.get(&operation).copied().unwrap_or(0)
    }

    /// How many requests came in all.
    pub fn total(&self) -> u64 {
        self.book().counts.values().sum()
    }

    /// Body bytes received in all.
    pub fn body_bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// Body bytes received for this key, in all its operations.
    pub fn key_bytes(&self, key: &str) -> u64 {
        self.book().keys.get(key).map_or(0, |bytes| bytes.load(Ordering::Relaxed))
    }

    /// Body bytes received for this part of this key, in all tries.
    pub fn part_bytes(&self, key: &str, part: u32) -> u64 {
        self.book()
            .parts
            .get(&(key.to_owned(), part))
            .map_or(0, |bytes| bytes.load(Ordering::Relaxed))
    }

    /// The last requests in order of arrival, at most 32,768.
    pub fn entries(&self) -> Vec<Entry> {
        self.book()
            .rows
            .iter()
            .map(|row| Entry { body_bytes: row.bytes.load(Ordering::Relaxed), ..row.entry.clone() })
            .collect()
    }

    /// Those of [`entries`](Self::entries) that asked for `operation`, in order of arrival.
    pub fn of(&self, operation: Operation) -> Vec<Entry> {
        self.entries().into_iter().filter(|entry| entry.operation == operation).collect()
    }

    /// Connections accepted in all.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Requests that have begun and not ended.
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.load(Ordering::Relaxed)
    }

    /// The most requests that were ever in flight at once.
    pub fn peak_in_flight(&self) -> usize {
        self.shared.peak.load(Ordering::Relaxed)
    }

    /// Forgets what was counted. Requests in flight are not counted again when they end.
    pub fn clear(&self) {
        let mut book = self.book();
        let next = book.next;
        *book = Book { next, ..Book::default() };
        self.shared.bytes.store(0, Ordering::Relaxed);
        self.shared.connections.store(0, Ordering::Relaxed);
        self.shared.peak.store(self.in_flight(), Ordering::Relaxed);
    }

    pub(crate) fn connection(&self) -> u64 {
        self.shared.connections.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes that a request began.
    pub(crate) fn begin(&self, mut entry: Entry) -> Ticket {
        let bytes = Arc::new(AtomicU64::new(0));
        let now = self.shared.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.peak.fetch_max(now, Ordering::Relaxed);
        let mut book = self.book();
        entry.number = book.next;
        book.next += 1;
        *book.counts.entry(entry.operation).or_default() += 1;
        let mut counters = vec![Arc::clone(&bytes)];
        if let Some(key) = &entry.key {
            counters.push(Arc::clone(book.keys.entry(key.clone()).or_default()));
            if let Some(part) = entry.part {
                counters.push(Arc::clone(book.parts.entry((key.clone(), part)).or_default()));
            }
        }
        let number = entry.number;
        if book.rows.len() == LONGEST {
            book.rows.pop_front();
        }
        book.rows.push_back(Row { entry, bytes });
        Ticket { ledger: self.clone(), number, counters }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.shared.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        let mut book = self.book();
        let Some(first) = book.rows.front().map(|row| row.entry.number) else {
            return;
        };
        let row = number
            .checked_sub(first)
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| book.rows.get_mut(index));
        if let Some(row) = row {
            change(&mut row.entry);
        }
    }
}

/// A request in flight. Dropped without [`answered`](Self::answered), it counts as dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    ledger: Ledger,
    number: u64,
    counters: Vec<Arc<AtomicU64>>,
}

impl Ticket {
    pub(crate) fn received(&self, bytes: u64) {
        self.ledger.shared.bytes.fetch_add(bytes, Ordering::Relaxed);
        for counter in &self.counters {
            counter.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn faulted(&self) {
        self.ledger.update(self.number, |entry| entry.faulted = true);
    }

    pub(crate) fn limited(&self, bits_per_second: u64) {
        self.ledger.update(self.number, |entry| entry.traffic_limit = Some(bits_per_second));
    }

    pub(crate) fn answered(&self, status: u16, code: Option<String>) {
        self.ledger.update(self.number, |entry| {
            entry.outcome = Outcome::Answered { status, code };
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.ledger.shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.ledger.update(self.number, |entry| {
            if entry.outcome == Outcome::InProgress {
                entry.outcome = Outcome::Dropped;
            }
        });
    }
}
