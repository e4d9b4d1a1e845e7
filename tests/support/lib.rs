//! What the acceptance suites share.

pub mod application;
pub mod canary;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod fault_proxy;
pub mod ferry;
#[cfg(target_os = "linux")]
mod frame;
mod installed;
#[cfg(target_os = "linux")]
pub mod keyring;
pub mod node;
pub mod poll;
#[cfg(unix)]
mod processes;
#[cfg(unix)]
pub mod proxies;
pub mod python;
pub mod read_back;
#[cfg(target_os = "linux")]
pub mod services;
#[cfg(unix)]
pub mod small_disk;
#[cfg(unix)]
pub mod stores;
pub mod sweep;
pub mod tls_front;
#[cfg(unix)]
pub mod watching;
#[cfg(target_os = "linux")]
pub mod window;
