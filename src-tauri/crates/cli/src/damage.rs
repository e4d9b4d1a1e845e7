//! What of the queue cannot be read: said on stderr and as a line of JSON.

use ferry_app::model::{BatchId, Fault};
use ferry_app::{App, QueueDamage};

use crate::output::Output;
use crate::text::say;

/// Says what of the queue, or of a batch, cannot be read.
pub(crate) async fn tell_damage(
    app: &App,
    batch: Option<BatchId>,
    json: bool,
    out: &Output,
) -> Result<QueueDamage, Fault> {
    let damage = app.queue_damage(batch).await?;
    let texts = damage.texts();
    for text in &texts {
        out.tell(text).await;
    }
    if json && !texts.is_empty() {
        out.json(&serde_json::json!({
            "type": "damage", "unreadable": damage.unreadable, "recovery": damage.recovery,
            "texts": texts.iter().map(say).collect::<Vec<_>>(),
        }))
        .await;
    }
    app.acknowledge_recovery().await?;
    Ok(damage)
}
