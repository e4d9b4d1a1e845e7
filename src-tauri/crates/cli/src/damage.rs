//! What of the queue cannot be read: said on stderr, as a line of JSON, and by the exit code.

use ferry_app::model::{BatchId, Fault};
use ferry_app::{App, QueueDamage};

use crate::Exit;
use crate::output::{json_line, say, visible};

/// Says what of the queue, or of a batch, cannot be read.
pub(crate) async fn tell_damage(
    app: &App,
    batch: Option<BatchId>,
    json: bool,
) -> Result<QueueDamage, Fault> {
    let damage = app.queue_damage(batch).await?;
    let texts = damage.texts();
    for text in &texts {
        eprintln!("ferry: {}", visible(say(text)));
    }
    if json && !texts.is_empty() {
        json_line(&serde_json::json!({
            "type": "damage", "unreadable": damage.unreadable, "recovery": damage.recovery,
            "texts": texts.iter().map(say).collect::<Vec<_>>(),
        }));
    }
    app.acknowledge_recovery().await?;
    Ok(damage)
}

/// Where something that was queued cannot run, all is not well.
pub(crate) fn exit_with(exit: Exit, loses_transfers: bool) -> Exit {
    if exit == Exit::Fine && loses_transfers { Exit::Failed } else { exit }
}
