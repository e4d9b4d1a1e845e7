//! The grammar of `ferry queue move`.

use clap::{Args, Subcommand, ValueEnum};
use ferry_app::messages::MoveTo;
use ferry_app::model::{BatchId, TransferId};

use super::Data;

#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// Move waiting files within their batch, or a whole batch: what stands above is taken first.
    /// What runs goes on.
    Move(MoveArguments),
}

#[derive(Debug, Args)]
pub(crate) struct MoveArguments {
    /// Where to
    #[arg(value_enum, value_name = "PLACE")]
    pub(crate) place: PlaceChoice,
    /// Numbers from `ferry queue`
    #[arg(required_unless_present = "batch", value_name = "ID")]
    pub(crate) ids: Vec<TransferId>,
    /// A batch, by its number from `ferry history`, among those that are not finished
    #[arg(long, value_parser = batch, value_name = "BATCH", conflicts_with = "ids")]
    pub(crate) batch: Option<BatchId>,
    #[command(flatten)]
    pub(crate) data: Data,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where something is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaceChoice {
    /// Before all others
    Top,
    /// One place up
    Up,
    /// One place down
    Down,
    /// Behind all others
    Bottom,
}

impl PlaceChoice {
    pub(crate) fn place(self) -> MoveTo {
        match self {
            Self::Top => MoveTo::Top,
            Self::Up => MoveTo::Up,
            Self::Down => MoveTo::Down,
            Self::Bottom => MoveTo::Bottom,
        }
    }
}

fn batch(text: &str) -> Result<BatchId, String> {
    text.parse().map(BatchId).map_err(|_| format!("{text} is no number"))
}
