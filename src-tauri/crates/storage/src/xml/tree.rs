//! One document as a small tree: names without namespace, text and children.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Deepest nesting that is read. Real answers have four levels.
const DEPTH: usize = 16;
/// Most elements that are read: a page of 1000 parts has about 6000.
const ELEMENTS: usize = 100_000;

/// What XML takes for white space (XML 1.0, 2.3).
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Why a text was not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing in it.
    #[error("the answer is empty")]
    Empty,
    /// It is no UTF-8.
    #[error("the answer is no UTF-8 text")]
    NotText,
    /// It breaks XML's rules, or ends too early.
    #[error("the answer is no whole XML document: {0}")]
    Malformed(String),
    /// Another document than the expected one.
    #[error("the answer is a <{0}> document")]
    Root(String),
    /// A field is missing or has a value it cannot have.
    #[error("the answer's {0} is missing or wrong")]
    Field(&'static str),
    /// Deeper or larger than any real answer.
    #[error("the answer is larger or deeper than any real one")]
    TooLarge,
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The name, without namespace prefix.
    pub name: String,
    /// The text directly in it, as it stands.
    pub raw: String,
    /// The elements in it, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// The whole of a document whose root is one of `roots`.
    ///
    /// # Errors
    /// See [`Refused`]. Nothing but white space, comments and processing instructions may follow
    /// the root.
    pub fn document(bytes: &[u8], roots: &[&str]) -> Result<Self, Refused> {
        let mut builder = Builder::default();
        builder.read(std::str::from_utf8(bytes).map_err(|_| Refused::NotText)?)?;
        let root = match (builder.root, builder.open.is_empty()) {
            (Some(root), true) => root,
            (_, false) => return Err(Refused::Malformed("it ends within an element".into())),
            (None, true) => return Err(Refused::Empty),
        };
        if roots.contains(&root.name.as_str()) {
            Ok(root)
        } else {
            Err(Refused::Root(root.name.chars().take(40).collect()))
        }
    }

    /// As much as can be read of a document that may be cut or followed by garbage: elements still
    /// open at the end are left out. For error answers only, where a code is better than none, also
    /// where what follows it is in no known encoding.
    pub fn salvage(bytes: &[u8]) -> Option<Self> {
        let mut builder = Builder::default();
        // Whatever stopped the reading, what was read before is kept.
        let _ = builder.read(match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).expect("it is valid up to there")
            }
        });
        // What is still open below the root was cut: neither its text nor its children are all
        // there.
        builder.open.truncate(1);
        builder.root.or_else(|| builder.open.pop().filter(|root| !root.children.is_empty()))
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text, without white space around it.
    pub fn text(&self) -> &str {
        self.raw.trim()
    }

    /// The text of a child, if it is there and not empty.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }
}

#[derive(Default)]
struct Builder {
    root: Option<Element>,
    open: Vec<Element>,
    elements: usize,
}

impl Builder {
    fn read(&mut self, text: &str) -> Result<(), Refused> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start_matches(SPACE);
        if text.is_empty() {
            return Err(Refused::Empty);
        }
        let mut reader = Reader::from_str(text);
        loop {
            let begins = reader.buffer_position() == 0;
            match reader.read_event().map_err(|error| malformed(&error))? {
                Event::Start(start) => self.start(&start)?,
                Event::End(_) => self.end(),
                Event::Empty(start) => {
                    self.start(&start)?;
                    self.end();
                }
                Event::Text(piece)
                    if self.open.is_empty() && piece.chars().all(|c| SPACE.contains(&c)) => {}
                Event::Text(piece) => self.text(&piece.xml10_content())?,
                Event::CData(piece) => self.text(&piece.xml10_content())?,
                Event::GeneralRef(reference) => self.text(&resolve(&reference)?)?,
                Event::Decl(_) if !begins => {
                    return Err(Refused::Malformed("another document begins within it".into()));
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::DocType(_) => {
                    return Err(Refused::Malformed("it has a document type".into()));
                }
                Event::Eof => return Ok(()),
            }
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Refused> {
        if self.root.is_some() {
            return Err(Refused::Malformed("there is more after the root".into()));
        }
        self.elements += 1;
        if self.open.len() >= DEPTH || self.elements > ELEMENTS {
            return Err(Refused::TooLarge);
        }
        let name = start.local_name().as_ref().to_owned();
        if !is_name(&name) {
            return Err(Refused::Malformed("an element has no proper name".into()));
        }
        self.open.push(Element { name, ..Element::default() });
        Ok(())
    }

    fn end(&mut self) {
        // The reader has matched the names, so there is one open.
        if let Some(element) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => self.root = Some(element),
            }
        }
    }

    fn text(&mut self, piece: &str) -> Result<(), Refused> {
        match self.open.last_mut() {
            Some(element) => element.raw.push_str(piece),
            None => return Err(Refused::Malformed("there is text outside the root".into())),
        }
        Ok(())
    }
}

/// Whether XML has such a name, but for letters that no store uses in one (XML 1.0, 2.3).
fn is_name(name: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || c == '_';
    name.starts_with(begins)
        && name.chars().all(|c| begins(c) || c.is_ascii_digit() || matches!(c, '-' | '.'))
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, Refused> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| malformed(&error))? {
        return Ok(character.to_string());
    }
    let known = quick_xml::escape::resolve_predefined_entity(reference);
    known.map(str::to_owned).ok_or_else(|| Refused::Malformed("it refers to an entity".into()))
}

fn malformed(error: &dyn std::fmt::Display) -> Refused {
    Refused::Malformed(error.to_string().chars().take(120).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Element, Refused> {
        Element::document(text.as_bytes(), &["A"])
    }

    #[test]
    fn whole_documents_are_read() {
        let root =
            parse("\u{feff}\n<?xml version=\"1.0\"?>\n <x:A xmlns:x=\"u\"><B> a&amp;&#x4e2d;<![CDATA[<b>]]> </B><C/></x:A> <!-- c -->\n")
                .unwrap();
        assert_eq!(
            (root.name.as_str(), root.text_of("B"), root.text_of("C")),
            ("A", Some("a&中<b>"), None)
        );
        assert_eq!(root.child("B").unwrap().raw, " a&中<b> ");
    }

    #[test]
    fn everything_else_is_refused() {
        for (text, refused) in [
            ("", "empty"),
            (" \n ", "empty"),
            ("<?xml version=\"1.0\"?>", "empty"),
            ("plain", "outside"),
            ("<B/>", "<B>"),
            ("<html><body>login</body></html>", "<html>"),
            ("<A>", "ends within"),
            ("<A><B>1</B>", "ends within"),
            ("<A><B>1</A>", "no whole"),
            ("<A/><Error/>", "more after"),
            ("<A></A>garbage", "outside"),
            ("<A/>\u{a0}", "outside"),
            ("<A/><![CDATA[ ]]>", "outside"),
            ("<A/>&#32;", "outside"),
            ("<A/><?xml version=\"1.0\"?>", "another document"),
            ("<A><?xml version=\"1.0\"?></A>", "another document"),
            ("<A/><!-- c", "no whole"),
            ("<A/><?p", "no whole"),
            ("</A>", "no whole"),
            ("<A><></></A>", "no proper name"),
            ("<A><:/></A>", "no proper name"),
            ("<A><x:!b/></A>", "no proper name"),
            ("<A><1/></A>", "no proper name"),
            ("<A/></A>", "no whole"),
            ("<!DOCTYPE A [<!ENTITY e \"x\">]><A>&e;</A>", "document type"),
            ("<A>&e;</A>", "entity"),
            ("<A>&#xFFFFFFFF;</A>", "no whole"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(refused), "{text}: {error}");
        }
        assert_eq!(Element::document(b"<A>\xff</A>", &["A"]), Err(Refused::NotText));
        assert_eq!(
            Element::document(b"\xfe\xff\x00<\x00A\x00/\x00>", &["A"]),
            Err(Refused::NotText),
            "UTF-16"
        );
        assert_eq!(
            parse(&format!("{}{}", "<A>".repeat(20), "</A>".repeat(20))),
            Err(Refused::TooLarge)
        );
        assert_eq!(parse(&format!("<A>{}</A>", "<B/>".repeat(ELEMENTS))), Err(Refused::TooLarge));
    }

    #[test]
    fn a_cut_document_gives_its_whole_fields() {
        let cut = Element::salvage(b"<Error>\n<Code>InternalError</Code><Mess").unwrap();
        assert_eq!((cut.name.as_str(), cut.text_of("Code")), ("Error", Some("InternalError")));
        let cut = Element::salvage(b"<Error><Code>InternalError</Code><Message>We enc").unwrap();
        assert_eq!((cut.text_of("Code"), cut.text_of("Message")), (Some("InternalError"), None));
        let cut = Element::salvage(
            "<Error><Code>InternalError</Code><Message>请".as_bytes().split_last().unwrap().1,
        )
        .unwrap();
        assert_eq!(
            (cut.text_of("Code"), cut.text_of("Message")),
            (Some("InternalError"), None),
            "cut within a letter"
        );
        let cut = Element::salvage(b"<Error><Code>Slow<b/>Down").unwrap_or_default();
        assert_eq!(cut.text_of("Code"), None, "a field is whole or not there");
        let odd = Element::salvage(
            b"<Error><Code>AccessDenied</Code><Message>\xc7\xeb</Message></Error>",
        )
        .unwrap();
        assert_eq!(
            (odd.text_of("Code"), odd.text_of("Message")),
            (Some("AccessDenied"), None),
            "another encoding"
        );
        for nothing in [b"".as_slice(), b"\xff", b"<", b"<Error>Int", b"Int<Error/>"] {
            assert_eq!(Element::salvage(nothing), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "[<>A/&;!\\[\\]?\" x-]{0,60}") {
            let _ = Element::document(&bytes, &["A"]);
            let _ = Element::salvage(&bytes);
            let _ = Element::document(text.as_bytes(), &["A"]);
            let _ = Element::salvage(text.as_bytes());
        }
    }
}
