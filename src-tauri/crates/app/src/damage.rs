//! What of the queue cannot be read, in words: the queue on disk is never damaged in silence.

use ferry_journal::{Recovery, Salvaged};
use ferry_model::{Text, TransferId, message};

/// What of the queue cannot be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueDamage {
    /// What became of a damaged file; the user was not told yet.
    pub recovery: Option<Recovery>,
    /// Transfers whose rows do not decode: they cannot run.
    pub unreadable: Vec<TransferId>,
}

impl QueueDamage {
    /// Whether something that was queued cannot run any more, or may not.
    pub fn loses_transfers(&self) -> bool {
        let complete = match &self.recovery {
            None => true,
            Some(Recovery::SetAside { salvaged, .. }) => salvaged.is_complete(),
            Some(Recovery::Missing { .. } | Recovery::Older { .. }) => false,
        };
        !complete || !self.unreadable.is_empty()
    }

    /// All of it in sentences.
    pub fn texts(&self) -> Vec<Text> {
        let unreadable = (!self.unreadable.is_empty()).then(|| unreadable(self.unreadable.len()));
        self.recovery.as_ref().map(recovered).into_iter().chain(unreadable).collect()
    }
}

/// How many transfers cannot run because their rows cannot be read.
pub(crate) fn unreadable(count: usize) -> Text {
    message::queue_unreadable(count)
}

/// What became of a damaged queue.
pub(crate) fn recovered(recovery: &Recovery) -> Text {
    match recovery {
        Recovery::SetAside { kept, salvaged, .. } => {
            let Salvaged { transfers, profiles, paused, .. } = *salvaged;
            let mut sentences = vec![message::queue_damaged(transfers, profiles)];
            match salvaged.lost_transfers {
                Some(0) => {}
                Some(lost) => sentences.push(message::queue_lost(lost)),
                None => sentences.push(message::queue_lost_unknown()),
            }
            if paused > 0 {
                sentences.push(message::queue_paused(paused));
            }
            sentences.push(message::queue_damaged_kept(kept.display().to_string()));
            Text::sentences(sentences)
        }
        Recovery::Missing { expected } => message::queue_missing(expected.display().to_string()),
        Recovery::Older { .. } => message::queue_older(),
    }
}
