//! Which files of a folder go.

use std::path::Path;

use ferry_model::{Fault, FaultKind, Patterns};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns, ready to be held against paths below a folder that was added.
#[derive(Debug)]
pub(super) struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Filter {
    /// # Errors
    /// [`FaultKind::InvalidInput`] with the pattern that cannot be understood.
    pub(super) fn new(patterns: &Patterns) -> Result<Self, Fault> {
        let include = (!patterns.include.is_empty()).then(|| set(&patterns.include)).transpose()?;
        Ok(Self { include, exclude: set(&patterns.exclude)? })
    }

    /// Whether a file goes.
    pub(super) fn takes(&self, below: &Path) -> bool {
        !self.leaves_out(below) && self.include.as_ref().is_none_or(|set| set.is_match(below))
    }

    /// Whether a file, or a folder with all that is in it, is left out.
    pub(super) fn leaves_out(&self, below: &Path) -> bool {
        self.exclude.is_match(below)
    }
}

fn set(patterns: &[String]) -> Result<GlobSet, Fault> {
    let refused = |pattern: &str, error: globset::Error| {
        Fault::new(FaultKind::InvalidInput)
            .with_subject(pattern)
            .with_detail(error.kind().to_string())
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let anchored = if pattern.contains('/') {
            pattern.trim_matches('/').to_owned()
        } else {
            format!("**/{pattern}")
        };
        let glob = GlobBuilder::new(&anchored)
            .literal_separator(true)
            .case_insensitive(true)
            .build()
            .map_err(|error| refused(pattern, error))?;
        set.add(glob);
    }
    set.build().map_err(|error| refused("", error))
}

/// Whether patterns can be understood.
///
/// # Errors
/// [`FaultKind::InvalidInput`] with the first that cannot.
pub fn check_patterns(patterns: &Patterns) -> Result<(), Fault> {
    Filter::new(patterns).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_anywhere_and_paths_from_the_folder() {
        let filter = |include: &[&str], exclude: &[&str]| {
            let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
            Filter::new(&Patterns { include: texts(include), exclude: texts(exclude) })
                .expect("understood")
        };
        let defaults = Filter::new(&Patterns::default()).expect("understood");
        for left_out in [".DS_Store", "a/b/.DS_Store", "thumbs.DB", "a/~$report.docx"] {
            assert!(!defaults.takes(Path::new(left_out)), "{left_out}");
        }
        for taken in ["DS_Store", "a/report.docx", "a/~report", "Thumbs.db.txt"] {
            assert!(defaults.takes(Path::new(taken)), "{taken}");
        }
        let photos = filter(&["*.jpg"], &["raw/*", "tmp"]);
        assert!(photos.takes(Path::new("a/b.JPG")) && !photos.takes(Path::new("a/b.png")));
        assert!(!photos.takes(Path::new("raw/b.jpg")) && photos.takes(Path::new("a/raw/b.jpg")));
        assert!(photos.takes(Path::new("raw/deep/b.jpg")), "* does not match /");
        assert!(photos.leaves_out(Path::new("a/tmp")));

        let wrong = Patterns { include: vec!["a[".to_owned()], exclude: vec![] };
        let fault = check_patterns(&wrong).expect_err("no pattern");
        assert_eq!((fault.kind, fault.subject.as_deref()), (FaultKind::InvalidInput, Some("a[")));
    }
}
