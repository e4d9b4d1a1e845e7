//! What holds of every XML answer that is believed.

use std::fmt::Debug;

use ferry_storage::xml::{Element, Refused};

/// Deepest and most elements of a believed answer.
const DEPTH: usize = 16;
const ELEMENTS: usize = 100_000;
/// Longest explanation of a refusal: it is shown to people.
const LONGEST_REASON: usize = 600;

/// Reads a document and, if it is believed, holds it to what makes it one: its root, its end, its
/// bounds.
pub(crate) fn believed<T: PartialEq + Debug>(
    bytes: &[u8],
    roots: &[&str],
    read: fn(&[u8]) -> Result<T, Refused>,
) -> Option<(Element, T)> {
    let document = match read(bytes) {
        Ok(document) => document,
        Err(refused) => {
            let reason = refused.to_string();
            assert!(reason.len() <= LONGEST_REASON, "a reason of {} bytes", reason.len());
            return None;
        }
    };
    let text = std::str::from_utf8(bytes).expect("only UTF-8 is believed");
    let tree =
        Element::document(bytes, roots).expect("only a whole document of that root is believed");
    assert!(roots.contains(&tree.name.as_str()), "a <{}> is believed", tree.name);
    is_bounded(&tree, text.len());
    ends_with_the_root(text, &document, read);
    assert_eq!(
        Element::document(written(&tree).as_bytes(), roots).as_ref(),
        Ok(&tree),
        "written and read again"
    );
    Some((tree, document))
}

fn is_bounded(tree: &Element, length: usize) {
    let (mut elements, mut text) = (0, 0);
    let mut level = vec![tree];
    for depth in 1.. {
        assert!(depth <= DEPTH, "more than {DEPTH} levels are believed");
        elements += level.len();
        text += level.iter().map(|element| element.raw.len() + element.name.len()).sum::<usize>();
        level = level.into_iter().flat_map(|element| &element.children).collect();
        if level.is_empty() {
            break;
        }
    }
    assert!(elements <= ELEMENTS, "{elements} elements are believed");
    assert!(text <= length, "{text} bytes came of {length}: something was expanded");
}

/// More after the root, or less of it, must be refused; what XML allows around it must change
/// nothing.
fn ends_with_the_root<T: PartialEq + Debug>(
    text: &str,
    document: &T,
    read: fn(&[u8]) -> Result<T, Refused>,
) {
    for more in [
        "x",
        "<x/>",
        "<x",
        "</x>",
        "&amp;",
        "<![CDATA[ ]]>",
        "<?xml version=\"1.0\"?>",
        "\0",
        "\u{a0}",
        text,
    ] {
        let longer = format!("{text}{more}");
        assert!(read(longer.as_bytes()).is_err(), "{more:?} after the root is believed");
    }
    let whole = text.trim_end_matches([' ', '\t', '\r', '\n']);
    let cut =
        whole.strip_suffix('>').expect("a document ends with a tag, a comment or an instruction");
    assert!(read(cut.as_bytes()).is_err(), "a cut document is believed");
    let inner = format!("<wrapped>{text}</wrapped>");
    assert!(read(inner.as_bytes()).is_err(), "a document within another is believed");
    // Where a document type may stand: before the root, after the declaration.
    let body = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let at = if body.starts_with("<?xml") { body.find("?>").map_or(0, |end| end + 2) } else { 0 };
    let typed = format!("{}<!DOCTYPE a>{}", &body[..at], &body[at..]);
    assert!(read(typed.as_bytes()).is_err(), "a document with a type is believed");
    let padded = format!("{text}\r\n <!-- c --> <?p i?>\n");
    assert_eq!(
        read(padded.as_bytes()).as_ref(),
        Ok(document),
        "white space and comments after the root count"
    );
    if !text.starts_with('\u{feff}') {
        // S3 sends white space while it merges; some proxies set a mark before UTF-8.
        for before in ["\n \n", "\u{feff}"] {
            assert_eq!(
                read(format!("{before}{text}").as_bytes()).as_ref(),
                Ok(document),
                "{before:?} before the document counts"
            );
        }
    }
}

/// The tree as XML. An element's own text stands before its children: a tree does not tell where
/// between them it stood.
pub(crate) fn written(element: &Element) -> String {
    let children: String = element.children.iter().map(written).collect();
    let name = &element.name;
    format!("<{name}>{}{children}</{name}>", escaped(&element.raw))
}

fn escaped(text: &str) -> String {
    let one = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '\r' => "&#13;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(one).collect()
}
