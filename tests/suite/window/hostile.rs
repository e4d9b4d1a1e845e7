//! Names and answers that mean harm (X1, X2): whatever a disk or a server calls itself, the page
//! shows it as text, runs nothing of it, fetches nothing for it, and hides no character of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use support::desktop::{Desktop, Keyring};
use support::window::Window;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::TURN;

/// How many names, and how many answers.
const PAYLOADS: usize = 200;

/// Markup that would leave an element named `x-hostile` behind, run a script that sets
/// `window.hostile`, or ask the beacon. `B` stands for the beacon's address; no `/`, so that a
/// file can have that name.
const MARKUP: [&str; 25] = [
    "<x-hostile>",
    "<img src=x onerror=window.hostile=1><x-hostile>",
    "<img src=http:&#47;&#47;B>",
    "<script>window.hostile=1<x-hostile>",
    "<svg onload=window.hostile=1><x-hostile>",
    "\"><x-hostile onmouseover=window.hostile=1>",
    "'><x-hostile onfocus=window.hostile=1 autofocus tabindex=0>",
    "<iframe srcdoc=\"&lt;script>parent.hostile=1\"><x-hostile>",
    "<iframe src=http:&#47;&#47;B>",
    "<object data=http:&#47;&#47;B><x-hostile>",
    "<link rel=stylesheet href=http:&#47;&#47;B>",
    "<style>@import 'http:\\2f\\2f B'<x-hostile>",
    "<a href=javascript:window.hostile=1><x-hostile>",
    "<meta http-equiv=refresh content=0;url=http:&#47;&#47;B>",
    "<base href=http:&#47;&#47;B><x-hostile>",
    "<video src=http:&#47;&#47;B onerror=window.hostile=1>",
    "<input autofocus onfocus=window.hostile=1><x-hostile>",
    "<details open ontoggle=window.hostile=1><x-hostile>",
    "&lt;x-hostile&gt;&#60;x-hostile&#62;",
    "{@html '<x-hostile>'}",
    "{{constructor.constructor('window.hostile=1')()}}",
    "${window.hostile=1}",
    "]]><x-hostile><![CDATA[",
    "--><x-hostile><!--",
    "<template shadowrootmode=open><x-hostile>",
];

/// Characters that hide, turn or move what stands around them.
const DRESSING: [&str; 8] = [
    "",
    "\u{202e}",
    "\u{200b}",
    "\u{2066}",
    "\u{feff}",
    "\u{7f}",
    "\u{1b}[31m",
    "\n\u{85}\u{2028}",
];

/// Looks at all that the page holds. Texts of scripts and styles are not shown; `data-name` is for
/// tests and holds a name as it is.
const SCAN: &str = r#"
    const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/u;
    const code = (text) => [...text].map((c) => HIDDEN.test(c) ? `<U+${c.codePointAt(0).toString(16)}>` : c).join("");
    window.findings ??= new Set();
    window.scan = (where) => {
        const found = (what) => window.findings.add(`${where}: ${what}`);
        const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const { data, parentElement } = texts.currentNode;
            if (parentElement.closest("script, style") !== null) continue;
            if (HIDDEN.test(data)) found(`hidden in <${parentElement.localName}>: ${code(data).slice(0, 160)}`);
            if (parentElement.closest("bdi") !== null && /\n/.test(data)) found(`a line break in a name: ${data}`);
        }
        for (const element of document.querySelectorAll("*")) {
            if (/^(x-hostile|img|iframe|object|embed|video|base|template|details)$/.test(element.localName)) found(`<${element.localName}>`);
            for (const { name, value } of element.attributes) {
                if (name.startsWith("on") || /^javascript:/i.test(value)) found(`${name} on <${element.localName}>`);
                if (name !== "data-name" && HIDDEN.test(value)) found(`hidden in ${name}: ${code(value).slice(0, 160)}`);
            }
        }
        if (window.hostile !== undefined) found("a script ran");
    };
    if (window.reports === undefined) {
        window.reports = [];
        document.addEventListener("securitypolicyviolation", (event) => window.reports.push(`${event.violatedDirective} ${event.blockedURI}`));
    }
    window.scan(arguments[0] ?? "page");
    return [...window.findings];
"#;

/// Walks through the list by the keyboard with the details open, and looks at each row. Ends when
/// the last row's details were seen.
const WALK: &str = r#"
    const done = arguments[arguments.length - 1];
    const list = document.querySelector('[data-testid="list"]');
    const press = (key) => list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go, 0)));
    (async () => {
        list.focus();
        press("Home");
        await frame();
        document.querySelector('[data-testid="row"] [data-testid="row-details"]').click();
        const seen = new Set();
        const rows = Number(list.getAttribute("aria-rowcount"));
        for (let turn = 0; turn < rows * 4 && seen.size < rows; turn += 1) {
            await frame();
            const row = document.querySelector('[data-testid="row"].active');
            if (row === null) continue;
            if (!seen.has(row.dataset.id)) window.scan("details");
            seen.add(row.dataset.id);
            press("ArrowDown");
        }
        done(seen.size);
    })().catch((error) => done(String(error)));
"#;

fn payloads(beacon: &str) -> Vec<String> {
    let dressed = DRESSING.iter().flat_map(|dressing| {
        MARKUP.iter().map(move |markup| format!("{dressing}{}", markup.replace('B', beacon)))
    });
    dressed.collect()
}

/// Counts who connects, and tells them nothing.
async fn beacon() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("listens").to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, asked)
}

/// A store that refuses every object, each time in other words.
async fn hostile_store(words: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("listens"));
    let (words, turn) = (Arc::new(words), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(refuse(stream, Arc::clone(&words), Arc::clone(&turn)));
        }
    });
    url
}

async fn refuse(mut stream: TcpStream, words: Arc<Vec<String>>, turn: Arc<AtomicUsize>) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    // The files are empty: a request is its head.
    while !seen.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => seen.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let head =
        "Server: AliyunOSS\r\nx-oss-request-id: 5C3D9175B6FC201293AD4890\r\nConnection: close";
    let answer = if seen.starts_with(b"PUT") {
        let word = escaped(&words[turn.fetch_add(1, Ordering::SeqCst) % words.len()]);
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{word}</Code><Message>{word}</Message>\
             <RequestId>{word}</RequestId><HostId>{word}</HostId><EC>{word}</EC></Error>"
        );
        let length = body.len();
        format!(
            "HTTP/1.1 409 Conflict\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n{head}\r\n\r\n{body}"
        )
    } else {
        format!("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n{head}\r\n\r\n")
    };
    // A caller that went away needs no answer.
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// As XML 1.0 may hold it; what it may not is left to the names of files.
fn escaped(word: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\u{7f}' | '\u{85}');
    let text: String = word.chars().filter(allowed).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_answers_are_text() {
    let _turn = TURN.lock().await;
    let desktop = Desktop::start();
    let (address, asked) = beacon().await;
    let words = payloads(&address);
    assert_eq!(words.len(), PAYLOADS);
    let folder = format!("hostile/{}", words[2]);
    for word in &words {
        desktop.write(format!("{folder}/{word}"), b"");
    }
    let store = hostile_store(words.clone()).await;

    let window = Window::open(&desktop, Keyring::Unlocked).await;
    window.look("en", "light").await;
    let mut findings = Findings { window: &window, states: 0 };
    findings.look("the empty list").await;
    a_hostile_profile(&window, &words, &store).await;
    findings.look("a profile").await;
    window.click("profile-menu").await;
    findings.look("the menu").await;
    window.run("document.querySelector('[data-testid=\"profile-menu\"]').click()").await;

    let dragged = desktop.path(&folder);
    let drag = window.hold(&[&dragged]).await;
    findings.look("a drag").await;
    drag.drop_here();
    let counted = format!(
        "return document.querySelector('[data-testid=\"view-needs\"]')?.innerText.includes('{PAYLOADS}')"
    );
    window.until("a refusal of each file", &counted).await;
    findings.look("the list").await;
    window.click("view-needs").await;
    window.picture("hostile-en-light-1100x720").await;
    let walked = window.run_async(WALK).await;
    assert_eq!(walked, json!(PAYLOADS), "each row's details are looked at");
    window.picture("hostile-details-en-light-1100x720").await;

    window.click("selection-remove").await;
    window.see("undo-line").await;
    findings.look("what can be undone").await;
    window.click("undo").await;
    window.click("view-history").await;
    window
        .until("rows", "return document.querySelector('[data-testid=\"row-details\"]') !== null")
        .await;
    window.run("document.querySelector('[data-testid=\"row-details\"]').click()").await;
    window.click("details-receipt").await;
    window.see("receipt-sums").await;
    findings.look("a receipt").await;
    window.click("receipt-close").await;
    window.see_no("receipt-dialog").await;
    window.type_into("search", &format!("{} is nowhere", words[1])).await;
    window.see("no-match").await;
    findings.look("a search").await;

    let found = window.run(SCAN).await;
    assert_eq!(found, json!([]), "{} states", findings.states);
    let reports = window.run("return window.reports").await;
    assert_eq!(reports, json!([]), "the content policy had to step in");
    let fetched = window
        .run("return performance.getEntriesByType('resource').map((each) => each.name).filter((name) => !/^(tauri|ipc):/.test(name))")
        .await;
    assert_eq!(fetched, json!([]), "the page fetched something");
    assert_eq!(asked.load(Ordering::SeqCst), 0, "somebody asked the beacon");
    window.quit().await;
}

/// A profile whose name, prefix and store are hostile. Saved, it is the one that files go to.
async fn a_hostile_profile(window: &Window<'_>, words: &[String], store: &str) {
    window.click("profile-menu").await;
    window.click("profile-new").await;
    // A field of one line takes no line break; the rest is typed as it is.
    let name: String = [&words[1], &words[5], &words[27]].into_iter().cloned().collect();
    window.type_into("field-name", &name).await;
    window.type_into("field-endpoint", store).await;
    window.type_into("field-bucket", "hostile").await;
    window.type_into("field-region", "cn-hangzhou").await;
    window.type_into("field-accessKeyId", "LTAI5tHostile").await;
    window.type_into("field-accessKeySecret", "no secret at all").await;
    window.type_into("field-prefix", "<x-hostile>\u{202e}/").await;
    window.click("profile-save").await;
    window.see_no("profile-dialog").await;
}

/// What was seen in each state of the page.
struct Findings<'a, 'b> {
    window: &'a Window<'b>,
    states: usize,
}

impl Findings<'_, '_> {
    async fn look(&mut self, state: &str) {
        self.states += 1;
        let scan = SCAN.replace("arguments[0] ?? \"page\"", &Value::from(state).to_string());
        self.window.run(&scan).await;
    }
}
