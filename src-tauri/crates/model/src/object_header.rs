//! The headers that are stored with an object and served with it. One row of [`TABLE`] is all there
//! is to one of them: its field in the forms and in the journal, its flag of the command line, what
//! its requests carry, and what is compared with an object that is there, follow from it.

use std::collections::BTreeMap;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::{Config, TS, TypeVisitor};

/// A header that is stored with an object and served with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ObjectHeader {
    /// The media type. Where none is asked for, it follows from each key's extension.
    ContentType,
    /// Who may cache it, and how long.
    CacheControl,
    /// Whether a browser shows it or saves it, and under which name.
    ContentDisposition,
    /// How the bytes are packed, as `gzip`. They are sent as they are: it only says so.
    ContentEncoding,
}

/// What is to be known of a header.
struct Description {
    header: ObjectHeader,
    /// Its field in forms and in the journal, which is also its name in TypeScript.
    field: &'static str,
    /// Its name in requests, which is also its flag.
    name: &'static str,
    /// What the flag's help says.
    about: &'static str,
}

/// In the order of the form, and of [`ObjectHeader::ALL`].
const TABLE: [Description; 4] = [
    Description {
        header: ObjectHeader::ContentType,
        field: "contentType",
        name: "content-type",
        about: "Media type of every object [default: by each name's extension]",
    },
    Description {
        header: ObjectHeader::CacheControl,
        field: "cacheControl",
        name: "cache-control",
        about: "Cache-Control, as max-age=3600",
    },
    Description {
        header: ObjectHeader::ContentDisposition,
        field: "contentDisposition",
        name: "content-disposition",
        about: "Content-Disposition, as attachment",
    },
    Description {
        header: ObjectHeader::ContentEncoding,
        field: "contentEncoding",
        name: "content-encoding",
        about: "Content-Encoding of files that are packed already, as gzip",
    },
];

impl ObjectHeader {
    /// All, in the order of the form.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.header)
    }

    fn row(self) -> &'static Description {
        &TABLE[self as usize]
    }

    /// Its field in forms and in the journal.
    pub fn field(self) -> &'static str {
        self.row().field
    }

    /// Its name in requests, in lower case.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it is for, in a line for the command line's help.
    pub fn about(self) -> &'static str {
        self.row().about
    }
}

/// Headers with their values: those that are asked for, or those that a store tells. One that is
/// not among them is left to the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ObjectHeaders(BTreeMap<ObjectHeader, String>);

impl ObjectHeaders {
    /// The value; empty for none.
    pub fn get(&self, header: ObjectHeader) -> &str {
        self.0.get(&header).map_or("", String::as_str)
    }

    /// Sets the value; an empty one takes the header away.
    pub fn set(&mut self, header: ObjectHeader, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            self.0.remove(&header);
        } else {
            self.0.insert(header, value);
        }
    }
}

impl<T: Into<String>> FromIterator<(ObjectHeader, T)> for ObjectHeaders {
    fn from_iter<I: IntoIterator<Item = (ObjectHeader, T)>>(headers: I) -> Self {
        let mut all = Self::default();
        for (header, value) in headers {
            all.set(header, value);
        }
        all
    }
}

impl<T: Into<String>, const N: usize> From<[(ObjectHeader, T); N]> for ObjectHeaders {
    fn from(headers: [(ObjectHeader, T); N]) -> Self {
        headers.into_iter().collect()
    }
}

/// Every header is written: a form has a field for each.
impl Serialize for ObjectHeaders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(TABLE.len()))?;
        for header in ObjectHeader::all() {
            map.serialize_entry(header.field(), self.get(header))?;
        }
        map.end()
    }
}

/// What is no header is left alone: the fields stand beside those of what they are flattened into,
/// and a journal may be a newer Ferry's.
impl<'de> Deserialize<'de> for ObjectHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = ObjectHeaders;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map of headers")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<ObjectHeaders, M::Error> {
                let mut headers = ObjectHeaders::default();
                while let Some(field) = map.next_key::<String>()? {
                    match ObjectHeader::all().find(|header| header.field() == field) {
                        Some(header) => headers.set(header, map.next_value::<String>()?),
                        None => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(headers)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// By hand, as it is serialized: a text for every header, beside the fields of what it stands in.
impl TS for ObjectHeaders {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(config: &Config) -> String {
        Self::inline(config)
    }

    fn inline(config: &Config) -> String {
        format!("Record<{}, string>", <ObjectHeader as TS>::name(config))
    }

    fn inline_flattened(config: &Config) -> String {
        Self::inline(config)
    }

    fn visit_dependencies(visitor: &mut impl TypeVisitor) {
        visitor.visit::<ObjectHeader>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_header_has_its_own_row_under_its_own_names() {
        for (at, header) in ObjectHeader::all().enumerate() {
            assert_eq!(header as usize, at, "{header:?}");
            assert_eq!(serde_json::json!(header), header.field());
            let camel = |mut text: String, c: char| {
                if c.is_ascii_uppercase() {
                    text.push('-');
                }
                text.push(c.to_ascii_lowercase());
                text
            };
            assert_eq!(header.field().chars().fold(String::new(), camel), header.name());
        }
    }

    #[test]
    fn a_field_stands_for_every_header_and_others_are_left_alone() {
        #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        struct Form {
            acl: String,
            #[serde(flatten)]
            headers: ObjectHeaders,
        }
        let headers = ObjectHeaders::from([
            (ObjectHeader::ContentEncoding, "gzip"),
            (ObjectHeader::CacheControl, ""),
        ]);
        let form = Form { acl: "private".into(), headers };
        let json = serde_json::to_value(&form).expect("serializes");
        assert_eq!(
            json,
            serde_json::json!({ "acl": "private", "contentType": "", "cacheControl": "",
                "contentDisposition": "", "contentEncoding": "gzip" })
        );
        assert_eq!(serde_json::from_value::<Form>(json).expect("reads"), form);
        let newer = serde_json::json!({ "contentEncoding": "gzip", "acl": "private",
            "later": { "more": [1] } });
        assert_eq!(serde_json::from_value::<Form>(newer).expect("reads"), form);
    }
}
