//! Before the first byte: is the source there, does the key hold, which way does it go, is the name
//! free?

use ferry_model::existing::{self, Approach, Expected, Resolution};
use ferry_model::plan::{AUTOMATIC, automatic_part_size};
use ferry_model::{
    Event, Fault, FaultKind, Found, PartLimits, PartPlan, Route, SourceIdentity, key,
};
use ferry_storage::ObjectHead;

use crate::endpoint::lanes::Lane;
use crate::lock::lock;
use crate::objects::ObjectName;
use crate::source::reading::ReadAhead;
use crate::transfer::attempts::Failed;
use crate::transfer::compare::{OwnDamaged, existing_object};
use crate::transfer::task::Task;

/// Names tried before "rename" gives up.
pub(crate) const MOST_NAMES: u32 = 1_000;

impl Task {
    pub(crate) async fn prepare(&mut self) -> Result<Event, Failed> {
        if self.row.key.ends_with('\u{fffd}') || self.row.name.contains('\u{fffd}') {
            return Err(Fault::new(FaultKind::NameNotUnicode)
                .with_subject(self.row.name.clone())
                .into());
        }
        key::check(self.profile.provider, &self.row.key)?;
        let identity = self.identity_now().await?;
        // Nothing was sent yet, so the file as it is now is the file to send; unless its name tells
        // what it was, or a watch queued it: that takes it again once it is complete.
        let saved_anew = self.row.identity.is_some_and(|queued| !identity.unchanged_since(&queued));
        if saved_anew && (self.batch.naming.tells_content() || self.batch.watch.is_some()) {
            return Ok(Event::SourceChanged);
        }
        self.row.taken_anew |= saved_anew;
        self.row.identity = Some(identity);
        self.row.size = identity.size;
        // What was computed over an earlier state of the file says nothing about this one.
        self.row.crc64 = None;
        self.row.etag = None;
        self.crc64_nvme = None;
        let wanted = match self.row.part_size {
            AUTOMATIC => {
                let each = self.attempts.lanes.bytes_each(Lane::Large);
                automatic_part_size(identity.size, each)
            }
            chosen => chosen,
        };
        let plan = PartPlan::new(identity.size, wanted, PartLimits::of(self.profile.provider))?;
        self.row.part_size = plan.part_size();
        let route = if plan.fits_one_request() { Route::Put } else { Route::Multipart };
        // What is known to be there, and ours to replace, needs no look.
        if self.own_damaged.is_none()
            && self.approach(route) == Approach::LookFirst
            && let Some(event) = self.name_taken().await?
        {
            return Ok(event);
        }
        Ok(Event::Prepared(route))
    }

    /// What the file is now. A small one is read at the same time: opening it once more for its
    /// request costs as much again.
    async fn identity_now(&mut self) -> Result<SourceIdentity, Fault> {
        let (files, source) = (self.files(), self.row.queued_source());
        let ahead = ReadAhead::of(&*files, &source, self.row.size).await;
        let identity = ahead.as_ref().map(ReadAhead::identity);
        *lock(&self.ahead) = ahead;
        match identity {
            Some(identity) => Ok(identity),
            None => Ok(files.open(&source).await?.identity()),
        }
    }

    pub(crate) fn approach(&self, route: Route) -> Approach {
        let expected = if self.batch.repeats || self.shared.batches.has_met_object(self.row.batch) {
            Expected::Yes
        } else {
            Expected::No
        };
        existing::approach(self.row.existing, self.profile.provider, route, expected)
    }

    /// Before the upload of what is not known whole yet, so that how an object that is there compares
    /// with it is not known either.
    pub(crate) async fn prepare_upload(&mut self) -> Result<Event, Failed> {
        if self.approach(Route::Multipart) == Approach::LookFirst
            && let Some(head) = self.head(&self.row.key.clone()).await?
            && let Some(event) = self.taken(&head, Found::Other).await?
        {
            return Ok(event);
        }
        Ok(Event::Prepared(Route::Multipart))
    }

    async fn name_taken(&mut self) -> Result<Option<Event>, Failed> {
        let Some(head) = self.head(&self.row.key.clone()).await? else { return Ok(None) };
        let found = self.found(&head).await?;
        self.taken(&head, found).await
    }

    /// What the policy makes of an object that is there; `None` to send.
    pub(crate) async fn taken(
        &mut self,
        head: &ObjectHead,
        found: Found,
    ) -> Result<Option<Event>, Failed> {
        self.row.there = Some(existing_object(head));
        Ok(match self.decision(head, found).await? {
            Resolution::Send => None,
            Resolution::ReplaceOwn => {
                self.own_damaged = Some(OwnDamaged::of(head));
                None
            }
            Resolution::Done => Some(Event::AlreadyThere),
            Resolution::AskAboutOptions => Some(Event::OptionsDiffer),
            Resolution::LeaveOut => Some(Event::LeftOut),
            Resolution::Ask => Some(Event::Occupied),
            Resolution::Rename => {
                self.take_free_name().await?;
                None
            }
        })
    }

    /// Gives the transfer the first free name: `name (2).ext`, `name (3).ext`, … A name that
    /// another transfer is making an object of is not free.
    pub(crate) async fn take_free_name(&mut self) -> Result<(), Failed> {
        let taken = self.row.key.clone();
        for n in 2..MOST_NAMES {
            let other = key::renamed(&taken, n);
            key::check(self.profile.provider, &other)?;
            let object = ObjectName::of(&self.row, &self.profile).with_key(&other);
            let Some(turn) = self.shared.objects.try_turn(object) else { continue };
            if self.head(&other).await?.is_none() {
                self.row.key = other;
                self._turn = Some(turn);
                return Ok(());
            }
        }
        Err(Fault::new(FaultKind::AlreadyExists).with_subject(taken).into())
    }

    pub(crate) async fn head(&self, key: &str) -> Result<Option<ObjectHead>, Failed> {
        self.attempts.read(|| self.store.head(key)).await
    }
}
