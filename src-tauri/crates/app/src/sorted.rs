//! The list in an order that the user chose: sorted now and then, and shown page by page.

use std::time::Duration;

use ferry_journal::{Filter, Journal, Listed, SortKey};
use ferry_model::{Fault, TransferId};
use tokio::time::Instant;

use crate::messages::{Sort, Viewport};
use crate::waiting::SHARE;

/// How old an order may be at least: sorting reads the whole list.
const AGE: Duration = Duration::from_secs(1);

/// What is sorted, and how.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    filter: Filter,
    by: SortKey,
    descending: bool,
}

/// The list as it was sorted last.
pub(crate) struct Sorted {
    wanted: Option<Wanted>,
    ids: Vec<TransferId>,
    /// When it is old enough to be sorted again.
    old_at: Instant,
}

impl Sorted {
    pub(crate) fn new(now: Instant) -> Self {
        Self { wanted: None, ids: Vec::new(), old_at: now }
    }

    /// The viewport's page of the sorted list; `None` where the viewport wants the queue's own
    /// order, or no rows. Beside it, when to sort again where it did not, because the order is
    /// young: rows may have changed since.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn page(
        &mut self,
        journal: &Journal,
        filter: &Filter,
        viewport: &Viewport,
    ) -> Result<Option<(Listed, Option<Instant>)>, Fault> {
        let Some(by) = key(viewport.sort).filter(|_| viewport.limit > 0) else {
            *self = Self::new(Instant::now());
            return Ok(None);
        };
        let wanted = Wanted { filter: filter.clone(), by, descending: viewport.descending };
        let began = Instant::now();
        let is_young = self.wanted.as_ref() == Some(&wanted) && began < self.old_at;
        if !is_young {
            let sorted = journal.sorted(filter.clone(), by, viewport.descending).await;
            self.ids = sorted.map_err(|error| error.fault())?;
            self.old_at = Instant::now() + AGE.max(began.elapsed() * SHARE);
            self.wanted = Some(wanted);
        }
        let page = self.ids.iter().skip(viewport.offset as usize).take(viewport.limit as usize);
        let listed = Listed { total: self.ids.len() as u64, ids: page.copied().collect() };
        Ok(Some((listed, is_young.then_some(self.old_at))))
    }
}

fn key(sort: Sort) -> Option<SortKey> {
    match sort {
        Sort::Queue => None,
        Sort::Name => Some(SortKey::Name),
        Sort::Size => Some(SortKey::Size),
        Sort::State => Some(SortKey::State),
        Sort::Time => Some(SortKey::Finished),
    }
}
