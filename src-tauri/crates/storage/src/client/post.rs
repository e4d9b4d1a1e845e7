//! A POST to an address that a user named: no store's, and nothing is signed.

use std::time::Duration;

use ferry_model::{Fault, FaultKind};
use http::header::CONTENT_TYPE;

use super::{CONNECT_TIMEOUT, HttpClient};
use crate::error::transport;

impl HttpClient {
    /// Posts a JSON text once, within `limit`. What is answered does not count but for its status.
    ///
    /// # Errors
    /// [`FaultKind::InvalidInput`] for an address that cannot be used; those of the way there;
    /// [`FaultKind::ServerError`] for a status that is no success.
    ///
    /// # Cancellation
    /// Dropping the future closes the connection.
    pub async fn post_json(&self, url: &str, body: String, limit: Duration) -> Result<(), Fault> {
        let wrong = |why: &str| Fault::new(FaultKind::InvalidInput).with_detail(why);
        let url: reqwest::Url = url.parse().map_err(|_| wrong("it is no URL"))?;
        let Some(host) = url.host_str().map(str::to_owned) else {
            return Err(wrong("the URL has no host"));
        };
        let proxy = self.proxies.proxy_for(&url).await?;
        let client = self.client(proxy.as_ref())?;
        let request =
            client.post(url).header(CONTENT_TYPE, "application/json").timeout(limit).body(body);
        let sent = CONNECT_TIMEOUT.scope(self.options.connect_timeout, request.send()).await;
        let server = proxy.as_ref().map(|proxy| proxy.server.as_str());
        let answer =
            sent.map_err(|error| transport::of_client(&error.without_url(), &host, server).fault)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let mut fault = Fault::new(FaultKind::ServerError).with_subject(host);
        fault.status = Some(status.as_u16());
        Err(fault)
    }
}
