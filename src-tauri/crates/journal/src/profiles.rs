//! Profiles, without their secrets.

use ferry_model::{ChecksumSupport, Profile, ProfileId};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use rusqlite_migration::M;

use crate::unreadable::Unreadable;
use crate::values::{Json, Word, ended};
use crate::{Durability, Journal, JournalError, settings};

// `folded` is the name in lower case: two names that differ only in case are one name to a person.
// Connections that `ferry put` brings along have no name of the user's, so they do not take part.
pub(crate) const CREATE: M<'static> = M::up(
    "CREATE TABLE profiles (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        folded TEXT NOT NULL,
        kind TEXT NOT NULL,
        provider TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        region TEXT NOT NULL,
        bucket TEXT NOT NULL,
        prefix TEXT NOT NULL,
        addressing TEXT NOT NULL,
        sign TEXT NOT NULL,
        integrity TEXT NOT NULL,
        existing TEXT NOT NULL,
        plain_http TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX profiles_by_name ON profiles (folded) WHERE kind <> 'adHoc';",
);

/// What came later stands in one column each, as JSON whose absent fields have their defaults: they
/// are read and written as a whole.
pub(crate) const ADD_OPTIONS: M<'static> = M::up(
    r#"ALTER TABLE profiles ADD COLUMN keys TEXT NOT NULL DEFAULT '{"type":"keyring"}';
    ALTER TABLE profiles ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE profiles ADD COLUMN naming TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE profiles ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE profiles ADD COLUMN links TEXT NOT NULL DEFAULT '{}';"#,
);

pub(crate) const ADD_NETWORK: M<'static> =
    M::up("ALTER TABLE profiles ADD COLUMN network TEXT NOT NULL DEFAULT '{}';");

/// What the store's answers taught, in the word of [`ChecksumSupport`]. It is no setting, so it is no
/// column of the profile that a form reads and writes.
pub(crate) const ADD_CHECKSUMS: M<'static> =
    M::up("ALTER TABLE profiles ADD COLUMN checksums TEXT NOT NULL DEFAULT 'unknown';");

/// In the text of [`ferry_model::schedule::LimitSchedule`].
pub(crate) const ADD_SPEED_LIMIT: M<'static> =
    M::up("ALTER TABLE profiles ADD COLUMN speed_limit TEXT NOT NULL DEFAULT 'off';");

pub(crate) const COLUMNS: &str = "id, name, kind, provider, endpoint, region, bucket, prefix, \
     addressing, sign, integrity, existing, plain_http, keys, options, naming, limits, links, \
     network, speed_limit";

pub(crate) fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

pub(crate) fn decode(row: &Row<'_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        id: ProfileId(row.get(0)?),
        name: row.get(1)?,
        kind: row.get::<_, Word<_>>(2)?.0,
        provider: row.get::<_, Word<_>>(3)?.0,
        endpoint: row.get(4)?,
        region: row.get(5)?,
        bucket: row.get(6)?,
        prefix: row.get(7)?,
        addressing: row.get::<_, Word<_>>(8)?.0,
        sign: row.get::<_, Word<_>>(9)?.0,
        integrity: row.get::<_, Word<_>>(10)?.0,
        existing: row.get::<_, Word<_>>(11)?.0,
        plain_http: row.get::<_, Word<_>>(12)?.0,
        keys: row.get::<_, Json<_>>(13)?.0,
        options: row.get::<_, Json<_>>(14)?.0,
        naming: row.get::<_, Json<_>>(15)?.0,
        limits: row.get::<_, Json<_>>(16)?.0,
        links: row.get::<_, Json<_>>(17)?.0,
        network: row.get::<_, Json<_>>(18)?.0,
        speed_limit: row.get::<_, Word<_>>(19)?.0,
    })
}

pub(crate) fn exists(connection: &Connection, id: ProfileId) -> Result<bool, JournalError> {
    Ok(connection.prepare_cached("SELECT 1 FROM profiles WHERE id = ?1")?.exists([id.0])?)
}

fn save(connection: &Connection, profile: &Profile) -> Result<ProfileId, JournalError> {
    match write(connection, profile) {
        Err(JournalError::NameTaken) if frees_name(connection, &profile.name)? => {
            write(connection, profile)
        }
        written => written,
    }
}

/// Whether the profile of this name does not decode: then it loses the name, which no profile could
/// give free otherwise. Its row stays, as its number names keys.
fn frees_name(connection: &Connection, name: &str) -> Result<bool, JournalError> {
    let sql = format!("SELECT {COLUMNS} FROM profiles WHERE folded = ?1 AND kind <> 'adHoc'");
    let mut statement = connection.prepare_cached(&sql)?;
    let decodes = statement.query_row([fold(name)], |row| Ok(decode(row).is_ok()));
    if decodes.optional()? != Some(false) {
        return Ok(false);
    }
    // No name of a user's has a control character.
    connection.execute(
        "UPDATE profiles SET folded = char(0) || id WHERE folded = ?1 AND kind <> 'adHoc'",
        [fold(name)],
    )?;
    Ok(true)
}

fn write(connection: &Connection, profile: &Profile) -> Result<ProfileId, JournalError> {
    let new = profile.id.0 == 0;
    let sql = if new {
        "INSERT INTO profiles (name, folded, kind, provider, endpoint, region, bucket, prefix, addressing, sign, integrity, existing,
            plain_http, id, keys, options, naming, limits, links, network, speed_limit)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, NULLIF(?14, 0), ?15, ?16, ?17, ?18, ?19, ?20, ?21)"
    } else {
        "UPDATE profiles SET name = ?1, folded = ?2, kind = ?3, provider = ?4, endpoint = ?5, region = ?6, bucket = ?7, prefix = ?8,
            addressing = ?9, sign = ?10, integrity = ?11, existing = ?12, plain_http = ?13,
            keys = ?15, options = ?16, naming = ?17, limits = ?18, links = ?19,
            network = ?20, speed_limit = ?21,
            checksums = CASE WHEN endpoint = ?5 AND provider = ?4 THEN checksums ELSE 'unknown' END
         WHERE id = ?14"
    };
    let changed = connection.prepare_cached(sql)?.execute(params![
        profile.name,
        fold(&profile.name),
        Word(profile.kind),
        Word(profile.provider),
        profile.endpoint,
        profile.region,
        profile.bucket,
        profile.prefix,
        Word(profile.addressing),
        Word(profile.sign),
        Word(profile.integrity),
        Word(profile.existing),
        Word(profile.plain_http),
        profile.id.0,
        Json(&profile.keys),
        Json(&profile.options),
        Json(&profile.naming),
        Json(&profile.limits),
        Json(&profile.links),
        Json(&profile.network),
        Word(&profile.speed_limit),
    ]);
    match changed {
        Ok(0) => Err(JournalError::NotFound),
        Ok(_) if new => Ok(ProfileId(connection.last_insert_rowid())),
        Ok(_) => Ok(profile.id),
        // The name's index is the only constraint that such a statement can break.
        Err(rusqlite::Error::SqliteFailure(cause, _))
            if cause.code == ErrorCode::ConstraintViolation =>
        {
            Err(JournalError::NameTaken)
        }
        Err(error) => Err(error.into()),
    }
}

/// The setting that holds the chosen profile.
const DEFAULT_PROFILE: &str = "journal.defaultProfile";

/// Takes back the choice of a profile that is being deleted.
fn forget_default(connection: &Connection, id: ProfileId) -> Result<(), JournalError> {
    connection.execute(
        "DELETE FROM settings WHERE name = ?1 AND value = ?2",
        params![DEFAULT_PROFILE, id.to_string()],
    )?;
    Ok(())
}

fn delete(connection: &Connection, id: ProfileId) -> Result<(), JournalError> {
    let in_use = connection
        .prepare_cached(&format!(
            "SELECT 1 FROM transfers WHERE profile = ?1 AND standing NOT IN ({})",
            ended()?
        ))?
        .exists([id.0])?;
    if in_use {
        return Err(JournalError::InUse);
    }
    if connection.execute("DELETE FROM profiles WHERE id = ?1", [id.0])? == 0 {
        return Err(JournalError::NotFound);
    }
    forget_default(connection, id)
}

pub(crate) fn all(
    connection: &Connection,
    unreadable: &Unreadable,
) -> Result<Vec<Profile>, JournalError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM profiles ORDER BY id"))?;
    unreadable.collect(statement.query([])?, "profile", decode)
}

impl Journal {
    /// Every profile, of every kind, in the order they were made.
    ///
    /// # Errors
    /// [`JournalError::Broken`]. A profile that does not decode is left out and counted.
    pub async fn profiles(&self) -> Result<Vec<Profile>, JournalError> {
        let unreadable = self.unreadable();
        self.read(move |connection| all(connection, &unreadable)).await
    }

    /// One profile; `None` also when its row does not decode, which is counted: what one profile
    /// holds must not stop the others. While this handle is the only writer, it is read once.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn profile(&self, id: ProfileId) -> Result<Option<Profile>, JournalError> {
        let known = self.read_profiles();
        let writes = match known.get(id) {
            Ok(profile) => return Ok(Some(profile)),
            Err(writes) => writes,
        };
        let unreadable = self.unreadable();
        let profile: Option<Profile> = self
            .read(move |connection| {
                let mut statement = connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM profiles WHERE id = ?1"))?;
                Ok(unreadable.collect(statement.query([id.0])?, "profile", decode)?.pop())
            })
            .await?;
        if let Some(profile) = profile.as_ref().filter(|_| !self.is_read_only()) {
            known.keep(profile, writes);
        }
        Ok(profile)
    }

    /// The saved or practice profile of this name, upper and lower case alike; `None` also when its
    /// row does not decode, which is counted.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn profile_named(&self, name: &str) -> Result<Option<Profile>, JournalError> {
        let (folded, unreadable) = (fold(name), self.unreadable());
        self.read(move |connection| {
            let sql =
                format!("SELECT {COLUMNS} FROM profiles WHERE folded = ?1 AND kind <> 'adHoc'");
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(unreadable.collect(statement.query([folded])?, "profile", decode)?.pop())
        })
        .await
    }

    /// Stores a profile: a new one when its id is 0, else in place of the one with that id. Returns
    /// its id; ids are never reused. A name that only a row that does not decode has is free.
    ///
    /// # Errors
    /// [`JournalError::NameTaken`] (never for [`ferry_model::ProfileKind::AdHoc`]),
    /// [`JournalError::NotFound`], [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn save_profile(&self, profile: &Profile) -> Result<ProfileId, JournalError> {
        let (profile, known) = (profile.clone(), self.read_profiles());
        self.write(Durability::Full, move |connection| {
            known.forget();
            save(connection, &profile)
        })
        .await
    }

    /// What is known of the checksums that a profile's store answers with. A word that does not
    /// decode is nothing known.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn checksum_support(&self, id: ProfileId) -> Result<ChecksumSupport, JournalError> {
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT checksums FROM profiles WHERE id = ?1")?;
            let known = statement.query_row([id.0], |row| {
                Ok(row.get::<_, Word<ChecksumSupport>>(0).map(|word| word.0).unwrap_or_default())
            });
            Ok(known.optional()?.unwrap_or_default())
        })
        .await
    }

    /// Keeps what the answers of a profile's store taught; nothing happens when the profile is gone
    /// or has another endpoint by now. [`Durability::Normal`]: it can be learnt again.
    ///
    /// # Errors
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn keep_checksum_support(
        &self,
        id: ProfileId,
        endpoint: &str,
        support: ChecksumSupport,
    ) -> Result<(), JournalError> {
        let endpoint = endpoint.to_owned();
        self.write(Durability::Normal, move |connection| {
            connection
                .prepare_cached(
                    "UPDATE profiles SET checksums = ?3 WHERE id = ?1 AND endpoint = ?2",
                )?
                .execute(params![id.0, endpoint, Word(support)])?;
            Ok(())
        })
        .await
    }

    /// Deletes a profile. Transfers that have ended stay: bucket and key are in their own rows.
    ///
    /// # Errors
    /// [`JournalError::InUse`] while a transfer of it has not ended, [`JournalError::NotFound`],
    /// [`JournalError::Full`], [`JournalError::Broken`].
    pub async fn delete_profile(&self, id: ProfileId) -> Result<(), JournalError> {
        let known = self.read_profiles();
        self.write(Durability::Full, move |connection| {
            known.forget();
            delete(connection, id)
        })
        .await
    }

    /// The profile that a new drop goes to; `None` when none was chosen, or the chosen one is gone.
    ///
    /// # Errors
    /// [`JournalError::Broken`].
    pub async fn default_profile(&self) -> Result<Option<ProfileId>, JournalError> {
        self.read(|connection| {
            let chosen = settings::read(connection, DEFAULT_PROFILE)?
                .and_then(|text| text.parse().ok())
                .map(ProfileId);
            let Some(id) = chosen else { return Ok(None) };
            Ok(exists(connection, id)?.then_some(id))
        })
        .await
    }

    /// Chooses the profile that a new drop goes to.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such profile, [`JournalError::Full`],
    /// [`JournalError::Broken`].
    pub async fn set_default_profile(&self, id: ProfileId) -> Result<(), JournalError> {
        self.write(Durability::Full, move |connection| {
            if !exists(connection, id)? {
                return Err(JournalError::NotFound);
            }
            settings::write(connection, DEFAULT_PROFILE, &id.to_string())
        })
        .await
    }
}

// The partial index above spells this word; the model owns it.
#[cfg(test)]
#[test]
fn the_index_leaves_out_the_kind_it_means() {
    assert_eq!(crate::values::word(&ferry_model::ProfileKind::AdHoc).expect("a word"), "adHoc");
}
