//! A command line in words, as the AWS tools split the same line: by quotes, without a shell.
//! Nothing is expanded: no variables, no `~`, no patterns; a pipe is a word like others.

/// Whose quoting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// POSIX: `'…'` as it is, `"…"` with `\"` and `\\`, and `\` before any other character outside
    /// of quotes.
    Posix,
    /// The Microsoft C runtime's: `"…"` only, and `\` is itself unless a `"` follows, so that paths
    /// need no care.
    Windows,
}

impl Quoting {
    /// This system's.
    pub(crate) const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Posix };
}

/// Splits a line into words. The first is the program.
///
/// # Errors
/// What is wrong with the line, quoting nothing of it: it may hold a secret.
pub(crate) fn split(line: &str, quoting: Quoting) -> Result<Vec<String>, &'static str> {
    if line.contains('\0') {
        return Err("the command holds a character that no command can hold");
    }
    let words = match quoting {
        Quoting::Posix => posix(line)?,
        Quoting::Windows => windows(line)?,
    };
    match words.first() {
        Some(program) if !program.is_empty() => Ok(words),
        _ => Err("the command is empty"),
    }
}

const OPEN_QUOTE: &str = "a quote in the command is not closed";

fn posix(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    // A word can be empty, if it was quoted: so "none yet" is not "".
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or(OPEN_QUOTE)? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => double_quoted(&mut characters, word.get_or_insert_default())?,
            '\\' => word
                .get_or_insert_default()
                .push(characters.next().ok_or("the command ends in a lone backslash")?),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

fn double_quoted(
    characters: &mut std::str::Chars<'_>,
    word: &mut String,
) -> Result<(), &'static str> {
    loop {
        match characters.next().ok_or(OPEN_QUOTE)? {
            '"' => return Ok(()),
            '\\' => match characters.next().ok_or(OPEN_QUOTE)? {
                escaped @ ('"' | '\\') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            other => word.push(other),
        }
    }
}

fn windows(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut backslashes = 0;
    for character in line.chars() {
        if character == '\\' {
            backslashes += 1;
            continue;
        }
        let before = std::mem::take(&mut backslashes);
        if character == '"' {
            // Before a quote each pair of backslashes is one, and an odd one makes the quote an
            // ordinary character.
            let word = word.get_or_insert_default();
            word.extend(std::iter::repeat_n('\\', before / 2));
            if before % 2 == 1 {
                word.push('"');
            } else {
                quoted = !quoted;
            }
            continue;
        }
        if before > 0 {
            word.get_or_insert_default().extend(std::iter::repeat_n('\\', before));
        }
        match character {
            ' ' | '\t' | '\r' | '\n' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    if backslashes > 0 {
        word.get_or_insert_default().extend(std::iter::repeat_n('\\', backslashes));
    }
    words.extend(word);
    if quoted { Err(OPEN_QUOTE) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(quoting: Quoting, cases: &[(&str, Result<&[&str], &str>)]) {
        for (line, expected) in cases {
            let got = split(line, quoting);
            let got = got
                .as_ref()
                .map(|words| words.iter().map(String::as_str).collect::<Vec<_>>())
                .map_err(|why| *why);
            assert_eq!(got, expected.map(<[&str]>::to_vec), "{line}");
        }
    }

    #[test]
    fn posix_lines_are_split_as_a_shell_would_without_expanding() {
        check(
            Quoting::Posix,
            &[
                ("aws-vault exec  dev\t--json", Ok(&["aws-vault", "exec", "dev", "--json"])),
                (
                    r#""/opt/my tools/cred" --name 'a "b" \c' x\ y"#,
                    Ok(&["/opt/my tools/cred", "--name", r#"a "b" \c"#, "x y"]),
                ),
                (r#"tool "a\"b\\c\d" '' "" a'b'"c""#, Ok(&["tool", r#"a"b\c\d"#, "", "", "abc"])),
                (
                    "tool $HOME ~/x *.pem a|b > c #d",
                    Ok(&["tool", "$HOME", "~/x", "*.pem", "a|b", ">", "c", "#d"]),
                ),
                ("tool --标签 '值'", Ok(&["tool", "--标签", "值"])),
                ("tool 'open", Err(OPEN_QUOTE)),
                ("tool \"open", Err(OPEN_QUOTE)),
                ("tool \"open\\", Err(OPEN_QUOTE)),
                ("tool \\", Err("the command ends in a lone backslash")),
                ("   ", Err("the command is empty")),
                ("'' x", Err("the command is empty")),
                ("tool a\0b", Err("the command holds a character that no command can hold")),
            ],
        );
    }

    #[test]
    fn windows_lines_keep_their_backslashes() {
        check(
            Quoting::Windows,
            &[
                (
                    r"C:\tools\cred.exe --profile dev",
                    Ok(&[r"C:\tools\cred.exe", "--profile", "dev"]),
                ),
                (
                    r#""C:\Program Files\cred.exe" "a b\\" c\"#,
                    Ok(&[r"C:\Program Files\cred.exe", r"a b\", r"c\"]),
                ),
                (
                    r#"t a\"b a\\"b c" x\y\\z "" d"e"f 'q r'"#,
                    Ok(&["t", r#"a"b"#, r"a\b c", r"x\y\\z", "", "def", "'q", "r'"]),
                ),
                (r#"t "open"#, Err(OPEN_QUOTE)),
                (r#""""#, Err("the command is empty")),
            ],
        );
    }
}
