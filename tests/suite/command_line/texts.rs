//! Texts from outside: names, and what stores say.

use ferry_sandbox::{Action, Operation, Refusal, Rule};
use serde_json::Value;
use support::ferry::{Place, is_hidden};

use crate::{put_in_words, run};

/// Whether a text could move a cursor, or hides or turns what stands beside it.
fn is_raw(text: &str) -> bool {
    text.chars().any(|c| c != '\n' && is_hidden(c))
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_answers_are_shown_visibly_and_told_exactly() {
    let place = Place::new().await;
    let name = "in\u{202e}fdp\u{200b}\u{1b}[2J\u{9b}31m\n.exe";
    let file = place.write(name, b"x");
    let refusal = Refusal::new(400, "InvalidArgument").message("no\u{202e}\u{7}\u{feff}!");
    place.sandbox.faults().add(Rule::any(), Action::Refuse(refusal));
    let ran = run(put_in_words(&place, &file)).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(!is_raw(&ran.stderr) && !is_raw(&ran.stdout), "{ran:?}");
    assert!(ran.stderr.contains("in⟨U+202E⟩fdp⟨U+200B⟩␛[2J⟨U+009B⟩31m␊.exe"), "{ran:?}");
    assert!(ran.stderr.contains("no⟨U+202E⟩"), "{ran:?}");
    let queue = place.run(["queue"]).await;
    assert!(!is_raw(&queue.stdout), "{queue:?}");
    let json = place.run(["queue", "--json"]).await;
    assert!(!is_raw(&json.stdout), "{json:?}");
    let row: Value = serde_json::from_str(&json.stdout).expect("one row");
    assert_eq!(row["source"], file.to_str().expect("it is text"));
}

/// Texts that would do something to a terminal, or to the eye.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "\u{1b}]0;title\u{7}",
        "\u{1b}]8;;http://evil.example/\u{1b}\\link",
        "\u{1b}[2J\u{1b}[H",
        "\u{1b}[6n",
        "\u{1b}P+q544e\u{1b}\\",
        "\u{9b}31mred",
        "\u{9d}0;t\u{9c}",
        "\u{202e}gpj.exe",
        "\u{2066}a\u{2069}\u{2067}b",
        "a\r\nferry: 1 of 1 files verified",
        "a\n     1  done",
        "\u{8}\u{8}\u{8}\u{8}",
        "\u{e0041}\u{e0042}",
        "\u{feff}bom",
        "\u{2028}line\u{2029}",
    ]
    .map(str::to_owned)
    .into();
    let mut random = fastrand::Rng::with_seed(24);
    let hidden: Vec<char> = ('\u{1}'..=char::MAX).filter(|c| is_hidden(*c)).collect();
    while texts.len() < 200 {
        let mut any = || hidden[random.usize(..hidden.len())];
        texts.push(format!("n{}a{}m{}e", any(), any(), any()));
    }
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_texts_reach_no_terminal() {
    let place = Place::new().await;
    let texts = hostile();
    for (n, text) in texts.iter().enumerate() {
        let name = text.replace('/', "_");
        place.write(format!("d/{n}{name}"), b"x");
        // In what the server says: XML has no control characters but these, and HTTP none at all.
        let said: String = text.chars().filter(|c| *c >= ' ' || "\r\n\t".contains(*c)).collect();
        let refusal = Refusal::new(400, format!("Code{said}")).message(&said).ec(&said);
        let rule = Rule::on(Operation::PutObject).once();
        place.sandbox.faults().add(rule, Action::Refuse(refusal));
    }
    let mut command = put_in_words(&place, &place.path("d"));
    command.args(["--progress", "none"]);
    let ran = run(command).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    // Two lines a file and the summary: no text makes a line of its own.
    assert_eq!(lines.len(), 2 * texts.len() + 1, "{ran:?}");
    let mut screens = vec![ran.stdout, ran.stderr];
    let mut profiles = 0;
    for text in texts.iter() {
        let added = place.add_profile(text, "oss", &["--keys", "environment"]).await;
        profiles += usize::from(added.code == 0);
        screens.extend([added.stdout, added.stderr]);
        if screens.len() > 60 {
            break;
        }
    }
    let commands: [&[&str]; 5] = [
        &["queue"],
        &["queue", "--json"],
        &["profile", "list"],
        &["profile", "list", "--json"],
        &["profile", "remove", "no\u{202e}\u{1b}[2Jbody"],
    ];
    for arguments in commands {
        let ran = place.run(arguments).await;
        screens.extend([ran.stdout, ran.stderr]);
    }
    let wrong = place.run(["put", "a", "oss://x/", "--wait", "\u{1b}[2J\u{202e}"]).await;
    screens.extend([wrong.stdout, wrong.stderr]);
    assert!(profiles > 0 || screens.iter().any(|screen| screen.contains('\u{27e8}')));
    for screen in screens {
        assert!(!is_raw(&screen), "{screen:?}");
    }
}
