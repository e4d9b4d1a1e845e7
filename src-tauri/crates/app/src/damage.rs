//! What of the queue cannot be read, in words: the queue on disk is never damaged in silence.

use ferry_journal::{Recovery, Salvaged};
use ferry_model::{Text, TransferId};

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
    Text::new(
        format!(
            "{count} in the list of uploads cannot be read, and will not be uploaded. Add their files again."
        ),
        format!("上传列表中有 {count} 项无法读取，不会上传；请重新添加这些文件。"),
    )
}

/// What became of a damaged queue.
pub(crate) fn recovered(recovery: &Recovery) -> Text {
    match recovery {
        Recovery::SetAside { kept, salvaged, .. } => {
            let kept = kept.display();
            let Salvaged { transfers, profiles, paused, .. } = salvaged;
            let (mut en, mut zh) = (
                format!(
                    "The list of uploads was damaged. {transfers} uploads and {profiles} profiles were kept."
                ),
                format!("上传列表已损坏，已保留 {transfers} 个上传和 {profiles} 个访问配置。"),
            );
            match salvaged.lost_transfers {
                Some(0) => {}
                Some(lost) => {
                    en.push_str(&format!(" {lost} are lost: add their files again."));
                    zh.push_str(&format!("{lost} 个已丢失，请重新添加其文件。"));
                }
                None => {
                    en.push_str(" How many are lost is unknown: check that your files are in it.");
                    zh.push_str("丢失的数量未知，请核对您的文件是否都在其中。");
                }
            }
            if *paused > 0 {
                en.push_str(&format!(" {paused} are paused: look at them before you resume them."));
                zh.push_str(&format!("{paused} 个已暂停，请确认后再继续。"));
            }
            en.push_str(&format!(
                " The damaged file was kept as {kept}; your files are untouched."
            ));
            zh.push_str(&format!("损坏的文件已另存为 {kept}；您的文件没有受影响。"));
            Text::new(en, zh)
        }
        Recovery::Missing { expected } => {
            let expected = expected.display();
            Text::new(
                format!(
                    "The list of uploads that was at {expected} is gone. A new one was begun; your files are untouched."
                ),
                format!("位于 {expected} 的上传列表已丢失，已新建列表；您的文件没有受影响。"),
            )
        }
        Recovery::Older { .. } => Text::new(
            "The list of uploads is older than what Ferry wrote last: its latest changes are lost. Check that your files are in it.",
            "上传列表早于 Ferry 最后写入的内容，最近的更改已丢失；请核对您的文件是否都在其中。",
        ),
    }
}
