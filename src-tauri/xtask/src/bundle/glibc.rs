//! Which glibc programs need.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{Failure, Outcome, output};

/// The newest version of glibc that one of the programs takes a function of.
///
/// # Errors
/// Where a program cannot be read, or takes none.
pub(super) fn newest(programs: &[PathBuf]) -> Outcome<(u32, u32)> {
    let mut newest = None;
    for program in programs {
        let symbols = output(Command::new("objdump").arg("-T").arg(program))?;
        newest = newest.max(newest_of(&symbols));
    }
    newest.ok_or_else(|| Failure("the programs take nothing of glibc".to_owned()))
}

/// Reads lines such as `0000 DF *UND* 0000 (GLIBC_2.34) pthread_create`.
fn newest_of(symbols: &str) -> Option<(u32, u32)> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|text| {
        let end = text.find(|it: char| it != '.' && !it.is_ascii_digit()).unwrap_or(text.len());
        let (major, rest) = text[..end].split_once('.')?;
        let minor = rest.split('.').next()?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_found() {
        let symbols = "0000 w  D  *UND*\t0000 (GLIBC_2.2.5) free\n\
                       0000 DF *UND*\t0000 (GLIBC_2.34) pthread_create\n\
                       0000 DF *UND*\t0000 (GLIBC_2.9) pipe2\n\
                       0000 DF *UND*\t0000 (GCC_3.0)  _Unwind_Resume\n\
                       0000 DF *UND*\t0000 (GLIBC_PRIVATE) __x";
        assert_eq!(newest_of(symbols), Some((2, 34)));
        assert_eq!(newest_of("nothing"), None);
    }
}
