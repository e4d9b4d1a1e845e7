//! The threads that do the work: they move and check bytes, and ask the queue.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// How much less than the window's own thread and its page they count, on Linux, where a processor
/// has too much to do. Elsewhere the system itself puts the window in front first.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Starts them, and lets Tauri use no others. They end with the process.
///
/// # Errors
/// Where the system gives no more threads.
pub(crate) fn start() -> io::Result<Runtime> {
    let runtime = Builder::new_multi_thread()
        .thread_name("ferry-worker")
        .enable_all()
        .on_thread_start(step_back)
        .build()?;
    tauri::async_runtime::set(runtime.handle().clone());
    Ok(runtime)
}

/// Lets this thread count less. On Linux this is a matter of threads, not of the process.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the threads of the work count as much as the window's");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_the_workers_step_back() {
        let nice = || rustix::process::getpriority_process(None).expect("Linux");
        let before = nice();
        let runtime = Builder::new_multi_thread().on_thread_start(step_back).build();
        let runtime = runtime.expect("a runtime");
        let of_worker = runtime.block_on(async { tokio::spawn(async move { nice() }).await });
        assert_eq!(of_worker.expect("no panic"), (before + NICE).min(19));
        assert_eq!(nice(), before);
    }
}
