//! Windows and macOS, by libraries that know both.

use std::path::PathBuf;
use std::sync::mpsc;

use notify_rust::Notification as Shown;
use tauri::AppHandle;
use tokio::sync::Mutex;

use super::{Clipboard, Notification};

const NAME: &str = "Ferry";

pub(super) struct Native {
    /// Ends what keeps the computer awake when it is dropped.
    awake: Mutex<Option<mpsc::Sender<()>>>,
}

impl Native {
    /// A click on a notification brings an application to the front by itself here.
    pub(super) fn new(_clicked: impl Fn() + Send + Sync + 'static) -> Self {
        Self { awake: Mutex::default() }
    }

    pub(super) fn has_tray_library(&self) -> bool {
        true
    }

    pub(super) async fn knows_trays(&self) -> bool {
        true
    }

    pub(super) async fn notify(&self, notification: Notification) -> Result<(), String> {
        let show = move || {
            let mut shown = Shown::new();
            shown.appname(NAME).summary(&notification.title).body(&notification.body);
            #[cfg(windows)]
            shown.app_id("dev.ferry.uploader");
            shown.show().map(drop).map_err(|error| error.to_string())
        };
        tokio::task::spawn_blocking(show).await.map_err(|error| error.to_string())?
    }

    /// On a thread of its own: Windows keeps awake for as long as the thread that asked.
    pub(super) async fn keep_awake(&self, reason: Option<String>) {
        let (held, released) = mpsc::channel();
        let mut awake = self.awake.lock().await;
        *awake = reason.map(|reason| {
            std::thread::spawn(move || {
                let mut wanted = keepawake::Builder::default();
                let kept = wanted.idle(true).reason(reason).app_name(NAME).create();
                if let Err(error) = &kept {
                    tracing::warn!(%error, "the computer may fall asleep");
                }
                // Nothing is sent: it ends when the other side is dropped.
                released.recv().unwrap_or_default();
                drop(kept);
            });
            held
        });
    }

    pub(super) async fn clipboard(&self, _handle: &AppHandle) -> Clipboard {
        let found = tokio::task::spawn_blocking(read).await.ok().flatten();
        found.unwrap_or(Clipboard::Nothing)
    }
}

fn read() -> Option<Clipboard> {
    let mut clipboard = arboard::Clipboard::new().ok()?;
    let files: Vec<PathBuf> = clipboard.get().file_list().unwrap_or_default();
    if !files.is_empty() {
        return Some(Clipboard::Files(files));
    }
    let picture = clipboard.get_image().ok()?;
    let size = |pixels: usize| u32::try_from(pixels).ok();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size(picture.width)?, size(picture.height)?);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&picture.bytes).ok()?;
    writer.finish().ok()?;
    Some(Clipboard::Picture(bytes))
}
