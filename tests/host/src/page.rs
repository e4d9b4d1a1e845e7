//! The built page, with the bridge in front of it.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use ferry_app::messages::PageTexts;
use serde_json::Value;

/// Where the page is built.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/dist");
/// Stands for what Tauri puts in front of the page.
const BRIDGE: &str = include_str!("bridge.js");
/// The window's configuration: what the page may do is written there.
const CONFIGURATION: &str = include_str!("../../../tauri.conf.json");

/// The window's content security policy, with the host in the place of Tauri's own channel.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let configuration: Value = serde_json::from_str(CONFIGURATION).expect("it is JSON");
    let policy = configuration["app"]["security"]["csp"].as_object().expect("the CSP is a map");
    let directive = |(name, sources): (&String, &Value)| match name.as_str() {
        "connect-src" => "connect-src 'self'".to_owned(),
        _ => format!("{name} {}", sources.as_str().expect("sources are one string")),
    };
    policy.iter().map(directive).collect::<Vec<_>>().join("; ")
});

/// The page itself.
pub(crate) async fn document() -> Response {
    match tokio::fs::read_to_string(Path::new(BUILT).join("index.html")).await {
        Ok(html) => {
            let bridged =
                html.replacen("<head>", r#"<head><script src="/host/bridge.js"></script>"#, 1);
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, bridged).into_response()
        }
        Err(error) => {
            let reason = format!("the page is not built ({error}): `cargo xtask serve` builds it");
            (StatusCode::NOT_FOUND, reason).into_response()
        }
    }
}

/// The script in front of it, with the texts that the window's has.
pub(crate) async fn bridge() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript"), (header::CACHE_CONTROL, "no-store")];
    (headers, format!("{BRIDGE}{}", PageTexts::script())).into_response()
}

/// What the page is made of.
pub(crate) async fn file(uri: Uri) -> Response {
    let Some(inside) = inside(uri.path()) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = mime_guess::from_path(&inside).first_or_octet_stream().to_string();
    match tokio::fs::read(Path::new(BUILT).join(inside)).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The path below the built page; none where it would lead out of it.
fn inside(path: &str) -> Option<PathBuf> {
    let path = Path::new(path.strip_prefix('/')?);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !path.as_os_str().is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_beside_the_page_is_served() {
        for (path, expected) in [
            ("/assets/index-1.js", Some("assets/index-1.js")),
            ("/", None),
            ("/../package.json", None),
            ("/assets/../../package.json", None),
            ("//etc/passwd", None),
        ] {
            assert_eq!(inside(path), expected.map(PathBuf::from), "{path}");
        }
    }

    #[test]
    fn the_page_keeps_the_windows_policy() {
        assert!(POLICY.contains("default-src 'none'"), "{}", *POLICY);
        assert!(POLICY.contains("script-src 'self'") && POLICY.contains("connect-src 'self'"));
        assert!(!POLICY.contains("ipc:") && !POLICY.contains("unsafe"), "{}", *POLICY);
    }
}
