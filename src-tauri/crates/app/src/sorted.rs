//! A list for which rows have to be read, to sort them as the user chose or to find them: made now
//! and then, and shown page by page.

use std::time::Duration;

use ferry_journal::{Filter, Journal, Listed, Order, SortKey};
use ferry_model::{Fault, TransferId};
use tokio::time::Instant;

use crate::messages::{Sort, Viewport};
use crate::waiting::SHARE;

/// How old a list may be at least: to make it reads the whole queue.
const AGE: Duration = Duration::from_secs(1);

/// What is sorted, and how.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    filter: Filter,
    by: Option<SortKey>,
    order: Order,
    descending: bool,
}

/// The list as it was made last.
pub(crate) struct Sorted {
    wanted: Option<Wanted>,
    ids: Vec<TransferId>,
    /// When it is old enough to be made again.
    old_at: Instant,
}

impl Sorted {
    pub(crate) fn new(now: Instant) -> Self {
        Self { wanted: None, ids: Vec::new(), old_at: now }
    }

    /// The viewport's page of the list, in `order` where it is not sorted; `None` where the journal
    /// can turn to the page itself, and where no rows are wanted. Beside it, when to make the list
    /// again where it did not, because it is young: rows may have changed since.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn page(
        &mut self,
        journal: &Journal,
        filter: &Filter,
        order: Order,
        viewport: &Viewport,
    ) -> Result<Option<(Listed, Option<Instant>)>, Fault> {
        let by = key(viewport.sort);
        if viewport.limit == 0 || (by.is_none() && !filter.reads_rows()) {
            *self = Self::new(Instant::now());
            return Ok(None);
        }
        let wanted = Wanted { filter: filter.clone(), by, order, descending: viewport.descending };
        let began = Instant::now();
        let is_young = self.wanted.as_ref() == Some(&wanted) && began < self.old_at;
        if !is_young {
            let ids = match by {
                Some(by) => journal.sorted(filter.clone(), by, viewport.descending).await,
                None => journal.found(filter.clone(), order).await,
            };
            self.ids = ids.map_err(|error| error.fault())?;
            self.old_at = Instant::now() + AGE.max(began.elapsed() * SHARE);
            self.wanted = Some(wanted);
        }
        let (total, limit) = (self.ids.len(), viewport.limit as usize);
        // Where the list has become too short for the viewport, it stands at its end.
        let offset = (viewport.offset as usize).min(total.saturating_sub(limit));
        let page = self.ids.iter().skip(offset).take(limit);
        let listed =
            Listed { total: total as u64, offset: offset as u64, ids: page.copied().collect() };
        Ok(Some((listed, is_young.then_some(self.old_at))))
    }
}

/// What the journal sorts by; `None` for the order of the queue.
pub(crate) fn key(sort: Sort) -> Option<SortKey> {
    match sort {
        Sort::Queue => None,
        Sort::Name => Some(SortKey::Name),
        Sort::Size => Some(SortKey::Size),
        Sort::State => Some(SortKey::State),
        Sort::Time => Some(SortKey::Finished),
    }
}
