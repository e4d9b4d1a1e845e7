//! How values stand in columns. Reading checks: a column that does not hold what it should is an
//! error of its row.

use ferry_model::Standing;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

fn to_sql_error(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// A fieldless enum as TEXT, under the name serde gives it.
pub(crate) struct Word<T>(pub(crate) T);

/// The text that stands for a fieldless enum.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String, rusqlite::Error> {
    match serde_json::to_value(value).map_err(to_sql_error)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(rusqlite::Error::ToSqlConversionFailure(format!("{other} is no word").into())),
    }
}

impl<T: Serialize> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Text(word(&self.0)?)))
    }
}

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word: StrDeserializer<'_, WordError> = value.as_str()?.into_deserializer();
        T::deserialize(word).map(Self).map_err(FromSqlError::other)
    }
}

/// Words as a list for SQL's IN.
pub(crate) fn word_list<T: Serialize>(
    values: impl IntoIterator<Item = T>,
) -> Result<String, rusqlite::Error> {
    let words = values.into_iter().map(|value| Ok(format!("'{}'", word(&value)?)));
    Ok(words.collect::<Result<Vec<_>, rusqlite::Error>>()?.join(", "))
}

/// The standings that have ended, for SQL's IN.
pub(crate) fn ended() -> Result<String, rusqlite::Error> {
    word_list(Standing::ALL.into_iter().filter(|standing| standing.has_ended()))
}

/// The standings that wait for the user, for SQL's IN.
pub(crate) fn waiting_for_user() -> Result<String, rusqlite::Error> {
    word_list(Standing::ALL.into_iter().filter(|standing| standing.waits_for_user()))
}

/// The standings that have not ended, for SQL's IN: an index of standings serves only what it
/// names.
pub(crate) fn open() -> Result<String, rusqlite::Error> {
    word_list(Standing::ALL.into_iter().filter(|standing| !standing.has_ended()))
}

/// A struct as JSON in TEXT.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0)
            .map(|text| ToSqlOutput::Owned(Value::Text(text)))
            .map_err(to_sql_error)
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A number of bytes or of things: INTEGER, never negative, at most `i64::MAX`.
pub(crate) struct Count(pub(crate) u64);

impl ToSql for Count {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        i64::try_from(self.0)
            .map(|number| ToSqlOutput::Owned(Value::Integer(number)))
            .map_err(to_sql_error)
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number).map(Self).map_err(|_| FromSqlError::OutOfRange(number))
    }
}

/// 64 bits as they are, in an INTEGER that may look negative: a checksum.
pub(crate) struct Bits(pub(crate) u64);

impl ToSql for Bits {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Integer(self.0.cast_signed())))
    }
}

impl FromSql for Bits {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(value.as_i64()?.cast_unsigned()))
    }
}

/// A digest as a BLOB of exactly its length.
pub(crate) struct Digest<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> ToSql for Digest<N> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl<const N: usize> FromSql for Digest<N> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: N, blob_size: bytes.len() })
    }
}

/// Numbers for `IN (SELECT value FROM json_each(?))`: any amount of them in one parameter.
pub(crate) fn number_list<N: ToString>(numbers: impl Iterator<Item = N>) -> String {
    let mut list = String::from("[");
    for number in numbers {
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(&number.to_string());
    }
    list.push(']');
    list
}
