//! The proxy as it is typed in the settings and in a profile: kept, shown again, and the way that
//! files go.

use std::net::TcpListener;

use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::proxies::{Allows, Kind, Proxy, USER};
use support::window::Window;

use crate::{TURN, bytes, in_state, is_chosen};

/// What a field holds.
fn holds(field: &str, value: &str) -> String {
    format!("return document.querySelector('[data-testid=\"field-{field}\"]')?.value === {value:?}")
}

fn notice_with(kind: &str, words: &str) -> String {
    format!(
        "return document.querySelector('[data-testid=\"notice\"][data-kind=\"{kind}\"]')?.innerText.includes({words:?})"
    )
}

/// Makes a profile of a store that is this computer as well, but at an address that Ferry reaches by
/// proxy.
async fn profile_afar(window: &Window<'_>, place: &Place, name: &str) {
    let endpoint = format!("http://0.0.0.0:{}", place.sandbox.addr().port());
    window.click("profile-menu").await;
    window.click("profile-new").await;
    for (field, text) in [
        ("field-name", name),
        ("field-endpoint", &endpoint),
        ("field-region", place.sandbox.region()),
        ("field-bucket", BUCKET),
        ("field-accessKeyId", &place.key.access_key_id),
        ("field-accessKeySecret", &place.key.access_key_secret),
    ] {
        window.type_into(field, text).await;
    }
    window.click("section-connection").await;
    window.choose("field-plainHttp", "allow").await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    window.until("the saved profile to be chosen", &is_chosen(name)).await;
}

/// Names the proxy of the settings, and finds it there again.
async fn proxy_of_the_settings(window: &Window<'_>, proxy: &Proxy, password: &str) {
    window.click("settings").await;
    window.click("settings-network").await;
    window.choose("field-proxy", "manual").await;
    window.type_into("field-proxyServer", "ftp://proxy").await;
    window.click("settings-close").await;
    let refused = "return document.querySelector('[data-testid=\"field-proxyServer\"]').getAttribute('aria-invalid') === 'true'";
    window.until("the refusal of a proxy that is none", refused).await;
    window.nothing_is_cut("settings with a refused proxy").await;
    window.picture("settings-proxy-refused-en-light-1100x720").await;
    let server = format!("http://{}", proxy.address);
    window.type_into("field-proxyServer", &server).await;
    window.type_into("field-proxyUser", USER).await;
    window.type_into("field-proxyPassword", password).await;
    window.click("settings-close").await;
    window.see_no("settings-dialog").await;
    window.click("settings").await;
    window.click("settings-network").await;
    for (field, value) in [
        ("proxy", "manual"),
        ("proxyServer", server.as_str()),
        ("proxyUser", USER),
        ("proxyPassword", ""),
    ] {
        window.until(&format!("the kept {field}"), &holds(field, value)).await;
    }
    window.picture("settings-proxy-en-light-1100x720").await;
    window.click("settings-close").await;
    window.see_no("settings-dialog").await;
}

/// Chooses another proxy for the profile that is chosen.
async fn proxy_of_the_profile(window: &Window<'_>, choice: &str, server: Option<&str>) {
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.click("section-connection").await;
    window.choose("field-proxy", choice).await;
    if let Some(server) = server {
        window.type_into("field-proxyServer", server).await;
    }
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn n10_files_go_through_the_proxy_that_was_typed() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let kind = Kind::Tinyproxy;
    let (proxy, password) = (Proxy::start(kind, Allows::User).await, kind.password());
    let files: Vec<_> = ["first 一.bin", "second.bin", "third.bin"]
        .iter()
        .zip(1..)
        .map(|(name, seed)| desktop.write(format!("files/{name}"), &bytes(70_000, seed)))
        .collect();
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.click("view-history").await;
    window.look("en", "light").await;
    proxy_of_the_settings(&window, &proxy, password).await;
    profile_afar(&window, &place, "Afar").await;
    window.drop_files(&[&files[0]]).await;
    window.rows_until("the file by the proxy", |rows| in_state(rows, "done") == 1).await;
    let sent = |proxy: &Proxy| proxy.said().matches("PUT http://0.0.0.0").count();
    assert!(sent(&proxy) >= 1, "it went past the proxy: {}", proxy.said());
    let kept = window.session.secrets(&desktop);
    assert!(kept.iter().any(|entry| entry.contains(password)), "no password in the keyring");
    assert_eq!(desktop.files_with(password.as_bytes()), Vec::<std::path::PathBuf>::new());

    // The profile's own proxy comes first: nobody listens there.
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    proxy_of_the_profile(&window, "manual", Some(&nobody.to_string())).await;
    let before = sent(&proxy);
    window.drop_files(&[&files[1]]).await;
    window.until("the fault of a proxy", &notice_with("offline", "proxy")).await;
    window.rows_until("the file that waits", |rows| in_state(rows, "waiting") == 1).await;
    window.pictures("proxy-away").await;
    proxy_of_the_profile(&window, "direct", None).await;
    window.rows_until("the file without a proxy", |rows| in_state(rows, "done") == 2).await;
    assert_eq!(sent(&proxy), before, "the settings' proxy was used: {}", proxy.said());

    // As in the settings again.
    proxy_of_the_profile(&window, "settings", None).await;
    window.drop_files(&[&files[2]]).await;
    window.rows_until("the last file", |rows| in_state(rows, "done") == 3).await;
    assert!(sent(&proxy) > before, "it went past the proxy: {}", proxy.said());
    window.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn n10_files_go_through_the_proxy_that_the_desktop_names() {
    let _turn = TURN.lock().await;
    let (mut desktop, place) = (Desktop::start(), Place::new().await);
    let proxy = Proxy::start(Kind::Tinyproxy, Allows::Everybody).await;
    // As GNOME's own settings write it, for its library to read.
    desktop.is_gnome();
    let (host, port) = (proxy.address.ip(), proxy.address.port());
    let settings = format!(
        "[system/proxy]\nmode='manual'\n\n\
         [system/proxy/http]\nhost='{host}'\nport={port}\n"
    );
    desktop.write("config/glib-2.0/settings/keyfile", settings.as_bytes());
    let file = desktop.write("files/first.bin", &bytes(70_000, 1));
    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.click("view-history").await;
    window.look("en", "light").await;
    profile_afar(&window, &place, "Afar").await;
    window.drop_files(&[&file]).await;
    window.rows_until("the file by the proxy", |rows| in_state(rows, "done") == 1).await;
    let said = proxy.said();
    assert!(said.contains("PUT http://0.0.0.0"), "it went past the proxy: {said}");
    window.quit().await;
}
