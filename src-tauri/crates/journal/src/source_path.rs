//! The path of a source file, kept byte for byte.

use std::path::{Path, PathBuf};

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};

/// A source file's path. Stored as the system spells it (bytes on Unix, UTF-16LE on Windows), so
/// that a name that is no Unicode text comes back as the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourcePath(pub PathBuf);

impl SourcePath {
    /// The path.
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// How the path stands in a column beside `source`: empty where both are the same, as they are
    /// in most rows.
    pub(crate) fn beside(&self, source: &Self) -> Self {
        // Byte for byte: paths compare equal with and without a `/` at their end.
        let same = self.0.as_os_str() == source.0.as_os_str();
        if same { Self(PathBuf::new()) } else { self.clone() }
    }

    /// The inverse of [`SourcePath::beside`].
    pub(crate) fn read_beside(self, source: &Self) -> Self {
        if self.0.as_os_str().is_empty() { source.clone() } else { self }
    }
}

impl From<PathBuf> for SourcePath {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl From<&Path> for SourcePath {
    fn from(path: &Path) -> Self {
        Self(path.to_path_buf())
    }
}

impl AsRef<Path> for SourcePath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

#[cfg(unix)]
fn to_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(unix)]
fn from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    // A NUL can be in no path: such a row was not written by us.
    if bytes.contains(&0) { None } else { Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes))) }
}

#[cfg(windows)]
fn to_bytes(path: &Path) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt;
    path.as_os_str().encode_wide().flat_map(u16::to_le_bytes).collect()
}

#[cfg(windows)]
fn from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::windows::ffi::OsStringExt;
    let (units, rest) = bytes.as_chunks::<2>();
    let wide: Vec<u16> = units.iter().copied().map(u16::from_le_bytes).collect();
    if !rest.is_empty() || wide.contains(&0) {
        None
    } else {
        Some(PathBuf::from(std::ffi::OsString::from_wide(&wide)))
    }
}

impl ToSql for SourcePath {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Blob(to_bytes(&self.0))))
    }
}

impl FromSql for SourcePath {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        from_bytes(value.as_blob()?)
            .map(Self)
            .ok_or_else(|| FromSqlError::Other("no path of this system".into()))
    }
}
