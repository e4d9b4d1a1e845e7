//! Object options, names and links by the real form: what is set there is on the object, and what
//! is copied can be fetched.

use std::path::Path;

use ferry_sandbox::{Credential, ObjectInfo};
use support::desktop::{Desktop, Keyring};
use support::ferry::{BUCKET, Place};
use support::window::Window;

use crate::{TURN, bytes, choose_profile, fill_in, in_state};

/// The sections of the profile's form.
const SECTIONS: [&str; 4] = ["basics", "objects", "names", "connection"];

#[tokio::test(flavor = "multi_thread")]
async fn options_are_on_the_object_and_links_lead_to_it() {
    let _turn = TURN.lock().await;
    let (desktop, place) = (Desktop::start(), Place::new().await);
    let photo = desktop.write("files/港口 a.jpg", &bytes(70_001, 31));
    let report = desktop.write("files/report.pdf", &bytes(9_000, 32));
    let letter = desktop.write("files/letter.txt", b"as the profile says");

    let other = Credential::generate();
    settings_of_other_tools(&desktop, &place, &other);

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.click("view-history").await;
    window.look("en", "light").await;
    fill_in(&window, &place, "Film", &place.key.access_key_secret).await;
    options_by_the_form(&window).await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    choose_profile(&window, "Film").await;
    window.drop_files(&[&photo]).await;
    window.rows_until("the photo", |rows| in_state(rows, "done") == 1).await;
    let object = only(&place, "inbox/2026/港口 a-");
    let hash = object.metadata.get("sha256").expect("the file's digest");
    assert_eq!(object.key, format!("inbox/2026/港口 a-{}.jpg", &hash[..8]));

    links(&window, &place, &object, &photo).await;
    sections_in_pictures(&window).await;
    a_key_is_taken_over(&window, &place, &other).await;
    with_options_of_their_own(&window, &place, &report).await;
    window.drop_files(&[&letter]).await;
    window
        .rows_until("a file after the options were closed", |rows| in_state(rows, "done") == 3)
        .await;
    only(&place, "inbox/2026/letter-");
    window.quit().await;
}

/// Fills in the sections of the open form, and comes back to the first.
async fn options_by_the_form(window: &Window<'_>) {
    window.click("section-objects").await;
    window.choose("option-storageClass", "IA").await;
    window.choose("option-acl", "private").await;
    window.type_into("option-cacheControl", "max-age=60").await;
    window.type_into("option-contentDisposition", "attachment").await;
    window.type_into("option-contentEncoding", "identity").await;
    window.click("option-metadata-add").await;
    window.type_into("option-metadata-name", "author").await;
    window.type_into("option-metadata-value", "Lin").await;
    window.click("option-tags-add").await;
    window.type_into("option-tags-name", "project").await;
    window.type_into("option-tags-value", "harbour").await;
    window.bring("option-sha256").await;
    window.click("option-sha256").await;
    window.bring("option-trafficLimit").await;
    window.type_into("option-trafficLimit", "50").await;
    let marked = |section: &str, marked: bool| {
        format!(
            "return document.querySelector('[data-testid=\"section-{section}\"]').dataset.marked === '{marked}'"
        )
    };
    window.until("the mark of the section with a problem", &marked("objects", true)).await;
    window.picture("form-problem-en-light-1100x720").await;
    window.type_into("option-trafficLimit", "102400").await;
    window.until("no mark any more", &marked("objects", false)).await;

    window.click("section-names").await;
    window.choose("field-existing", "skipIdentical").await;
    window.type_into("field-keyTemplate", "{prefix}{dir}{stem}-").await;
    window.click("template-hash8").await;
    window.click("template-ext").await;
    let preview = "return document.querySelector('[data-testid=\"template-preview\"]').innerText.includes('inbox/2026/album/photo-5f3a09c1.jpg')";
    window.until("the preview of the template", preview).await;
    window.click("section-basics").await;
}

/// The one object whose key begins like this.
fn only(place: &Place, beginning: &str) -> ObjectInfo {
    let mut found: Vec<ObjectInfo> = place
        .sandbox
        .objects(BUCKET)
        .into_iter()
        .filter(|object| object.key.starts_with(beginning))
        .collect();
    assert_eq!(found.len(), 1, "{beginning}: {found:#?}");
    found.remove(0)
}

/// What the clipboard holds, by pasting it where names are searched.
async fn pasted(window: &Window<'_>) -> String {
    window.click("search").await;
    window.desktop.xdotool(&["key", "--clearmodifiers", "ctrl+v"]);
    let text = window
        .until("the pasted text", "return document.querySelector('[data-testid=\"search\"]').value")
        .await;
    window.click("search-clear").await;
    window
        .until(
            "an empty search",
            "return document.querySelector('[data-testid=\"search\"]').value === ''",
        )
        .await;
    text.as_str().expect("a text").to_owned()
}

/// What curl gets: the head of the answer in lower case, and its body.
async fn curl(url: &str) -> (String, Vec<u8>) {
    let mut command = tokio::process::Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*", "--include", "--http1.1", url]);
    let answer = command.output().await.expect("curl is there").stdout;
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer from {url}"));
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
}

/// A signed link brings the exact bytes, with the options on them; a public one names the object
/// and nothing more.
async fn links(window: &Window<'_>, place: &Place, object: &ObjectInfo, file: &Path) {
    window.click_on("[data-name=\"港口 a.jpg\"] [data-testid=\"row-link\"]").await;
    window
        .until(
            "the word that a link was copied",
            "return document.querySelector('[data-testid=\"copied-links\"][data-copied=\"true\"][data-count=\"1\"]') !== null",
        )
        .await;
    window.picture("link-copied-en-light-1100x720").await;
    let signed = pasted(window).await;
    let (head, body) = curl(&signed).await;
    assert!(head.starts_with("http/1.1 200"), "{signed}: {head}");
    assert_eq!(body, std::fs::read(file).expect("is there"), "other bytes behind {signed}");
    for line in [
        "x-oss-storage-class: ia",
        "cache-control: max-age=60",
        "content-disposition: attachment",
        "content-encoding: identity",
        "content-type: image/jpeg",
        "x-oss-meta-author: lin",
        "x-oss-tagging-count: 1",
    ] {
        assert!(head.contains(line), "no {line} in {head}");
    }

    window.click_on("[data-name=\"港口 a.jpg\"] [data-testid=\"row-details\"]").await;
    window.click("details-link-options").await;
    window.see("links-dialog").await;
    window.choose("link-kind", "public").await;
    window.choose("link-format", "pattern").await;
    window.type_into("link-pattern", "{key} <{url}>").await;
    let preview = "return document.querySelector('[data-testid=\"link-preview\"]').innerText.startsWith('inbox/2026/')";
    window.until("the preview of the links", preview).await;
    window.nothing_is_cut("links").await;
    window.click("links-copy").await;
    window.see_no("links-dialog").await;
    window.see("copied-links").await;
    let public = pasted(window).await;
    let url =
        public.strip_prefix(&format!("{} <", object.key)).and_then(|rest| rest.strip_suffix('>'));
    let url = url.unwrap_or_else(|| panic!("not as the pattern says: {public}"));
    assert!(
        url.starts_with(&format!("{}/{BUCKET}/inbox/2026/", place.sandbox.endpoint()))
            && !url.contains('?'),
        "{url}"
    );
    // The bucket is private, so the store knows the object and gives it to no client without a
    // signature.
    assert!(curl(url).await.0.starts_with("http/1.1 403"), "{url}");
    window.click("details-close").await;
}

/// Every section, the dialog of links and the one of other tools, in both languages and themes.
async fn sections_in_pictures(window: &Window<'_>) {
    for (language, theme) in [("zh", "dark"), ("zh", "light"), ("en", "dark"), ("en", "light")] {
        window.look(language, theme).await;
        let (width, height) =
            if (language, theme) == ("zh", "light") || (language, theme) == ("en", "dark") {
                (900, 560)
            } else {
                (1280, 900)
            };
        window.resize(width, height).await;
        let keep = async |name: &str| {
            window.nothing_is_cut(name).await;
            window.picture(&format!("{name}-{language}-{theme}-{width}x{height}")).await;
        };
        window.click("links-menu").await;
        window.click("links-options").await;
        window.until("a preview", "return document.querySelector('[data-testid=\"link-preview\"]').innerText.includes('inbox/')").await;
        keep("links").await;
        window.click("links-cancel").await;
        window.click("profile-menu").await;
        window.click("profile-edit").await;
        for section in SECTIONS {
            window.click(&format!("section-{section}")).await;
            keep(&format!("form-{section}")).await;
        }
        window.click("section-basics").await;
        window.bring("key-take-over").await;
        window.click("key-take-over").await;
        window.see("import-looked").await;
        keep("import").await;
        window.click("import-cancel").await;
        window.see_no("import-dialog").await;
        window.click("profile-cancel").await;
        window.see_no("profile-dialog").await;
    }
    window.resize(1100, 720).await;
}

/// What ossutil and the AWS CLI would have left in this home: one key that fits, and a role that
/// cannot be taken.
fn settings_of_other_tools(desktop: &Desktop, place: &Place, key: &Credential) {
    let endpoint = place.sandbox.endpoint();
    let (id, secret) = (&key.access_key_id, &key.access_key_secret);
    let ossutil = format!(
        "[Credentials]\nlanguage=EN\nendpoint={endpoint}\naccessKeyID={id}\naccessKeySecret={secret}\n"
    );
    desktop.write(".ossutilconfig", ossutil.as_bytes());
    desktop.write(
        ".aws/config",
        b"[profile ops]\nregion = eu-west-1\ncredential_source = Ec2InstanceMetadata\nrole_arn = arn:aws:iam::1:role/x\n",
    );
}

/// The store gets another key: the profile takes it over from ossutil's settings, tests with it,
/// and keeps it in the keyring.
async fn a_key_is_taken_over(window: &Window<'_>, place: &Place, other: &Credential) {
    place.sandbox.set_credentials(vec![other.clone()]);
    window.click("profile-menu").await;
    window.click("profile-edit").await;
    window.bring("key-take-over").await;
    window.click("key-take-over").await;
    window.see("import-looked").await;
    window.click("import-candidate").await;
    window.click("import-take").await;
    window.see("key-imported").await;
    window.click("profile-test").await;
    let passed = "return document.querySelector('[data-testid=\"profile-test-outcome\"][data-outcome=\"passed\"]')?.innerText";
    window.until("a test with the key that was taken over", passed).await;
    let page = window.until("the page's text", "return document.documentElement.outerHTML").await;
    assert!(
        !page.as_str().expect("a text").contains(&other.access_key_secret),
        "the page holds the secret"
    );
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
    let kept = window.session.secrets(window.desktop);
    assert!(
        kept.iter().any(|entry| entry.contains(&other.access_key_secret)),
        "the key is not in the keyring"
    );
}

/// A file dropped while the options of a batch stand open gets those, and the dialog says what is
/// in force.
async fn with_options_of_their_own(window: &Window<'_>, place: &Place, file: &Path) {
    window.click("add").await;
    window.click("add-options").await;
    window.see("batch-dialog").await;
    window.type_into("field-prefix", "batch/").await;
    window.choose("option-storageClass", "Archive").await;
    window.choose("field-existing", "overwrite").await;
    let force = "const text = document.querySelector('[data-testid=\"batch-force\"]').innerText; return text.includes('batch/') && text.includes('Archive')";
    window.until("what is in force", force).await;
    window.nothing_is_cut("batch").await;
    window.picture("batch-en-light-1100x720").await;
    let drag = window.hold(&[file]).await;
    // The words stand above the dialog, not behind it.
    let on_top = "const over = document.querySelector('[data-testid=\"drag-over\"]'); return over.innerText.includes('batch/') && over.matches(':popover-open')";
    window.until("the words over the dialog", on_top).await;
    window.picture("dragging-options-en-light-1100x720").await;
    drag.drop_here();
    window.see_no("drag-over").await;
    let added =
        "return /^1 /.test(document.querySelector('[data-testid=\"batch-added\"]').innerText)";
    window.until("the word that a file was added", added).await;
    window.click("batch-close").await;
    window.see_no("batch-dialog").await;
    window.rows_until("the file with options", |rows| in_state(rows, "done") == 2).await;
    let object = only(place, "batch/report-");
    assert_eq!(object.metadata.get("author").map(String::as_str), Some("Lin"), "{object:#?}");
}
