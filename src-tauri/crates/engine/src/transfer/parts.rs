//! The effects on parts: what the store has of them, and sending the rest.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use ferry_journal::{Journal, PartRow};
use ferry_model::checksum::{Checksums, Wanted, same_etag};
use ferry_model::checksum_support::{Asked, Tried, may_mean_checksum};
use ferry_model::existing::MOST_LOST;
use ferry_model::verdict::{Answer, Local, Maker, verdict};
use ferry_model::{EtagMeaning, Event, Fault, FaultKind, Integrity, PartRange, Verdict};
use ferry_storage::{ListedPart, ObjectOptions, StoreError, StoredPart, all_pages};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::endpoint::lanes::Lane;
use crate::source::reading::{Range, payload};
use crate::transfer::attempts::{Failed, answered, unsent};
use crate::transfer::requests::settle;
use crate::transfer::tail::{Carrier, Tail};
use crate::transfer::task::Task;

/// Transport failures of one part in a row after which a request without a body asks whether the
/// store would answer at all: some stores refuse early and close, which looks like a broken
/// connection.
const FAILURES_TO_ASK: u32 = 2;

impl Task {
    /// Server state is the truth: parts it lacks are forgotten here, parts it has and the journal
    /// does not are read again and adopted if they agree.
    pub(crate) async fn list_parts(&mut self) -> Result<Event, Failed> {
        let (key, upload_id) = (self.row.key.clone(), self.upload_id()?);
        let listed = self.all_parts(&key, &upload_id).await?;
        match self.reconcile(listed).await {
            // The store had its tries: another turn would end as this one.
            Err(Failed::Fault(fault)) if fault.kind == FaultKind::PartsRefused => {
                Ok(Event::Faulted(fault))
            }
            outcome => outcome.map(|()| Event::PartsListed),
        }
    }

    /// All parts of an upload; each page has its own tries.
    pub(crate) async fn all_parts(
        &self,
        key: &str,
        upload_id: &str,
    ) -> Result<Vec<ListedPart>, Failed> {
        all_pages(|marker| async move {
            let request = || self.store.list_parts(key, upload_id, marker);
            self.attempts.read(request).await
        })
        .await
    }

    async fn reconcile(&mut self, listed: Vec<ListedPart>) -> Result<(), Failed> {
        let listed: BTreeMap<u32, ListedPart> =
            listed.into_iter().map(|part| (part.number, part)).collect();
        let ranges = self.ranges();
        let mut known = std::mem::take(&mut self.parts);
        for range in ranges {
            let local = known.remove(&range.number);
            let Some(theirs) = listed.get(&range.number).filter(|theirs| theirs.size == range.len)
            else {
                if local.is_some() {
                    self.forget_lost(range.number).await?;
                }
                continue;
            };
            match local {
                Some(local) if still_holds(&local, theirs, self.row.integrity) => {
                    self.parts.insert(range.number, local);
                }
                _ => self.adopt(range, theirs).await?,
            }
        }
        let acked = self.acked_bytes();
        self.live.set_acked(acked);
        if !self.counted {
            self.counted = true;
            self.shared.tally.resumed.fetch_add(acked, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Forgets a part that was acknowledged and is missing from the list. It is sent again, but not
    /// for ever.
    async fn forget_lost(&mut self, number: u32) -> Result<(), Fault> {
        self.forget_part(number).await?;
        let lost = self.lost.entry(number).or_default();
        *lost += 1;
        if *lost <= MOST_LOST {
            return Ok(());
        }
        let why = format!("part {number} was acknowledged {lost} times, and each time it was lost");
        Err(Fault::new(FaultKind::PartsRefused).with_subject(self.row.key.clone()).with_detail(why))
    }

    pub(crate) async fn forget_part(&self, number: u32) -> Result<(), Fault> {
        let id = self.row.id;
        let forget = |journal: Journal| async move { journal.forget_part(id, number).await };
        self.shared.durable.write(forget).await
    }

    /// Takes over a part that the store acknowledged but the journal does not know, if the file's
    /// bytes agree with it.
    async fn adopt(&mut self, range: PartRange, theirs: &ListedPart) -> Result<(), Failed> {
        let sums = self.range(range.offset, range.len).checksums(Wanted::WithBoth).await?;
        // Under strict integrity, too, it may be of another state of the file: only a checksum
        // proves it.
        let answer = listed_answer(theirs, EtagMeaning::Md5);
        if verdict(&Local::from(&sums), &answer, self.row.integrity) == Verdict::Agrees {
            self.keep(PartRow {
                number: range.number,
                size: range.len,
                etag: theirs.etag.clone(),
                crc64: Some(sums.crc64),
                crc64_nvme: sums.crc64_nvme,
                md5: sums.md5,
            })
            .await?;
        }
        Ok(())
    }

    async fn keep(&mut self, part: PartRow) -> Result<(), Fault> {
        self.record_part(&part).await?;
        self.parts.insert(part.number, part);
        Ok(())
    }

    async fn record_part(&self, part: &PartRow) -> Result<(), Fault> {
        let id = self.row.id;
        let record = |journal: Journal| {
            let part = part.clone();
            async move { journal.record_part(id, part).await }
        };
        self.shared.durable.write(record).await
    }

    /// Sends every part the store lacks, several side by side, in order.
    ///
    /// # Cancellation
    /// Dropping the future drops the parts under way; those acknowledged before stay.
    pub(crate) async fn send_parts(&mut self) -> Result<Event, Failed> {
        let upload_id = self.upload_id()?;
        let tail = Tail::new(self.plan());
        self.send_missing(&upload_id, self.plan().parts(), &tail).await?;
        let sums = self.whole().ok_or_else(|| {
            Fault::new(FaultKind::Internal).with_detail("a part without its checksum")
        })?;
        self.remember(&sums);
        Ok(Event::PartsSent)
    }

    /// Sends those of these parts that the store lacks. Returns how many that were.
    pub(crate) async fn send_missing(
        &mut self,
        upload_id: &str,
        ranges: impl Iterator<Item = PartRange>,
        tail: &Tail,
    ) -> Result<usize, Failed> {
        let missing: Vec<PartRange> =
            ranges.filter(|range| !self.parts.contains_key(&range.number)).collect();
        let lacked = missing.len();
        let (sent, failed) = self.send_all(upload_id, missing, tail).await;
        self.parts.extend(sent.into_iter().map(|part| (part.number, part)));
        match failed {
            Some(failed) => Err(failed),
            None => Ok(lacked),
        }
    }

    /// Sends these parts; returns those that the store acknowledged, and why the rest is not sent.
    async fn send_all(
        &self,
        upload_id: &str,
        missing: Vec<PartRange>,
        tail: &Tail,
    ) -> (Vec<PartRow>, Option<Failed>) {
        // What lacks for one part lacks for all: no more are begun, but those under way end, or
        // what the store acknowledges of them would be sent again.
        let lacking = OnceLock::new();
        let send = |carrier: Carrier| {
            let lacking: &OnceLock<Failed> = &lacking;
            async move {
                let outcome = match lacking.get() {
                    Some(failed) => Err(failed.clone()),
                    None => tokio::select! {
                        biased;
                        outcome = self.send_part(upload_id, &carrier, tail) => outcome,
                        () = carrier.beaten.cancelled() => Ok(None),
                    },
                };
                (carrier, outcome)
            }
        };
        // Each waits for its permit: how many go side by side may change meanwhile.
        let most = self.attempts.lanes.ceiling(Lane::Large);
        let mut missing = missing.into_iter();
        let mut sending = FuturesUnordered::new();
        let mut sent = Vec::new();
        let mut failed = None;
        loop {
            while sending.len() < most
                && let Some(range) = missing.next()
            {
                sending.push(send(tail.begin(range)));
            }
            let all_began = missing.len() == 0;
            let (carrier, outcome) = tokio::select! {
                biased;
                ended = sending.next() => match ended {
                    Some(ended) => ended,
                    None => break,
                },
                carrier = tail.slow(), if all_began => {
                    let part = carrier.range.number;
                    tracing::debug!(id = %self.row.id, part, "a slow part is sent a second time");
                    sending.push(send(carrier));
                    continue;
                }
            };
            match outcome {
                Ok(part) => sent.extend(part),
                Err(_) if tail.failed(&carrier) => {}
                Err(fault @ Failed::Lacking(_)) => {
                    failed = Some(lacking.get_or_init(|| fault).clone());
                }
                Err(fault) => {
                    failed = Some(fault);
                    break;
                }
            }
        }
        (sent, failed)
    }

    /// What was computed over the parts, in order; `None` where one of them lacks its checksum.
    pub(crate) fn whole(&self) -> Option<Vec<Checksums>> {
        let sums = |part: &PartRow| {
            let PartRow { size: len, crc64_nvme, md5, .. } = *part;
            Some(Checksums { len, crc64: part.crc64?, crc64_nvme, md5 })
        };
        self.parts.values().map(sums).collect()
    }

    /// `None` where another request was quicker with this part.
    pub(crate) async fn send_part(
        &self,
        upload_id: &str,
        carrier: &Carrier,
        tail: &Tail,
    ) -> Result<Option<PartRow>, Failed> {
        let failures = AtomicU32::new(0);
        let options = self.options();
        let watch = self.live.parts.watch(carrier.range.number);
        let begun = || {
            tail.moves(carrier);
            watch.moves();
        };
        let request = || async {
            let (range, options) = (carrier.range, &options);
            let sent = self.send_part_or_ask(upload_id, range, options, &failures, &begun).await;
            if sent.is_err() {
                watch.failed();
            }
            sent
        };
        let part = self.attempts.write_part(carrier.range.number, request).await?;
        if !tail.acknowledged(carrier) {
            return Ok(None);
        }
        // Acknowledged by the store: written down before anything else, so that a kill from here on
        // does not send it again.
        self.record_part(&part).await?;
        self.live.add_acked(part.size);
        Ok(Some(part))
    }

    async fn send_part_or_ask(
        &self,
        upload_id: &str,
        range: PartRange,
        options: &ObjectOptions,
        failures: &AtomicU32,
        begun: &(impl Fn() + Sync),
    ) -> Result<PartRow, StoreError> {
        let tried = match failures.load(Ordering::Relaxed) {
            0 => Tried::First,
            _ => Tried::Failed,
        };
        let asked = self.support().part_asks(tried);
        let mut outcome =
            self.send_part_once(upload_id, range, options, (asked, tried), begun).await;
        if asked == Asked::Announced
            && outcome.as_ref().is_err_and(|error| may_mean_checksum(error.fault.kind))
        {
            let again = (Asked::ValueAfterFailure, Tried::Failed);
            outcome = self.send_part_once(upload_id, range, options, again, begun).await;
        }
        if let Err(error) = &outcome
            && matches!(error.fault.kind, FaultKind::ConnectionLost | FaultKind::Stalled)
            && failures.fetch_add(1, Ordering::Relaxed) % FAILURES_TO_ASK == FAILURES_TO_ASK - 1
        {
            // Its refusal, if it is one, says what the broken connection could not.
            self.store.list_parts(&self.row.key, upload_id, None).await?;
            // It answers: what fails is this part, and that counts against its own tries.
            self.attempts.answered_read();
        }
        outcome
    }

    async fn send_part_once(
        &self,
        upload_id: &str,
        range: PartRange,
        options: &ObjectOptions,
        (asked, tried): (Asked, Tried),
        begun: &(impl Fn() + Sync),
    ) -> Result<PartRow, StoreError> {
        // Taken for each try: what waits for its endpoint holds no permit.
        let _permit = self.attempts.lanes.acquire(Lane::Large).await;
        let _bytes = self.attempts.lanes.bytes(range.len, tried).await;
        begun();
        let bytes = self.range(range.offset, range.len);
        let (wanted, tells) = (self.wanted(), self.tells(asked));
        let throttle = self.shared.throttles.of(self.row.profile);
        let time = self.time_request();
        let flight = self.flight(Lane::Large, &time);
        let (payload, outcome) =
            payload(bytes.clone(), None, wanted, tells, throttle, flight).await.map_err(unsent)?;
        let answer =
            self.store.upload_part(&self.row.key, upload_id, range.number, options, payload).await;
        let told = answer.as_ref().ok().map(|stored| stored.throttled);
        time.over(told.map(|time| self.held_back(time)), self.shared.tally.latencies(Lane::Large));
        let answer = answer.map_err(|error| self.damaged_on_its_way(error, asked));
        let (stored, sums) = settle(answer, &outcome)?;
        self.learn(asked, stored.crc64_nvme).await;
        let sums = self.check_part(range, &bytes, &stored, sums).await?;
        Ok(PartRow {
            number: range.number,
            size: range.len,
            etag: stored.etag,
            crc64: Some(sums.crc64),
            crc64_nvme: sums.crc64_nvme,
            md5: sums.md5,
        })
    }

    async fn check_part(
        &self,
        range: PartRange,
        bytes: &Range,
        stored: &StoredPart,
        sums: Checksums,
    ) -> Result<Checksums, StoreError> {
        let answer = Answer {
            size: None,
            crc64: stored.crc64,
            crc64_nvme: stored.crc64_nvme,
            etag: Some(&stored.etag),
            etag_meaning: stored.etag_meaning,
            maker: Maker::Anybody,
        };
        // Where there is nothing to compare yet, the whole object's checksum has the last word.
        let (said, sums) = self.prove(bytes, sums, &answer).await.map_err(unsent)?;
        if said != Verdict::Differs {
            return Ok(sums);
        }
        let what = format!("part {}", range.number);
        Err(answered(
            Fault::new(FaultKind::ChecksumMismatch)
                .with_subject(self.row.name.clone())
                .with_detail(what),
        ))
    }
}

/// Whether a listed part is the one that was acknowledged, under the ETag that Complete must name.
fn still_holds(part: &PartRow, theirs: &ListedPart, integrity: Integrity) -> bool {
    let local = Local {
        size: part.size,
        crc64: part.crc64,
        crc64_nvme: part.crc64_nvme,
        etag: None,
        acknowledged: Some(part.etag.clone()),
    };
    let answer = listed_answer(theirs, EtagMeaning::Opaque);
    answer.etag.is_none_or(|etag| same_etag(etag, &part.etag))
        && verdict(&local, &answer, integrity) == Verdict::Agrees
}

pub(crate) fn listed_answer(theirs: &ListedPart, etag_meaning: EtagMeaning) -> Answer<'_> {
    Answer {
        size: Some(theirs.size),
        crc64: theirs.crc64,
        crc64_nvme: theirs.crc64_nvme,
        etag: Some(theirs.etag.as_str()).filter(|etag| !etag.is_empty()),
        etag_meaning,
        maker: Maker::Anybody,
    }
}
