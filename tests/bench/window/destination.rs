//! A destination whose store costs the process behind the window nothing: another one runs it.

use support::ferry::{BUCKET, Place};
use support::window::Window;

/// Makes a profile of the store, which is chosen from then on.
pub(crate) async fn connect(window: &Window<'_>, place: &Place) {
    window.click("profile-menu").await;
    window.click("profile-new").await;
    let endpoint = format!("{}/{BUCKET}/", place.sandbox.endpoint());
    for (field, text) in [
        ("field-name", "store"),
        ("field-endpoint", &endpoint),
        ("field-region", place.sandbox.region()),
        ("field-accessKeyId", &place.key.access_key_id),
        ("field-accessKeySecret", &place.key.access_key_secret),
    ] {
        window.type_into(field, text).await;
    }
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
}
