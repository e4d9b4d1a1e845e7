//! The folders that are in a bucket, for who chooses where files go.

use std::time::Duration;

use ferry_model::{Fault, FaultKind, Profile, Provider, key};
use ferry_storage::{ListedEntry, ObjectStore, StoreError, first_pages, sign_again};

use crate::app::App;
use crate::messages::{FolderList, Problem};
use crate::publisher::lock;

/// Folders that are listed.
const MOST_FOLDERS: usize = 1_000;
/// Pages that are read for them: files between the folders are listed too.
const MOST_PAGES: usize = 10;
/// How long a list may take in all.
const LONGEST: Duration = Duration::from_secs(30);
/// A file in a folder, to ask whether one can be there.
const EXAMPLE: &str = "file";

impl App {
    /// The folders in a folder of a profile's bucket: `""`, or a name that ends in `/`. One list at a
    /// time: `None` where another one, or [`App::end_folders`], ended it.
    ///
    /// # Errors
    /// The store's, as for a key that may not list; [`FaultKind::NoSuchProfile`].
    pub async fn list_folders(
        &self,
        profile: i64,
        folder: String,
    ) -> Result<Option<FolderList>, Problem> {
        let stop = self.inner.publisher.stop.child_token();
        std::mem::replace(&mut *lock(&self.inner.listing), stop.clone()).cancel();
        let profile = self
            .stored_profile(profile)
            .await?
            .ok_or_else(|| Fault::new(FaultKind::NoSuchProfile))?;
        tokio::select! {
            () = stop.cancelled() => Ok(None),
            () = tokio::time::sleep(LONGEST) => Err(Fault::new(FaultKind::Stalled).into()),
            listed = self.folders_of(&profile, &folder) => Ok(Some(listed?)),
        }
    }

    /// Ends the list of folders that is under way.
    pub fn end_folders(&self) {
        lock(&self.inner.listing).cancel();
    }

    async fn folders_of(&self, profile: &Profile, folder: &str) -> Result<FolderList, Fault> {
        let store = self.inner.engine.store(profile, &profile.bucket).await?;
        read(&*store, profile.provider, folder).await.map_err(|error| error.fault)
    }
}

/// Reads pages until there are folders enough.
async fn read(
    store: &dyn ObjectStore,
    provider: Provider,
    folder: &str,
) -> Result<FolderList, StoreError> {
    let page = |marker: Option<String>| async move {
        sign_again(|| store.list_objects(folder, Some("/"), marker.clone())).await
    };
    let enough = |rows: &[ListedEntry]| folders(rows, provider).count() >= MOST_FOLDERS;
    let read = first_pages(MOST_PAGES, page, enough).await?;
    let mut folders: Vec<String> = folders(&read.rows, provider).map(str::to_owned).collect();
    let more = read.next.is_some() || folders.len() > MOST_FOLDERS;
    folders.truncate(MOST_FOLDERS);
    Ok(FolderList { folders, more })
}

/// The folders among the rows to which files can go.
fn folders(rows: &[ListedEntry], provider: Provider) -> impl Iterator<Item = &str> {
    rows.iter().filter_map(move |row| match row {
        ListedEntry::CommonPrefix(prefix) => {
            key::check(provider, &key::join(prefix, &[EXAMPLE])).is_ok().then_some(prefix.as_str())
        }
        ListedEntry::Object(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::messages::{KeyInput, ProfileForm, SaveSecret, SecretInput, SecretsInput};
    use crate::start::OpenOptions;

    async fn open(folder: &Path) -> App {
        let options = OpenOptions::in_memory(folder.join("data"));
        App::open(options).await.expect("opens")
    }

    /// The practice bucket with these objects; its profile's number.
    async fn practised(app: &App, keys: &[String]) -> i64 {
        let profile = app.default_profile().await.expect("reads").expect("practice is chosen");
        let store = app.inner.engine.store(&profile, &profile.bucket).await.expect("connects");
        for key in keys {
            let payload = ferry_storage::Payload::from_bytes("x".into());
            store.put_object(key, &Default::default(), payload).await.expect("puts");
        }
        profile.id.0
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_folders_of_a_folder_are_listed_without_its_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = open(folder.path()).await;
        let keys = ["2026/raw/a", "2026/raw/b", "2026/照 片/c", "2026/d", "e", "x/y/z"];
        let practice = practised(&app, &keys.map(str::to_owned)).await;
        let listed = async |at: &str| {
            let listed = app.list_folders(practice, at.into()).await.expect("lists");
            listed.map(|list| (list.folders.join(" "), list.more))
        };
        assert_eq!(listed("").await, Some(("2026/ x/".to_owned(), false)));
        assert_eq!(listed("2026/").await, Some(("2026/raw/ 2026/照 片/".to_owned(), false)));
        assert_eq!(listed("2026/raw/").await, Some((String::new(), false)));
        let gone = app.list_folders(practice + 100, String::new()).await.expect_err("no profile");
        assert_eq!(gone.kind, "noSuchProfile");
        app.shutdown().await;
    }

    #[test]
    fn a_folder_that_no_file_can_go_to_is_no_suggestion() {
        let rows = ["/odd/", "a/", "a/../", "\\/", "b//"];
        let rows = rows.map(|prefix| ListedEntry::CommonPrefix(prefix.to_owned()));
        assert_eq!(folders(&rows, Provider::Oss).collect::<Vec<_>>(), ["a/", "b//"]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_long_list_ends_at_a_bound_and_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = open(folder.path()).await;
        let keys: Vec<String> = (0..MOST_FOLDERS + 1).map(|n| format!("{n:04}/a")).collect();
        let practice = practised(&app, &keys).await;
        let listed = app.list_folders(practice, String::new()).await.expect("lists").expect("ends");
        assert_eq!((listed.folders.len(), listed.more), (MOST_FOLDERS, true));
        let listed = app.list_folders(practice, "0001/".into()).await.expect("lists");
        assert_eq!(listed, Some(FolderList::default()));
        app.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_may_not_or_cannot_list_is_told_and_a_list_can_be_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = open(folder.path()).await;
        // Takes connections and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("listens");
        let form = |name: &str| ProfileForm {
            name: name.into(),
            endpoint: format!("http://{}", silent.local_addr().expect("has one")),
            region: "cn-hangzhou".into(),
            bucket: "films".into(),
            ..ProfileForm::blank(Provider::Oss)
        };
        let saved = async |name: &str, key: Option<KeyInput>| {
            let secrets = SecretsInput { key, ..SecretsInput::default() };
            let saved = app.save_profile(None, form(name), secrets, SaveSecret::Keyring).await;
            saved.expect("saves").id
        };
        let keyless = saved("keyless", None).await;
        let refused = app.list_folders(keyless, String::new()).await.expect_err("no key");
        assert_eq!(refused.kind, "credentialsMissing");

        let secret = SecretInput {
            access_key_id: "id".into(),
            access_key_secret: "secret".into(),
            security_token: String::new(),
            expires_ms: None,
        };
        let away = saved("away", Some(KeyInput::Typed { secret })).await;
        let begin = || {
            let app = app.clone();
            tokio::spawn(async move { app.list_folders(away, String::new()).await })
        };
        let first = begin();
        let _asked = silent.accept().expect("it asks");
        let second = begin();
        assert_eq!(first.await.expect("ends").expect("no fault"), None, "another one began");
        let _asked_again = silent.accept().expect("it asks");
        app.end_folders();
        assert_eq!(second.await.expect("ends").expect("no fault"), None, "it was ended");
        app.shutdown().await;
    }
}
