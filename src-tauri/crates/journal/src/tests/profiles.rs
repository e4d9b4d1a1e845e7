use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{Durability, FaultHook, OperationKind};

#[tokio::test]
async fn profiles_come_back_and_names_are_taken_once() {
    let (_dir, journal) = fresh().await;
    let first = Profile { id: ProfileId(0), ..profile("Fotos Über") };
    let id = journal.save_profile(&first).await.expect("saves");
    let stored = Profile { id, ..first };
    assert_eq!(journal.profile(id).await, Ok(Some(stored.clone())));
    assert_eq!(journal.profile_named(" fotos üBER ").await, Ok(Some(stored.clone())));
    assert_eq!(journal.profile_named("other").await, Ok(None));
    assert_eq!(journal.save_profile(&profile("FOTOS über")).await, Err(JournalError::NameTaken));
    let practice = Profile { kind: ProfileKind::Practice, ..profile("fotos über") };
    assert_eq!(journal.save_profile(&practice).await, Err(JournalError::NameTaken));
    let ad_hoc = Profile { kind: ProfileKind::AdHoc, ..profile("Fotos Über") };
    let ad_hoc_id = journal.save_profile(&ad_hoc).await.expect("has no name of the user's");
    journal.save_profile(&ad_hoc).await.expect("twice");
    let other = journal.save_profile(&profile("Other")).await.expect("saves");
    assert_eq!(
        journal.save_profile(&Profile { id: other, ..profile("fotos über") }).await,
        Err(JournalError::NameTaken)
    );
    let renamed = Profile {
        id,
        name: "FOTOS ÜBER".to_owned(),
        provider: Provider::S3,
        sign: SignVersion::V1,
        ..stored
    };
    assert_eq!(journal.save_profile(&renamed).await, Ok(id), "its own name is free for it");
    assert_eq!(journal.profile(id).await, Ok(Some(renamed)));
    assert_eq!(
        journal.save_profile(&Profile { id: ProfileId(99), ..profile("x") }).await,
        Err(JournalError::NotFound)
    );
    let ids: Vec<_> =
        journal.profiles().await.expect("reads").iter().map(|profile| profile.id).collect();
    assert_eq!((ids.len(), ids[0], ids[1]), (4, id, ad_hoc_id));
}

#[tokio::test]
async fn a_batch_keeps_its_options_until_it_is_given_others() {
    let (dir, journal) = fresh().await;
    let profile = journal.save_profile(&profile("Main")).await.expect("saves");
    let naming = || Naming { template: "{hash8}".to_owned(), form: KeyForm::AsIs };
    let new = NewBatch {
        profile,
        fingerprint: String::new(),
        created_ms: 7,
        options: options(),
        naming: naming(),
        label: BatchLabel::default(),
    };
    let id = journal.add_batch(new).await.expect("adds");
    journal.close().await;
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(
        journal.batch(id).await,
        Ok(Some(crate::BatchRow {
            profile,
            created_ms: 7,
            options: options(),
            naming: naming(),
            repeats: false,
            watch: None,
        }))
    );
    journal.set_batch_options(id, BatchOptions::default()).await.expect("sets");
    assert_eq!(
        journal.batch(id).await.map(|batch| batch.map(|batch| batch.options)),
        Ok(Some(BatchOptions::default()))
    );
    assert_eq!(
        journal.set_batch_options(ferry_model::BatchId(99), BatchOptions::default()).await,
        Err(JournalError::NotFound)
    );
    assert_eq!(journal.batch(ferry_model::BatchId(99)).await, Ok(None));
}

#[tokio::test]
async fn a_journal_of_the_first_version_opens_with_defaults() {
    let dir = tempfile::tempdir().expect("a folder");
    {
        let mut connection =
            rusqlite::Connection::open(dir.path().join(crate::names::FILE)).expect("opens");
        rusqlite_migration::Migrations::from_slice(&crate::schema::STEPS[..6])
            .to_latest(&mut connection)
            .expect("the first version");
        let sql = "INSERT INTO profiles VALUES (3, 'Old', 'old', 'saved', 'oss', 'https://oss-cn-beijing.aliyuncs.com', 'cn-beijing', 'photos', '',
             'auto', 'v4', 'standard', 'ask', 'refuse');
             INSERT INTO batches (id, profile, fingerprint, created_ms) VALUES (5, 3, 'f', 9);";
        connection.execute_batch(sql).expect("writes");
    }
    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(journal.recovery_notice(), None);
    let old = journal.profile(ProfileId(3)).await.expect("reads").expect("is there");
    assert_eq!(
        (old.keys, old.options, old.naming),
        (KeySource::Keyring, BatchOptions::default(), Naming::default())
    );
    assert_eq!((old.limits, old.links), (ConnectionLimits::default(), LinkSettings::default()));
    assert_eq!((old.network, old.speed_limit), (Network::default(), LimitSchedule::default()));
    let batch = journal.batch(ferry_model::BatchId(5)).await.expect("reads").expect("is there");
    assert_eq!((batch.created_ms, batch.options), (9, BatchOptions::default()));
}

#[tokio::test]
async fn a_profile_goes_only_when_nothing_needs_it() {
    let (_dir, journal) = fresh().await;
    let to = batch(&journal, "").await;
    let id = journal.enqueue(vec![new_transfer(to, 1, 1)]).await.expect("queues")[0];
    for standing in [
        Standing::Active,
        Standing::Paused,
        Standing::Failed,
        Standing::Conflict,
        Standing::SourceChanged,
    ] {
        journal
            .record(id, state(PhaseName::Fresh, standing), Durability::Normal)
            .await
            .expect("writes");
        assert_eq!(journal.delete_profile(to.0).await, Err(JournalError::InUse), "{standing:?}");
    }
    journal.set_default_profile(to.0).await.expect("sets");
    assert_eq!(journal.default_profile().await, Ok(Some(to.0)));
    journal
        .record(id, state(PhaseName::Settled, Standing::Done), Durability::Normal)
        .await
        .expect("writes");
    journal.delete_profile(to.0).await.expect("deletes");
    assert_eq!(journal.delete_profile(to.0).await, Err(JournalError::NotFound));
    assert_eq!(journal.default_profile().await, Ok(None));
    assert_eq!(journal.set_default_profile(to.0).await, Err(JournalError::NotFound));
    let row = journal.transfer(id).await.expect("reads").expect("stays");
    assert_eq!((row.profile, row.bucket.as_str()), (to.0, "photos"));
    let next = journal.save_profile(&profile("Next")).await.expect("saves");
    assert!(next > to.0, "numbers are not used again");
}

#[tokio::test]
async fn settings_are_kept() {
    let (dir, journal) = fresh().await;
    assert_eq!(journal.setting("limit").await, Ok(None));
    journal.set_setting("limit", "10").await.expect("sets");
    journal.set_setting("limit", "20").await.expect("sets");
    drop(journal);
    let journal = Journal::open(dir.path()).await.expect("the last handle gave the folder free");
    assert_eq!(journal.setting("limit").await, Ok(Some("20".to_owned())));
}

#[tokio::test]
async fn what_answers_taught_is_forgotten_with_the_endpoint() {
    let (dir, journal) = fresh().await;
    let mut known = profile("Main");
    known.id = journal.save_profile(&known).await.expect("saves");
    let support = async |journal: &Journal| journal.checksum_support(known.id).await;
    assert_eq!(support(&journal).await, Ok(ChecksumSupport::Unknown));
    let keep = async |endpoint: &str, support| {
        journal.keep_checksum_support(known.id, endpoint, support).await.expect("keeps");
    };
    keep(&known.endpoint, ChecksumSupport::WhenAnnounced).await;
    // The answer of a store that the profile names no more.
    keep("https://elsewhere.example.com", ChecksumSupport::Never).await;
    assert_eq!(support(&journal).await, Ok(ChecksumSupport::WhenAnnounced));
    let renamed = Profile { name: "Other".to_owned(), ..known.clone() };
    journal.save_profile(&renamed).await.expect("saves");
    journal.close().await;

    let journal = Journal::open(dir.path()).await.expect("opens");
    assert_eq!(support(&journal).await, Ok(ChecksumSupport::WhenAnnounced));
    assert_eq!(journal.profile(known.id).await, Ok(Some(renamed.clone())));
    let moved = Profile { endpoint: "https://elsewhere.example.com".to_owned(), ..renamed };
    journal.save_profile(&moved).await.expect("saves");
    assert_eq!(support(&journal).await, Ok(ChecksumSupport::Unknown));
    assert_eq!(journal.checksum_support(ProfileId(99)).await, Ok(ChecksumSupport::Unknown));
}

#[tokio::test]
async fn a_profile_is_read_once_and_again_after_each_write() {
    let journal = Journal::inline().expect("opens");
    let reads = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reads);
    let hook: FaultHook = Box::new(move |operation| {
        let is_read = operation.kind == OperationKind::Read;
        count.fetch_add(usize::from(is_read), Ordering::Relaxed);
        None
    });
    journal.fail_where(hook).expect("takes it");
    let id = journal.save_profile(&profile("One")).await.expect("saves");
    let is = |name: &str| Ok(Some(Profile { id, ..profile(name) }));
    for _ in 0..3 {
        assert_eq!(journal.profile(id).await, is("One"));
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);

    journal.save_profile(&Profile { id, ..profile("Two") }).await.expect("saves");
    assert_eq!(journal.clone().profile(id).await, is("Two"));
    let other = journal.save_profile(&profile("Other")).await.expect("saves");
    let taken = journal.save_profile(&Profile { id, ..profile("Other") }).await;
    assert_eq!(taken, Err(JournalError::NameTaken));
    assert_eq!(journal.profile(id).await, is("Two"), "what was not written is not told");
    journal.delete_profile(other).await.expect("deletes");
    assert_eq!(journal.profile(other).await, Ok(None));
    assert_eq!(reads.load(Ordering::Relaxed), 4);
}
