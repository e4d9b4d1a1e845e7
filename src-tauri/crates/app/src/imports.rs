//! Taking over what other tools keep: looked for when the user asks, shown without secrets, filled
//! into a form, saved only as a profile.

use ferry_model::{Credentials, Fault, FaultKind};

use crate::app::App;
use crate::import::{Candidate, CandidateKeys, look};
use crate::messages::{
    ImportCandidate, ImportFindings, KeySourceChoice, Problem, ProfileForm, Words,
};

impl App {
    /// Reads the settings of ossutil, the Alibaba Cloud CLI, the AWS CLI and rclone. What is found
    /// is remembered until the next search or the end of this run; nothing is saved.
    pub async fn find_imports(&self) -> ImportFindings {
        let Some(home) = directories::BaseDirs::new().map(|folders| folders.home_dir().to_owned())
        else {
            let problem = Problem::from(
                Fault::new(FaultKind::InvalidInput)
                    .with_subject("~")
                    .with_detail("this account has no home folder"),
            );
            return ImportFindings {
                candidates: Vec::new(),
                looked_at: Vec::new(),
                problems: vec![told(&problem)],
            };
        };
        let found = tokio::task::spawn_blocking(move || look(&home)).await.unwrap_or_default();
        let views =
            (0..).zip(&found.candidates).map(|(id, candidate)| view(id, candidate)).collect();
        let keys = found.candidates.into_iter().map(|candidate| match candidate.credentials {
            CandidateKeys::Static(credentials) => Some(credentials),
            CandidateKeys::Process(_) | CandidateKeys::Unsupported { .. } => None,
        });
        *self.inner.imports.lock().expect("no code panics while holding this lock") =
            keys.collect();
        ImportFindings {
            candidates: views,
            looked_at: found.looked_for.iter().map(|path| path.display().to_string()).collect(),
            problems: found.problems.iter().map(told).collect(),
        }
    }

    /// The key of a candidate of the last search.
    pub(crate) fn imported(&self, id: u32) -> Option<Credentials> {
        let imports = self.inner.imports.lock().expect("no code panics while holding this lock");
        imports.get(id as usize).cloned().flatten()
    }
}

fn told(problem: &Problem) -> Words {
    problem.sentence.followed_by(&problem.hint)
}

fn view(id: u32, candidate: &Candidate) -> ImportCandidate {
    let mut form = ProfileForm {
        name: candidate.name.clone(),
        endpoint: candidate.endpoint.clone().unwrap_or_default(),
        region: candidate.region.clone().unwrap_or_default(),
        bucket: candidate.bucket.clone().unwrap_or_default(),
        addressing: candidate.addressing,
        ..ProfileForm::blank(candidate.provider)
    };
    form.options.acl = candidate.acl.clone().unwrap_or_default();
    form.options.storage_class = candidate.storage_class.clone().unwrap_or_default();
    let mut unsupported = None;
    let mut token_ends_ms = None;
    match &candidate.credentials {
        CandidateKeys::Static(credentials) => token_ends_ms = credentials.expires_ms,
        // A command is shown in the form before anything is saved, and runs only from a saved
        // profile or a test.
        CandidateKeys::Process(command)
        | CandidateKeys::Unsupported { instead: Some(command), .. } => {
            form.key_source = KeySourceChoice::Process;
            form.key_command = command.clone();
        }
        CandidateKeys::Unsupported { reason, instead: None } => {
            unsupported = Some(reason.text().into())
        }
    }
    ImportCandidate {
        id,
        tool: candidate.source.tool.name().to_owned(),
        file: candidate.source.path.display().to_string(),
        name: candidate.name.clone(),
        provider: candidate.provider,
        access_key_hint: candidate.masked_access_key_id().unwrap_or_default(),
        token_ends_ms,
        form,
        unsupported,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::import::parse_ossutil;

    use super::*;

    #[test]
    fn what_is_found_fills_a_form_and_shows_no_secret() {
        let text = "[Credentials]\nendpoint=oss-cn-hangzhou.aliyuncs.com\naccessKeyID=LTAI5tExampleKeyWXYZ\naccessKeySecret=canary-secret\n";
        let candidates = parse_ossutil(text, Path::new("/home/u/.ossutilconfig"));
        let seen = view(0, &candidates[0]);
        assert_eq!(
            (seen.tool.as_str(), seen.access_key_hint.as_str(), &seen.unsupported),
            ("ossutil", "LTAI…WXYZ", &None)
        );
        assert_eq!(
            (seen.form.endpoint.as_str(), seen.form.key_source),
            ("oss-cn-hangzhou.aliyuncs.com", KeySourceChoice::Keyring)
        );
        assert!(!format!("{seen:?}").contains("canary"), "{seen:?}");
        assert!(!serde_json::to_string(&seen).expect("json").contains("canary"));
    }
}
