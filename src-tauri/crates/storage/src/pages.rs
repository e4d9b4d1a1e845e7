//! Lists that come in pages.

use std::collections::HashSet;
use std::hash::Hash;

use ferry_model::{Fault, FaultKind};

/// Pages of one list that are read before it counts as endless.
const MOST_PAGES: usize = 10_000;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage<T, M> {
    /// Its rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` for the last page.
    pub next: Option<M>,
}

/// Where a page of uploads begins. An empty field is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct UploadsMarker {
    /// After this key.
    pub key: String,
    /// After this upload of that key, or of all where the store pages by ids alone.
    pub upload_id: String,
}

/// The rows of all pages; `page` asks for one, and is given the marker of each but the first.
///
/// # Errors
/// Those of `page`, and [`FaultKind::NotStore`] for a list that comes back to a page or does not
/// end.
pub async fn all_pages<T, M, E, Answer>(page: impl FnMut(Option<M>) -> Answer) -> Result<Vec<T>, E>
where
    M: Clone + Eq + Hash,
    E: From<Fault>,
    Answer: Future<Output = Result<ListPage<T, M>, E>>,
{
    let read = first_pages(MOST_PAGES, page, |_| false).await?;
    if read.next.is_some() {
        return Err(not_store("the list does not end").into());
    }
    Ok(read.rows)
}

/// The rows of the first `most` pages as one, or of fewer where the rows so far are `enough`. Its
/// `next` is where the rest of the list begins.
///
/// # Errors
/// Those of `page`, and [`FaultKind::NotStore`] for a list that comes back to a page.
pub async fn first_pages<T, M, E, Answer>(
    most: usize,
    mut page: impl FnMut(Option<M>) -> Answer,
    mut enough: impl FnMut(&[T]) -> bool,
) -> Result<ListPage<T, M>, E>
where
    M: Clone + Eq + Hash,
    E: From<Fault>,
    Answer: Future<Output = Result<ListPage<T, M>, E>>,
{
    let mut read = ListPage { rows: Vec::new(), next: None };
    let mut seen = HashSet::new();
    for _ in 0..most {
        let answer = page(read.next.take()).await?;
        read.rows.extend(answer.rows);
        let Some(next) = answer.next else { break };
        if !seen.insert(next.clone()) {
            return Err(not_store("the list comes back to a page it already gave").into());
        }
        read.next = Some(next);
        if enough(&read.rows) {
            break;
        }
    }
    Ok(read)
}

fn not_store(why: &str) -> Fault {
    Fault::new(FaultKind::NotStore).with_detail(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreError;

    async fn listed(pages: &[(&[u32], Option<u32>)]) -> Result<Vec<u32>, FaultKind> {
        let mut rest = pages.iter();
        let mut asked = Vec::new();
        let rows = all_pages(|marker| {
            asked.push(marker);
            let (rows, next) = rest.next().expect("no page after the last");
            std::future::ready(Ok(ListPage { rows: rows.to_vec(), next: *next }))
        })
        .await
        .map_err(|error: StoreError| error.kind());
        let markers = std::iter::once(None).chain(pages.iter().map(|(_, next)| *next));
        assert!(asked.iter().eq(markers.take(asked.len()).collect::<Vec<_>>().iter()));
        rows
    }

    #[tokio::test]
    async fn pages_are_read_to_the_last_and_no_further() {
        assert_eq!(listed(&[(&[1, 2], None)]).await, Ok(vec![1, 2]));
        assert_eq!(listed(&[(&[1], Some(1)), (&[], Some(5)), (&[7], None)]).await, Ok(vec![1, 7]));
        let circle = [(&[1][..], Some(1)), (&[2], Some(2)), (&[3], Some(1))];
        assert_eq!(listed(&circle).await, Err(FaultKind::NotStore));
    }

    #[tokio::test]
    async fn no_more_pages_are_read_than_are_wanted() {
        let read = async |most, enough: usize| {
            let mut asked = 0;
            let page = |marker: Option<u32>| {
                asked += 1;
                let first = marker.unwrap_or(0);
                let next = Some(first + 2).filter(|next| *next < 6);
                std::future::ready(Ok::<_, StoreError>(ListPage {
                    rows: vec![first, first + 1],
                    next,
                }))
            };
            let read = first_pages(most, page, |rows| rows.len() >= enough).await.expect("reads");
            (read.rows.len(), read.next, asked)
        };
        assert_eq!(read(1, 100).await, (2, Some(2), 1), "so many pages");
        assert_eq!(read(3, 100).await, (6, None, 3), "to the last");
        assert_eq!(read(9, 100).await, (6, None, 3), "and no further");
        assert_eq!(read(9, 3).await, (4, Some(4), 2), "so many rows");
    }

    #[tokio::test]
    async fn a_list_without_an_end_is_given_up() {
        let mut pages = 0;
        let rows = all_pages(|_| {
            pages += 1;
            std::future::ready(Ok(ListPage { rows: vec![()], next: Some(pages) }))
        });
        assert_eq!(rows.await.map_err(|error: StoreError| error.kind()), Err(FaultKind::NotStore));
        assert_eq!(pages, MOST_PAGES);
    }
}
