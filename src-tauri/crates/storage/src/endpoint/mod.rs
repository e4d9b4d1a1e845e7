//! Endpoints: understanding what was typed or pasted, and the addresses of requests.

pub mod address;
pub mod hosts;
pub mod paste;
pub mod regions;
pub mod services;
mod siblings;
pub mod understand;
pub mod url;

pub use address::{Address, Style};
pub use hosts::HostKind;
pub use paste::Remark;
pub use regions::{Region, endpoint_of_region, region_id};
pub use siblings::siblings;
pub use understand::{Understood, region_typed, understand};
pub use url::Scheme;
pub(crate) use url::is_loopback;

#[cfg(test)]
mod tests;
