use super::*;
use crate::{Durability, Filter, PartRow, Recovery, Selection};

#[tokio::test]
async fn a_row_that_does_not_decode_is_left_out_and_counted() {
    let spoilt = [
        "phase = 'uploading'",
        "standing = 'active', existing = ''",
        "size = -1",
        "source = x'00ff00'",
        "fault = '{}'",
        "fault = 'x'",
        "identity = '[1]'",
        "key = CAST(x'ff' AS TEXT)",
        "acked_bytes = -5",
    ];
    for sql in spoilt {
        let (dir, journal) = fresh().await;
        let to = batch(&journal, "").await;
        let ids = journal
            .enqueue((0..3).map(|number| new_transfer(to, number, 1)).collect::<Vec<_>>())
            .await
            .expect("queues");
        journal.close().await;
        raw(dir.path())
            .execute(&format!("UPDATE transfers SET {sql} WHERE id = 1"), [])
            .expect(sql);

        let journal = Journal::open(dir.path()).await.expect(sql);
        let ids_of =
            |rows: Vec<crate::TransferRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids_of(journal.transfers(&ids).await.expect(sql)), ids[1..], "{sql}");
        assert_eq!(journal.unreadable_rows(), 1, "{sql}");
        assert_eq!(
            ids_of(journal.page(Filter::default(), 0, 10).await.expect(sql).rows),
            ids[1..],
            "{sql}"
        );
        // It does not stand in the way of those behind it.
        assert_eq!(
            ids_of(journal.runnable(runnable(Lane::Small, 2)).await.expect(sql).rows),
            ids[1..],
            "{sql}"
        );
        assert!(matches!(journal.transfer(ids[0]).await, Err(JournalError::Broken(_))), "{sql}");
        assert!(journal.standings(Selection::All).await.is_ok(), "{sql}");
        assert!(journal.totals(None).await.is_ok(), "{sql}");
    }
}

#[tokio::test]
async fn parts_profiles_and_totals_that_do_not_decode_are_left_out() {
    let (dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let other = journal.save_profile(&profile("Other")).await.expect("saves");
    journal.set_default_profile(other).await.expect("sets");
    let id = journal.enqueue(vec![new_transfer(to, 1, 9)]).await.expect("queues")[0];
    journal
        .record(id, state(PhaseName::Sending, Standing::Active), Durability::Full)
        .await
        .expect("writes");
    let part = |number| PartRow {
        number,
        size: 3,
        etag: "e".to_owned(),
        crc64: None,
        crc64_nvme: None,
        md5: Some([1; 16]),
    };
    for number in 1..=3 {
        journal.record_part(id, part(number)).await.expect("writes");
    }
    journal.close().await;
    raw(dir.path())
        .execute_batch(
            "UPDATE parts SET md5 = x'0011' WHERE number = 2;
             UPDATE profiles SET provider = 'azure' WHERE id = 1;
             UPDATE settings SET value = 'x' WHERE name = 'journal.defaultProfile';",
        )
        .expect("spoils");
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.parts(id).await, Ok(vec![part(1), part(3)]));
    assert_eq!(
        journal
            .profiles()
            .await
            .expect("reads")
            .iter()
            .map(|profile| profile.id)
            .collect::<Vec<_>>(),
        [other]
    );
    assert_eq!(journal.profile(to.0).await, Ok(None), "it stops its own transfers, nobody else's");
    assert_eq!(journal.default_profile().await, Ok(None));
    assert_eq!(journal.unreadable_rows(), 3);
}

#[tokio::test]
async fn d3_a_profile_that_does_not_decode_gives_its_name_free() {
    let (dir, journal) = fresh().await;
    let (spoilt, _) = batch(&journal, "").await;
    journal.close().await;
    raw(dir.path()).execute("UPDATE profiles SET naming = '{'", []).expect("spoils");
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.profile_named("main").await, Ok(None));
    assert_eq!(journal.unreadable_rows(), 1);
    let id = journal.save_profile(&profile("Main")).await.expect("the name is free");
    assert_ne!(id, spoilt, "its number names its keys");
    let found = journal.profile_named("main").await.expect("reads").map(|profile| profile.id);
    assert_eq!(found, Some(id));
    let taken = journal.save_profile(&profile("MAIN")).await;
    assert_eq!(taken, Err(JournalError::NameTaken), "a name that can be read is taken");
}

#[tokio::test]
async fn sums_that_are_not_those_of_the_rows_are_damage() {
    let spoilt = [
        "INSERT INTO totals VALUES (0, 'melted', 1, 1, 1)",
        "UPDATE totals SET files = files + 1 WHERE batch = 0",
        "DELETE FROM totals WHERE batch = 1",
        "DROP TRIGGER transfers_count_out; DELETE FROM transfers WHERE id = 2",
        // The sums keep those of the whole queue under this number.
        "PRAGMA foreign_keys = OFF; DROP TRIGGER transfers_count_over;
         UPDATE transfers SET batch = 0 WHERE id = 2",
    ];
    for sql in spoilt {
        let (dir, journal) = fresh().await;
        let to = batch(&journal, "").await;
        let rows: Vec<_> = (0..3).map(|number| new_transfer(to, number, 1)).collect();
        journal.enqueue(rows).await.expect("queues");
        journal.close().await;
        raw(dir.path()).execute_batch(sql).expect(sql);
        let journal = Journal::open(dir.path()).await.expect(sql);
        assert!(matches!(journal.recovery_notice(), Some(Recovery::SetAside { .. })), "{sql}");
        super::counting::check_totals(&journal, sql).await;
        let left = if sql.contains("WHERE id = 2") { 2 } else { 3 };
        assert_eq!(journal.totals(None).await.expect(sql).active, left, "{sql}");
    }
}

#[tokio::test]
async fn transfers_that_cannot_be_read_are_named() {
    let (dir, journal) = fresh().await;
    let (to, other) = (batch(&journal, "").await, batch(&journal, "").await);
    for to in [to, other] {
        let rows: Vec<_> = (0..3).map(|number| new_transfer(to, number, 1)).collect();
        journal.enqueue(rows).await.expect("queues");
    }
    assert_eq!(journal.unreadable_transfers(None).await, Ok(vec![]));
    journal.close().await;
    raw(dir.path())
        .execute_batch(
            "UPDATE transfers SET standing = 'melted' WHERE id = 2;
             UPDATE transfers SET fault = 'x' WHERE id = 6;",
        )
        .expect("spoils");
    let journal = Journal::open(dir.path()).await.expect("opens");
    let named = |batch| journal.unreadable_transfers(batch);
    assert_eq!(named(None).await, Ok(vec![TransferId(2), TransferId(6)]));
    assert_eq!(named(Some(to.1)).await, Ok(vec![TransferId(2)]));
    assert_eq!(named(Some(other.1)).await, Ok(vec![TransferId(6)]));
    assert_eq!(journal.unreadable_rows(), 0, "looking for them is no answer that lacks them");
}
