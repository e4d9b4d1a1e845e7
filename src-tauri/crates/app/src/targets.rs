//! Which transfers an action is for, as the journal selects them.

use std::collections::HashSet;

use ferry_journal::{Part, Selection};
use ferry_model::{Fault, TransferId};

use crate::app::App;
use crate::messages::{RowRange, Target};
use crate::rows::filter_of;
use crate::sorted::key;

impl App {
    /// The rows that a target names. Those between two rows of a list that is sorted are numbered
    /// now; all others are a question to the journal, however many they are.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn selection(&self, target: Target) -> Result<Selection, Fault> {
        Ok(match target {
            Target::All => Selection::All,
            Target::Ids { ids } => Selection::Ids(numbers(ids)),
            Target::Matching { list } => Selection::Matching(filter_of(&list)),
            Target::Part { list, range, except, also } => {
                let part = Part {
                    filter: filter_of(&list),
                    between: None,
                    except: numbers(except),
                    also: numbers(also),
                };
                match range {
                    Some(range) => self.between(part, &range).await?,
                    None => Selection::Part(part),
                }
            }
        })
    }

    /// Of a part, what is between two rows. Where one of them is gone, that is nothing.
    async fn between(&self, part: Part, range: &RowRange) -> Result<Selection, Fault> {
        let journal = &self.inner.journal;
        let ends = [TransferId(range.from), TransferId(range.to)];
        let Some(by) = key(range.sort) else {
            let between = journal.between(&part.filter, ends).await;
            return Ok(match between.map_err(|error| error.fault())? {
                Some(between) => Selection::Part(Part { between: Some(between), ..part }),
                None => Selection::Ids(part.also),
            });
        };
        let sorted = journal.sorted(part.filter, by, range.descending).await;
        let sorted = sorted.map_err(|error| error.fault())?;
        let except: HashSet<TransferId> = part.except.into_iter().collect();
        let within = slice(&sorted, ends).iter().filter(|id| !except.contains(*id)).copied();
        Ok(Selection::Ids(within.chain(part.also).collect()))
    }
}

fn numbers(ids: Vec<i64>) -> Vec<TransferId> {
    ids.into_iter().map(TransferId).collect()
}

fn slice(list: &[TransferId], ends: [TransferId; 2]) -> &[TransferId] {
    let place = |end: TransferId| list.iter().position(|id| *id == end);
    match (place(ends[0]), place(ends[1])) {
        (Some(one), Some(other)) => &list[one.min(other)..=one.max(other)],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ferry_journal::{BatchLabel, NewBatch, NewTransfer, SourcePath};
    use ferry_model::{BatchOptions, ExistingPolicy, Integrity, Naming, Standing};

    use super::*;
    use crate::OpenOptions;
    use crate::messages::{Filter, LinkFormat, LinkKind, RowList, Sort};

    /// Names that stand in another order than they were queued in.
    const NAMES: [&str; 6] = ["img10.jpg", "img2.jpg", "clip.mov", "img1.jpg", "b.txt", "a.txt"];

    /// An app with these files, all paused.
    async fn paused() -> (tempfile::TempDir, App, Vec<i64>) {
        let folder = tempfile::tempdir().expect("a folder");
        let options = OpenOptions::in_memory(folder.path().to_owned());
        let app = App::open(options).await.expect("opens");
        let profile = app.default_profile().await.expect("reads").expect("is there").id;
        let batch = NewBatch {
            profile,
            fingerprint: String::new(),
            created_ms: 0,
            options: BatchOptions::default(),
            naming: Naming::default(),
            label: BatchLabel::default(),
        };
        let batch = app.inner.journal.add_batch(batch).await.expect("adds");
        let new = NAMES.iter().map(|name| NewTransfer {
            batch,
            profile,
            bucket: "practice".to_owned(),
            key: (*name).to_owned(),
            source: SourcePath(PathBuf::from(name)),
            resolved: None,
            name: (*name).to_owned(),
            size: 1,
            identity: None,
            part_size: 8 << 20,
            existing: ExistingPolicy::Ask,
            integrity: Integrity::Standard,
            ferry_id: String::new(),
            created_ms: 0,
            standing: Standing::Paused,
            fault: None,
        });
        let ids = app.inner.journal.enqueue(new.collect::<Vec<_>>()).await.expect("queues");
        (folder, app, ids.into_iter().map(|id| id.0).collect())
    }

    async fn named(app: &App, target: Target) -> Vec<String> {
        let selection = app.selection(target).await.expect("reads");
        let rows = app.inner.journal.standings(selection).await.expect("reads");
        let ids: Vec<_> = rows.into_iter().map(|row| row.0).collect();
        let rows = app.inner.journal.transfers(&ids).await.expect("reads");
        let mut names: Vec<_> = rows.into_iter().map(|row| row.name).collect();
        names.sort();
        names
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_part_is_what_the_window_shows_between_two_rows_however_it_is_sorted() {
        let (_folder, app, ids) = paused().await;
        let at = |name: &str| ids[NAMES.iter().position(|known| *known == name).expect("is one")];
        let images = RowList { text: "IMG".into(), ..RowList::default() };
        for (list, sort, ends, except, also, expected) in [
            // As they were queued, the newest first.
            (
                RowList::default(),
                Sort::Queue,
                ("b.txt", "img2.jpg"),
                vec![],
                vec![],
                vec!["b.txt", "clip.mov", "img1.jpg", "img2.jpg"],
            ),
            (
                images.clone(),
                Sort::Queue,
                ("b.txt", "img2.jpg"),
                vec![],
                vec![],
                vec!["img1.jpg", "img2.jpg"],
            ),
            (
                RowList::default(),
                Sort::Queue,
                ("img2.jpg", "b.txt"),
                vec!["clip.mov"],
                vec!["img10.jpg"],
                vec!["b.txt", "img1.jpg", "img10.jpg", "img2.jpg"],
            ),
            // By name: a.txt, b.txt, clip.mov, img1.jpg, img2.jpg, img10.jpg.
            (
                RowList::default(),
                Sort::Name,
                ("clip.mov", "img2.jpg"),
                vec![],
                vec![],
                vec!["clip.mov", "img1.jpg", "img2.jpg"],
            ),
            (
                RowList::default(),
                Sort::Name,
                ("img10.jpg", "b.txt"),
                vec!["clip.mov", "img1.jpg"],
                vec!["a.txt"],
                vec!["a.txt", "b.txt", "img10.jpg", "img2.jpg"],
            ),
            // One of the ends is not in the list: nothing stands between them there.
            (images, Sort::Name, ("b.txt", "img2.jpg"), vec![], vec!["a.txt"], vec!["a.txt"]),
        ] {
            let range = RowRange { from: at(ends.0), to: at(ends.1), sort, descending: false };
            let numbers = |names: &[&str]| names.iter().map(|name| at(name)).collect::<Vec<i64>>();
            let (except, also) = (numbers(&except), numbers(&also));
            let part = Target::Part { list, range: Some(range), except, also };
            assert_eq!(named(&app, part.clone()).await, expected, "{part:?}");
        }
        let gone = RowRange { from: at("b.txt"), to: 9_999, sort: Sort::Queue, descending: false };
        let part = |range| Target::Part {
            list: RowList::default(),
            range,
            except: vec![at("a.txt"), at("b.txt")],
            also: Vec::new(),
        };
        assert_eq!(named(&app, part(Some(gone))).await, Vec::<String>::new());
        let all_but = ["clip.mov", "img1.jpg", "img10.jpg", "img2.jpg"];
        assert_eq!(named(&app, part(None)).await, all_but);
        app.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_action_meets_a_part_and_nothing_else() {
        let (_folder, app, ids) = paused().await;
        let list = RowList { filter: Filter::Paused, ..RowList::default() };
        let range = RowRange { from: ids[4], to: ids[1], sort: Sort::Queue, descending: false };
        let part = Target::Part { list, range: Some(range), except: vec![ids[2]], also: vec![] };
        app.act_at_once(crate::messages::Action::Cancel, part).await.expect("acts");
        let left = RowList { filter: Filter::Paused, ..RowList::default() };
        let left = named(&app, Target::Matching { list: left }).await;
        assert_eq!(left, ["a.txt", "clip.mov", "img10.jpg"]);
        let range = RowRange { from: ids[4], to: ids[1], sort: Sort::Name, descending: true };
        let list = RowList::default();
        let met = Target::Part { list, range: Some(range), except: vec![], also: vec![] };
        let links = app.make_links(met, LinkKind::Public, LinkFormat::Url).await.expect("makes");
        assert_eq!((links.count, links.left_out), (0, 4), "none of them is uploaded");
        app.shutdown().await;
    }
}
