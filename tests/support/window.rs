//! Ferry's window as a test holds it: the page through its driver, the rest through the desktop.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::desktop::{Desktop, Drag, Keyring, Session};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

/// How long a state of the page may take to come.
const TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// Reads every row that the list shows.
const ROWS: &str = r#"return [...document.querySelectorAll('[data-testid="row"]')].map((row) => ({
    name: row.dataset.name, state: row.dataset.state, text: row.innerText,
    percent: Number(row.querySelector('[data-testid="row-progress"]')?.getAttribute("aria-valuenow") ?? 0),
}));"#;

/// One row of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The file's name, exactly.
    pub name: String,
    /// `data-state`: `running`, `paused`, `done`, …
    pub state: String,
    /// All that it shows.
    pub text: String,
    /// Where its bar stands, 0 to 100.
    pub percent: u64,
}

/// The running window.
#[derive(Debug)]
pub struct Window<'a> {
    /// The screen it stands on.
    pub desktop: &'a Desktop,
    /// The login it runs in.
    pub session: Session,
    /// Its number on the screen.
    pub id: String,
    client: Client,
}

impl<'a> Window<'a> {
    /// Logs in and starts Ferry; its page is there when this returns.
    pub async fn open(desktop: &'a Desktop, keyring: Keyring) -> Self {
        Self::open_in(desktop, desktop.log_in(keyring)).await
    }

    /// Starts Ferry in a session; its page is there when this returns.
    pub async fn open_in(desktop: &'a Desktop, session: Session) -> Self {
        let options = json!({ "binary": desktop.starter(), "args": [] });
        let capabilities = Map::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities).connect(&session.driver);
        let connected = tokio::time::timeout(TIMEOUT, connecting).await;
        let client = connected
            .unwrap_or_else(|_| fail(desktop, "the window's page did not answer"))
            .expect("a driver session");
        let window = Self { desktop, session, id: desktop.window(), client };
        window
            .until(
                "the page",
                "return document.querySelector('[data-testid=\"profile-menu\"]') !== null",
            )
            .await;
        desktop.painted(&window.id);
        window
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .unwrap_or_else(|error| self.fail(&format!("{script}: {error}")))
    }

    /// Runs a script that calls its last argument when it is done.
    pub async fn run_async(&self, script: &str) -> Value {
        self.client
            .execute_async(script, Vec::new())
            .await
            .unwrap_or_else(|error| self.fail(&format!("a script did not end: {error}")))
    }

    /// Waits until a script of the page returns something true.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        let begun = Instant::now();
        loop {
            let found = self.run(script).await;
            if !matches!(found, Value::Null | Value::Bool(false)) {
                return found;
            }
            if begun.elapsed() > TIMEOUT {
                self.fail(&format!("{what} did not come within {TIMEOUT:?}"));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the rows are as wanted.
    pub async fn rows_until(&self, what: &str, wanted: impl Fn(&[Row]) -> bool) -> Vec<Row> {
        let begun = Instant::now();
        loop {
            let rows = self.rows().await;
            if wanted(&rows) {
                return rows;
            }
            if begun.elapsed() > TIMEOUT {
                self.fail(&format!("{what} did not come within {TIMEOUT:?}: {rows:#?}"));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The rows that the list shows, in their order.
    pub async fn rows(&self) -> Vec<Row> {
        let rows = self.run(ROWS).await;
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let read = |row: &Value| Row {
            name: text(row, "name"),
            state: text(row, "state"),
            text: text(row, "text"),
            percent: row["percent"].as_u64().unwrap_or(0),
        };
        rows.as_array().map(|rows| rows.iter().map(read).collect()).unwrap_or_default()
    }

    /// Waits until the first element with this test id is shown.
    pub async fn see(&self, testid: &str) -> Value {
        let script = format!(
            "const found = document.querySelector('[data-testid=\"{testid}\"]'); return found?.checkVisibility() ? found.innerText || true : null"
        );
        self.until(testid, &script).await
    }

    /// Waits until nothing with this test id is left.
    pub async fn see_no(&self, testid: &str) {
        self.until(
            &format!("no {testid}"),
            &format!("return document.querySelector('[data-testid=\"{testid}\"]') === null"),
        )
        .await;
    }

    /// Clicks the first element with this test id.
    pub async fn click(&self, testid: &str) {
        self.click_on(&format!("[data-testid=\"{testid}\"]")).await;
    }

    /// Clicks the first element with this test id, after which there may be no window to answer.
    pub async fn click_and_go(&self, testid: &str) {
        let click = format!(
            "setTimeout(() => document.querySelector('[data-testid=\"{testid}\"]').click(), 100); return true"
        );
        self.until(testid, &click).await;
    }

    /// Clicks what a CSS selector finds, as soon as it can be clicked.
    pub async fn click_on(&self, selector: &str) {
        let begun = Instant::now();
        loop {
            // A page that lives may have replaced the element between finding and clicking.
            let clicked = match self.client.find(Locator::Css(selector)).await {
                Ok(found) => found.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return,
                Err(error) if begun.elapsed() > TIMEOUT => {
                    self.fail(&format!("{selector} cannot be clicked: {error}"))
                }
                Err(_) => {
                    // Below the edge of what scrolls around it, another thing is clicked in its place.
                    self.scroll_to(selector).await;
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    /// Takes a decision from the menu of a file's row.
    pub async fn decide(&self, name: &str, action: &str) {
        self.click_on(&format!("[data-name=\"{name}\"] [data-testid=\"row-decide\"]")).await;
        self.click(&format!("row-{action}")).await;
    }

    /// Scrolls the first element with this test id to the middle of what scrolls around it.
    pub async fn bring(&self, testid: &str) {
        self.see(testid).await;
        self.scroll_to(&format!("[data-testid=\"{testid}\"]")).await;
    }

    async fn scroll_to(&self, selector: &str) {
        let scroll = "?.scrollIntoView({ block: 'center' })";
        self.run(&format!("document.querySelector('{selector}'){scroll}")).await;
    }

    async fn element(&self, testid: &str) -> Element {
        self.see(testid).await;
        let selector = format!("[data-testid=\"{testid}\"]");
        self.client
            .find(Locator::Css(&selector))
            .await
            .unwrap_or_else(|error| self.fail(&format!("{testid}: {error}")))
    }

    /// Replaces the text of a field and leaves it, by keys alone.
    pub async fn type_into(&self, testid: &str, text: &str) {
        const END: &str = "\u{e010}";
        const BACKSPACE: &str = "\u{e003}";
        const TAB: &str = "\u{e004}";
        let field = self.element(testid).await;
        let before = self
            .run(&format!(
                "return document.querySelector('[data-testid=\"{testid}\"]').value.length"
            ))
            .await;
        let erase = BACKSPACE
            .repeat(before.as_u64().and_then(|length| length.try_into().ok()).unwrap_or(0));
        let typed = field.send_keys(&format!("{END}{erase}{text}{TAB}")).await;
        typed.unwrap_or_else(|error| self.fail(&format!("{testid}: {error}")));
    }

    /// Chooses from a list.
    pub async fn choose(&self, testid: &str, value: &str) {
        self.bring(testid).await;
        let list = self.element(testid).await;
        list.select_by_value(value)
            .await
            .unwrap_or_else(|error| self.fail(&format!("{testid}: {error}")));
    }

    /// Sets language and theme through the settings.
    pub async fn look(&self, language: &str, theme: &str) {
        self.click("settings").await;
        self.click("settings-appearance").await;
        self.choose("language", language).await;
        self.choose("theme", theme).await;
        self.click("settings-close").await;
        self.see_no("settings-dialog").await;
        let script = format!(
            "return document.documentElement.lang.startsWith('{language}') && document.documentElement.dataset.theme === '{theme}'"
        );
        self.until("the chosen look", &script).await;
    }

    /// Sets the number of requests side by side, and the speed limit in MiB/s (empty for none),
    /// through the settings.
    pub async fn pace(&self, parallel: &str, limit: &str) {
        self.click("settings").await;
        self.type_into("parallel", parallel).await;
        self.type_into("limit", limit).await;
        let typed = "const value = (name) => document.querySelector(`[data-testid=\"${name}\"]`).value; return value('parallel') + '/' + value('limit')";
        assert_eq!(self.run(typed).await, json!(format!("{parallel}/{limit}")));
        self.click("settings-close").await;
        self.see_no("settings-dialog").await;
    }

    /// Sets the size of the parts of what is dropped from then on, in MiB, through the settings.
    pub async fn part_size(&self, size: &str) {
        self.click("settings").await;
        self.type_into("part-size", size).await;
        self.click("settings-close").await;
        self.see_no("settings-dialog").await;
    }

    /// Takes files and holds them over the middle of the window until it says so.
    pub async fn hold(&self, files: &[&Path]) -> Drag<'a> {
        self.hold_at(files, (0.5, 0.5)).await
    }

    /// The same over another place, in shares of the window's size.
    pub async fn hold_at(&self, files: &[&Path], place: (f64, f64)) -> Drag<'a> {
        let drag = self.desktop.drag(&self.id, files, place);
        self.see("drag-over").await;
        drag
    }

    /// Drags files onto the window and lets them go.
    pub async fn drop_files(&self, files: &[&Path]) {
        self.hold(files).await.drop_here();
        self.see_no("drag-over").await;
    }

    /// Keeps a picture of the window.
    pub async fn picture(&self, name: &str) {
        // Two frames: what the last answer changed is painted then.
        let painted = "const done = arguments[arguments.length - 1]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 150)));";
        self.client
            .execute_async(painted, Vec::new())
            .await
            .unwrap_or_else(|error| self.fail(&format!("painting: {error}")));
        self.desktop.screenshot(Some(&self.id), &artifact(name));
    }

    /// Gives the window another size, and waits until its page has it too.
    pub async fn resize(&self, width: i32, height: i32) {
        self.desktop.resize(&self.id, width, height);
        self.until(
            "the page's new size",
            &format!("return innerWidth === {width} && innerHeight === {height}"),
        )
        .await;
        // The page's process hands its next picture over when it is ready; nothing tells when that
        // is.
        tokio::time::sleep(Duration::from_millis(250)).await;
    }

    /// Keeps a picture of this state in both languages and themes, and of the small window in one
    /// of each.
    pub async fn pictures(&self, state: &str) {
        self.resize(1280, 900).await;
        for (language, theme) in [("zh", "dark"), ("zh", "light"), ("en", "dark"), ("en", "light")]
        {
            self.look(language, theme).await;
            self.nothing_is_cut(state).await;
            self.picture(&format!("{state}-{language}-{theme}-1280x900")).await;
        }
        self.resize(900, 560).await;
        self.nothing_is_cut(state).await;
        self.picture(&format!("{state}-en-light-900x560")).await;
        self.resize(1100, 720).await;
    }

    /// Asserts that no button's words are cut off, and that nothing makes the window scroll
    /// sideways.
    pub async fn nothing_is_cut(&self, state: &str) {
        let script = r#"
            const cut = [...document.querySelectorAll("button, label, h1, h2")].filter((each) => each.checkVisibility() && each.closest('[role="row"], .chooser') === null
                && !each.matches(".one-line, .unseen") && each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0);
            const wide = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
            return [...wide, ...cut.map((each) => each.outerHTML.slice(0, 200))];"#;
        let cut = self.run(script).await;
        if cut != json!([]) {
            self.fail(&format!("{state}: cut off: {cut}"));
        }
    }

    /// Asks the window to close, as a user does, and waits for the question.
    pub async fn ask_to_close(&self) {
        let question = "return document.querySelector('[data-testid=\"close-question\"]') !== null";
        for _ in 0..3 {
            self.desktop.press_close(&self.id);
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(3) {
                if self.run(question).await == Value::Bool(true) {
                    return;
                }
                tokio::time::sleep(POLL).await;
            }
        }
        self.fail("no question came");
    }

    /// Closes the window as a user does; the process has ended when this returns.
    pub async fn quit(self) {
        self.desktop.close(&self.id);
    }

    /// Ends the process in the middle of whatever it does.
    pub async fn kill(self) {
        self.desktop.kill();
    }

    /// Fails with a picture of the screen.
    pub fn fail(&self, what: &str) -> ! {
        fail(self.desktop, what)
    }
}

fn fail(desktop: &Desktop, what: &str) -> ! {
    let thread = std::thread::current();
    let picture =
        artifact(&format!("FAILED-{}", thread.name().unwrap_or("test").replace("::", "-")));
    desktop.screenshot(None, &picture);
    let log = std::fs::read_to_string(desktop.path("session.log")).unwrap_or_default();
    panic!("{what}\nscreen: {}\nlog:\n{log}", picture.display());
}

fn artifact(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../artifacts/window/{name}.png"))
}
