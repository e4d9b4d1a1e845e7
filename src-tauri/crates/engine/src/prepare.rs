//! Before the first byte: is the source there, does the key hold, which way does it go, is the name
//! free?

use ferry_model::{
    Event, ExistingPolicy, Fault, FaultKind, Found, Limits, PartPlan, Provider, Repeat, Route, key,
};

use crate::reading::blocking;
use crate::source;
use crate::transfer::attempts::Failed;
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
        let path = self.row.source.0.clone();
        let (_, identity) = blocking(move || source::open(&path)).await?;
        // Nothing was sent yet, so the file as it is now is the file to send; unless its name tells
        // what it was.
        if self.row.identity.is_some_and(|queued| queued != identity)
            && self.batch.naming.tells_content()
        {
            return Ok(Event::SourceChanged);
        }
        self.row.identity = Some(identity);
        self.row.size = identity.size;
        // What was computed over an earlier state of the file says nothing about this one.
        self.row.crc64 = None;
        self.row.etag = None;
        let plan =
            PartPlan::new(identity.size, self.row.part_size, Limits::of(self.profile.provider))?;
        self.row.part_size = plan.part_size();
        let route = if plan.fits_one_request() { Route::Put } else { Route::Multipart };
        if self.looks_first(route)
            && let Some(event) = self.name_taken().await?
        {
            return Ok(event);
        }
        Ok(Event::Prepared(route))
    }

    /// Whether an existing object is looked for before sending. OSS refuses a small PutObject by
    /// header, without a race; some S3 stores ignore the header, and nobody wants to send 10 GiB to
    /// learn that the name is taken.
    fn looks_first(&self, route: Route) -> bool {
        let refusable = matches!(self.row.existing, ExistingPolicy::Ask | ExistingPolicy::Skip);
        let by_header = self.profile.provider == Provider::Oss && route == Route::Put && refusable;
        self.row.existing != ExistingPolicy::Overwrite && !by_header
    }

    async fn name_taken(&mut self) -> Result<Option<Event>, Failed> {
        let Some(head) = self.head(&self.row.key.clone()).await? else { return Ok(None) };
        match self.found(&head).await? {
            Found::Identical if self.row.existing == ExistingPolicy::SkipIdentical => {
                return Ok(Some(Event::LeftOut));
            }
            Found::Ours | Found::Identical => return Ok(Some(Event::AlreadyThere)),
            // Our own object that went wrong may be replaced without asking.
            Found::Corrupt => {
                self.row.existing = ExistingPolicy::Overwrite;
                return Ok(None);
            }
            Found::Absent | Found::Other => {}
        }
        match self.row.existing {
            ExistingPolicy::Overwrite | ExistingPolicy::SkipIdentical => Ok(None),
            ExistingPolicy::Skip => Ok(Some(Event::LeftOut)),
            ExistingPolicy::Ask => Ok(Some(Event::Occupied)),
            ExistingPolicy::Rename => self.take_free_name().await.map(|()| None),
        }
    }

    /// Gives the transfer the first free name: `name (2).ext`, `name (3).ext`, …
    pub(crate) async fn take_free_name(&mut self) -> Result<(), Failed> {
        let taken = self.row.key.clone();
        for n in 2..MOST_NAMES {
            let other = key::renamed(&taken, n);
            key::check(self.profile.provider, &other)?;
            if self.head(&other).await?.is_none() {
                self.row.key = other;
                return Ok(());
            }
        }
        Err(Fault::new(FaultKind::AlreadyExists).with_subject(taken).into())
    }

    pub(crate) async fn head(
        &self,
        key: &str,
    ) -> Result<Option<ferry_storage::ObjectHead>, Failed> {
        self.attempts.run(Repeat::Freely, || self.store.head(key)).await
    }
}
