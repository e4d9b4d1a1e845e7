//! Keys that change while the sandbox runs, and tokens that die.

#![allow(clippy::unwrap_used)] // In a test, a panic is the report.

mod plain;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ferry_sandbox::{Config, Credential, Sandbox};
use hmac::{Hmac, KeyInit as _, Mac as _};
use plain::send;
use sha1::Sha1;

/// Puts an object by a V1 link of this key. Gives the status and the code.
async fn put(sandbox: &Sandbox, key: &Credential) -> (u16, String) {
    let expires = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 7200;
    let token = key.security_token.as_ref().map(|token| format!("security-token={token}"));
    let signed = token.as_ref().map(|token| format!("?{token}")).unwrap_or_default();
    let mut mac = Hmac::<Sha1>::new_from_slice(key.access_key_secret.as_bytes()).unwrap();
    mac.update(format!("PUT\n\n\n{expires}\n/practice/k{signed}").as_bytes());
    let signature = BASE64_STANDARD
        .encode(mac.finalize().into_bytes())
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let token = token.map(|token| format!("&{token}")).unwrap_or_default();
    let target = format!(
        "/practice/k?OSSAccessKeyId={}&Expires={expires}&Signature={signature}{token}",
        key.access_key_id
    );
    let answer = send(sandbox.addr(), "PUT", &target, &[], b"x").await.unwrap();
    (answer.status, answer.element("Code").unwrap_or_default())
}

fn refused(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

fn passed() -> (u16, String) {
    (200, String::new())
}

#[tokio::test]
async fn a_token_dies_and_another_takes_its_place() {
    let root = tempfile::tempdir().unwrap();
    let (lasting, old) = (Credential::generate(), Credential::generate().with_token("old"));
    let new = Credential::generate().with_token("new");
    let config =
        Config { credentials: vec![lasting.clone(), old.clone()], ..Config::new(root.path()) };
    let sandbox = Sandbox::start(config).await.unwrap();
    assert_eq!(put(&sandbox, &old).await, passed());
    assert_eq!(put(&sandbox, &new).await, refused("InvalidAccessKeyId"));
    sandbox.expire_token(&old.access_key_id);
    assert_eq!(put(&sandbox, &old).await, refused("SecurityTokenExpired"));
    assert_eq!(put(&sandbox, &lasting).await, passed(), "another key is not touched");
    sandbox.expire_token(&lasting.access_key_id);
    assert_eq!(put(&sandbox, &lasting).await, passed(), "a key without a token has no life to end");
    sandbox.set_credentials(vec![new.clone()]);
    assert_eq!(put(&sandbox, &new).await, passed());
    assert_eq!(
        put(&sandbox, &Credential { security_token: Some("old".to_owned()), ..new }).await,
        refused("InvalidSecurityToken")
    );
    assert_eq!(put(&sandbox, &lasting).await, refused("InvalidAccessKeyId"));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_token_dies_by_the_servers_clock() {
    let root = tempfile::tempdir().unwrap();
    let key = Credential::generate()
        .with_token("token")
        .expiring(SystemTime::now() + Duration::from_secs(3600));
    let config = Config { credentials: vec![key.clone()], ..Config::new(root.path()) };
    let sandbox = Sandbox::start(config).await.unwrap();
    assert_eq!(put(&sandbox, &key).await, passed());
    sandbox.set_clock_offset(3601);
    assert_eq!(put(&sandbox, &key).await, refused("SecurityTokenExpired"));
    sandbox.shutdown().await;
}
