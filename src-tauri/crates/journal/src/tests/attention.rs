use ferry_model::{Deferred, Fault, FaultKind, StandingGroup};

use super::*;
use crate::attention::{by_cause, count_folders, end_folder};
use crate::page::ATTENTION;
use crate::{Attention, AttentionLine, Durability, Selection};

/// Files with these keys, standings and faults.
async fn queue(
    journal: &Journal,
    files: &[(&str, Standing, Option<FaultKind>)],
) -> Vec<TransferId> {
    let to = batch(journal, "").await;
    let new = files.iter().zip(1..).map(|((key, ..), number)| NewTransfer {
        key: (*key).to_owned(),
        ..new_transfer(to, number, 1)
    });
    let ids = journal.enqueue(new.collect::<Vec<_>>()).await.expect("queues");
    for (id, (_, standing, kind)) in ids.iter().zip(files) {
        let fault = kind.map(Fault::new);
        let state = RowState { fault, ..state(PhaseName::Sending, *standing) };
        journal.record(*id, state, Durability::Normal).await.expect("writes");
    }
    ids
}

fn lines(attention: &Attention) -> Vec<(Standing, Option<FaultKind>, u64, Option<&str>)> {
    let line = |line: &AttentionLine| (line.standing, line.fault, line.files);
    let mut lines: Vec<_> =
        attention.lines.iter().map(|it| (line(it), it.name.as_deref())).collect();
    lines.sort_by_key(|((standing, kind, _), _)| (*standing, format!("{kind:?}")));
    lines.into_iter().map(|((standing, kind, files), name)| (standing, kind, files, name)).collect()
}

#[tokio::test]
async fn what_waits_for_the_user_is_counted_by_cause() {
    let (_dir, journal) = fresh().await;
    assert_eq!(journal.attention().await.expect("reads"), Attention::default());
    let (missing, denied) = (FaultKind::SourceMissing, FaultKind::AccessDenied);
    let ids = queue(
        &journal,
        &[
            ("a", Standing::Failed, Some(missing)),
            ("b", Standing::Failed, Some(denied)),
            ("c", Standing::Failed, Some(missing)),
            ("d", Standing::Failed, None),
            ("e", Standing::UntilQuiet, Some(FaultKind::SourceChanged)),
            ("f", Standing::Active, None),
            ("g", Standing::Done, None),
        ],
    )
    .await;
    let changed = (Standing::UntilQuiet, Some(FaultKind::SourceChanged), 1, Some("file 5.bin"));
    let expected = [
        (Standing::Failed, None, 1, Some("file 4.bin")),
        (Standing::Failed, Some(denied), 1, Some("file 2.bin")),
        (Standing::Failed, Some(missing), 2, None),
        changed,
    ];
    assert_eq!(lines(&journal.attention().await.expect("reads")), expected);
    // What a command waits for needs no decision any more, until that is undone.
    let two = Selection::Ids(vec![ids[0], ids[1]]);
    let given = journal.defer(Deferred::Remove, two, 0).await.expect("defers").expect("is for two");
    let left = [expected[0], (Standing::Failed, Some(missing), 1, Some("file 3.bin")), changed];
    assert_eq!(lines(&journal.attention().await.expect("reads")), left);
    journal.end_deferred(given.number).await.expect("ends");
    assert_eq!(lines(&journal.attention().await.expect("reads")), expected);
}

#[tokio::test]
async fn objects_in_the_way_are_told_with_their_folders() {
    for (keys, folders, first, last) in [
        (vec!["2024/raw/a", "2024/raw/b"], 1, "2024/raw/", "2024/raw/"),
        (vec!["2024/raw/b", "2024/a", "2024/cut/x/y"], 3, "2024/", "2024/raw/"),
        (vec!["a", "b"], 1, "", ""),
        (vec!["照片/一/a", "照片/二/b", "照片/二/c"], 2, "照片/一/", "照片/二/"),
    ] {
        let (_dir, journal) = fresh().await;
        let exists = Some(FaultKind::AlreadyExists);
        let files: Vec<_> = keys.iter().map(|key| (*key, Standing::Conflict, exists)).collect();
        queue(&journal, &files).await;
        queue(&journal, &[("elsewhere/z", Standing::Done, None)]).await;
        let conflicts = journal.attention().await.expect("reads").conflicts;
        let end = |folder: &str| ("photos".to_owned(), folder.to_owned());
        let expected = (folders, Some([end(first), end(last)]));
        assert_eq!((conflicts.folders, conflicts.ends), expected, "{keys:?}");
    }
}

#[tokio::test]
async fn a_cause_that_cannot_be_read_hides_no_other() {
    let (dir, journal) = fresh().await;
    let failed = (Standing::Failed, Some(FaultKind::SourceMissing));
    queue(&journal, &[("a", failed.0, failed.1), ("b", failed.0, failed.1)]).await;
    journal.close().await;
    raw(dir.path())
        .execute("UPDATE transfers SET fault = 'no JSON' WHERE key = 'a'", [])
        .expect("writes");
    let journal = Journal::open(dir.path()).await.expect("opens");
    let expected = [
        (Standing::Failed, None, 1, Some("file 1.bin")),
        (Standing::Failed, failed.1, 1, Some("file 2.bin")),
    ];
    assert_eq!(lines(&journal.attention().await.expect("reads")), expected);
}

#[tokio::test]
async fn causes_are_walked_over_in_the_order_of_their_own_indexes() {
    let (_dir, journal) = fresh().await;
    let plan = |sql: String| {
        let journal = journal.clone();
        async move {
            let plan = journal.read(move |connection| {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let steps = statement.query_map([], |row| row.get::<_, String>(3))?;
                Ok(steps.collect::<Result<Vec<_>, _>>()?.join("; "))
            });
            plan.await.expect("explains")
        }
    };
    let free = "NOT FALSE";
    for (sql, index) in [
        (by_cause(free), "transfers_attention"),
        (count_folders(free), "transfers_conflict"),
        (end_folder(free, "ASC"), "transfers_conflict"),
        (end_folder(free, "DESC"), "transfers_conflict"),
    ] {
        let plan = plan(sql).await;
        // What has to be read of the table is read only where it is asked for: nothing is here.
        assert!(plan.contains(&format!("INDEX {index}")), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[test]
fn the_index_has_every_standing_that_needs_attention() {
    let attention = Standing::ALL.into_iter().filter(|it| it.group() == StandingGroup::Attention);
    let words = crate::values::word_list(attention).expect("words");
    assert_eq!(ATTENTION, format!("standing IN ({words})"));
}
