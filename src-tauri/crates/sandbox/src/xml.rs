//! XML as the sandbox writes and reads it: flat documents out, small request bodies in.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use time::OffsetDateTime;

/// Deepest nesting of a request body that is believed.
const DEEPEST: usize = 8;

/// A document being written.
#[derive(Debug)]
pub(crate) struct Document {
    out: String,
    open: Vec<&'static str>,
}

impl Document {
    /// Begins a document with this root, in S3's namespace if `namespaced`.
    pub(crate) fn new(root: &'static str, namespace: Option<&str>) -> Self {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
        out.push_str(root);
        if let Some(namespace) = namespace {
            out.push_str(" xmlns=\"");
            out.push_str(namespace);
            out.push('"');
        }
        out.push('>');
        Self { out, open: vec![root] }
    }

    /// Opens an element.
    pub(crate) fn begin(&mut self, name: &'static str) -> &mut Self {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        self.open.push(name);
        self
    }

    /// Opens an element with the `xsi:type` that S3 puts on grantees.
    pub(crate) fn begin_typed(&mut self, name: &'static str, kind: &str) -> &mut Self {
        let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        self.out.push_str(&format!("<{name} {xsi} xsi:type=\"{kind}\">"));
        self.open.push(name);
        self
    }

    /// Writes text into the element opened last.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        escape_into(&mut self.out, text);
        self
    }

    /// Closes the element opened last.
    pub(crate) fn end(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// Writes `<name>value</name>`.
    pub(crate) fn leaf(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        self.out.push_str(&format!("<{name}>"));
        escape_into(&mut self.out, &value.to_string());
        self.out.push_str(&format!("</{name}>"));
        self
    }

    /// Closes everything.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            // Not XML 1.0, yet what the services send when a key holds one and no encoding was
            // asked for.
            c if c < ' ' && c != '\n' && c != '\t' => out.push_str(&format!("&#{};", c as u32)),
            c => out.push(c),
        }
    }
}

/// One element of a request body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// The trimmed text of the first child of this name.
    pub(crate) fn child_text(&self, name: &str) -> Option<&str> {
        self.children.iter().find(|child| child.name == name).map(|child| child.text.trim())
    }

    /// Every child of this name.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Reads a whole document; `None` unless it is one well-formed element with nothing but space
/// around it.
pub(crate) fn parse(text: &str) -> Option<Node> {
    let mut reader = Reader::from_str(text);
    let mut stack: Vec<Node> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if root.is_none() && stack.len() < DEEPEST => {
                stack.push(Node { name: start.local_name().as_ref().to_owned(), ..Node::default() })
            }
            Event::Empty(start) if root.is_none() => {
                let node = Node { name: start.local_name().as_ref().to_owned(), ..Node::default() };
                attach(&mut stack, &mut root, node);
            }
            Event::End(_) => {
                let node = stack.pop()?;
                attach(&mut stack, &mut root, node);
            }
            Event::Text(text) => append(&mut stack, &text.xml10_content())?,
            Event::CData(text) => append(&mut stack, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().ok()? {
                    Some(c) => c.to_string(),
                    None => resolve_predefined_entity(&reference.xml10_content())?.to_owned(),
                };
                append(&mut stack, &resolved)?;
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Eof => break,
            _ => return None,
        }
    }
    root.filter(|_| stack.is_empty())
}

fn attach(stack: &mut [Node], root: &mut Option<Node>, node: Node) {
    match stack.last_mut() {
        Some(parent) => parent.children.push(node),
        None => *root = Some(node),
    }
}

fn append(stack: &mut [Node], text: &str) -> Option<()> {
    match stack.last_mut() {
        Some(node) => node.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}

/// `2026-01-15T08:30:45.000Z`, the form of every time in a body. The services keep whole seconds,
/// and the first Python SDK of OSS reads nothing else.
pub(crate) fn timestamp(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_sdks_send() {
        let text = "<?xml version=\"1.0\"?>\n<CompleteMultipartUpload xmlns=\"x\"><Part><PartNumber>1</PartNumber>\
                    <ETag>&quot;AB&#34;</ETag></Part><Part><PartNumber> 5 </PartNumber><ETag>\"CD\"</ETag></Part>\
                    </CompleteMultipartUpload>\n";
        let root = parse(text).unwrap();
        let parts: Vec<_> = root
            .named("Part")
            .map(|part| (part.child_text("PartNumber"), part.child_text("ETag")))
            .collect();
        assert_eq!(parts, [(Some("1"), Some("\"AB\"")), (Some("5"), Some("\"CD\""))]);
    }

    #[test]
    fn refuses_what_is_not_one_document() {
        for broken in ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "<a>&nope;</a>"] {
            assert_eq!(parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn escapes_what_it_writes() {
        let mut document = Document::new("A", None);
        document.leaf("K", "<&>\"\u{1}");
        assert!(document.finish().ends_with("<A><K>&lt;&amp;&gt;&quot;&#1;</K></A>"));
    }
}
