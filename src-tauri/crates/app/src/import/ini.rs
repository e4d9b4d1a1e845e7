//! The INI files of four tools, each read as its tool reads it. What a tool would refuse is passed
//! over here, line by line: this is a preview, and one bad line is no reason to show nothing.

use zeroize::Zeroizing;

/// Whose rules hold. `#` and `;` begin a comment only at the start of a line, in all four: a secret
/// may hold either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IniDialect {
    /// ossutil 1 (github.com/alyu/configparser): the first `=` ends the name, or the first `:` if
    /// there is none. Of sections with one name the first counts.
    Ossutil1,
    /// ossutil 2 (help.aliyun.com, configure-ossutil2): names in any case, with or without `-` and
    /// `_` between words; values may stand in quotes.
    Ossutil2,
    /// botocore (Python's RawConfigParser): the first `=` or `:` ends the name, names in any case;
    /// a line that is indented deeper than the name above it goes on with its value.
    Aws,
    /// rclone (github.com/unknwon/goconfig): the first `=` or `:` ends the name; values may stand
    /// in backticks or three double quotes, which rclone adds when a value has backticks in it.
    Rclone,
}

/// One section, with all that stands under its name.
pub(crate) struct Section {
    /// As it stands between the brackets, without blanks around it; empty for what stands above the
    /// first.
    pub(crate) name: String,
    entries: Vec<(String, Zeroizing<String>)>,
}

impl Section {
    /// The value of a name, the last if there are several; empty ones count as none. Names are as
    /// [`IniDialect::name`] leaves them.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.entries.iter().rfind(|(entry, _)| entry == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }

    /// All names with a value, in their order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(_, value)| !value.is_empty())
    }

    /// A value of several lines as a map of its own, as `s3 =` in AWS's files: the value of `inner`
    /// in it.
    pub(crate) fn nested(&self, name: &str, inner: &str) -> Option<&str> {
        let lines = self.get(name)?.lines().filter_map(|line| line.split_once('='));
        lines
            .filter(|(name, _)| name.trim() == inner)
            .map(|(_, value)| value.trim())
            .next_back()
            .filter(|value| !value.is_empty())
    }
}

impl IniDialect {
    /// A name as this tool compares it.
    fn name(self, name: &str) -> String {
        match self {
            Self::Ossutil1 | Self::Rclone => name.to_owned(),
            Self::Ossutil2 => plain(name),
            Self::Aws => name.to_lowercase(),
        }
    }

    fn delimiter(self, line: &str) -> Option<usize> {
        match self {
            Self::Ossutil1 | Self::Ossutil2 => line.find('=').or_else(|| line.find(':')),
            Self::Aws | Self::Rclone => line.find(['=', ':']),
        }
    }

    /// A value without the quotes that belong to the file; `None` where the tool sees an error.
    fn value(self, value: &str) -> Option<&str> {
        match self {
            Self::Ossutil1 | Self::Aws => Some(value),
            Self::Ossutil2 => Some(unquoted(value)),
            Self::Rclone => {
                let quote = ["\"\"\"", "`"]
                    .into_iter()
                    .find(|quote| value.len() > 1 && value.starts_with(quote));
                let Some(quote) = quote else { return Some(value) };
                // The last one closes; what stands behind it is left out.
                let inner = &value[quote.len()..];
                inner.rfind(quote).map(|end| &inner[..end])
            }
        }
    }
}

/// In small letters, without `-` and `_`.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Reads a file's text. Sections of one name are one, in the place of the first.
pub(crate) fn read(text: &str, dialect: IniDialect) -> Vec<Section> {
    let mut reader =
        Reader { dialect, sections: Vec::new(), current: None, indent: 0, going_on: false };
    reader.open(String::new());
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).split(['\n', '\r']) {
        reader.line(line);
    }
    reader.sections.retain(|section| !section.name.is_empty() || !section.entries.is_empty());
    reader.sections
}

struct Reader {
    dialect: IniDialect,
    sections: Vec<Section>,
    /// Where the next entry goes; `None` below a heading that cannot be read, or need not be.
    current: Option<usize>,
    /// How deep the last heading or name stood.
    indent: usize,
    /// Whether the current section has a value that a deeper line would go on with.
    going_on: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            return;
        }
        let indent = line.chars().take_while(|character| character.is_whitespace()).count();
        if self.dialect == IniDialect::Aws && self.going_on && indent > self.indent {
            let last = self.current.and_then(|index| self.sections[index].entries.last_mut());
            if let Some((_, value)) = last {
                push(value, "\n");
                push(value, trimmed);
            }
            return;
        }
        self.indent = indent;
        if let Some(heading) = trimmed.strip_prefix('[') {
            self.heading(heading);
        } else if let Some(end) = self.dialect.delimiter(trimmed) {
            self.entry(trimmed[..end].trim(), trimmed[end + 1..].trim());
        } else {
            self.going_on = false;
        }
    }

    fn heading(&mut self, rest: &str) {
        self.going_on = false;
        let name = match (rest.rfind(']'), self.dialect) {
            (Some(end), _) => Some(&rest[..end]),
            (None, IniDialect::Ossutil1) => Some(rest),
            (None, _) => None,
        };
        match name.map(|name| {
            name.trim_matches(|character: char| {
                character.is_whitespace() || "[]".contains(character)
            })
        }) {
            Some(name) if !name.is_empty() => self.open(name.to_owned()),
            // What follows belongs to no section that is known; least of all to the one above.
            _ => self.current = None,
        }
    }

    fn open(&mut self, name: String) {
        let known = self.sections.iter().position(|section| section.name == name);
        self.current = match (known, self.dialect) {
            (Some(_), IniDialect::Ossutil1) => None,
            (Some(index), _) => Some(index),
            (None, _) => {
                self.sections.push(Section { name, entries: Vec::new() });
                Some(self.sections.len() - 1)
            }
        };
    }

    fn entry(&mut self, name: &str, value: &str) {
        let value = self.dialect.value(value);
        self.going_on = value.is_some() && self.current.is_some();
        if let (Some(index), Some(value)) = (self.current, value) {
            self.sections[index]
                .entries
                .push((self.dialect.name(name), Zeroizing::new(value.to_owned())));
        }
    }
}

/// Adds to a value without leaving a copy of it behind.
fn push(value: &mut Zeroizing<String>, more: &str) {
    let mut grown = Zeroizing::new(String::with_capacity(value.len() + more.len()));
    grown.push_str(value);
    grown.push_str(more);
    *value = grown;
}

/// The text without the quotes around it, if it has a pair.
pub(crate) fn unquoted(text: &str) -> &str {
    let pair = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    pair('"').or_else(|| pair('\'')).unwrap_or(text)
}
