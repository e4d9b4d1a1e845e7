//! State in, lines out.

use ferry_app::messages::Filter;
use ferry_app::model::LimitedBy;
use unicode_width::UnicodeWidthStr as _;

use super::*;

const MIB: u64 = 1024 * 1024;

/// A file that runs: 45 of 100 MiB, and 3.2 under way.
pub(crate) fn row(id: i64, name: &str) -> Row {
    Row {
        id,
        batch: 1,
        name: name.to_owned(),
        folder: String::new(),
        destination: String::new(),
        profile: String::new(),
        size: 100 * MIB,
        acked: 45 * MIB,
        in_flight: 3_355_443,
        percent: 45,
        speed: 0,
        seconds_left: None,
        state: RowState::Uploading,
        group: Filter::Active,
        actions: Vec::new(),
        parts_done: 0,
        parts: 0,
        retries: 0,
        finished_ms: None,
        problem: None,
        pending: None,
        replaced: false,
        already_there: false,
        there: None,
        here: None,
    }
}

fn block(names: &[&str]) -> Block {
    Block {
        totals: Totals {
            files: 340,
            bytes: 2_735 * MIB,
            acked: 1_228 * MIB,
            percent: 44,
            speed: 18 * MIB,
            seconds_left: Some(125),
            done: 10,
            ended_otherwise: 2,
            ..Totals::default()
        },
        reading: false,
        files: (1..).zip(names).map(|(id, name)| Some(row(id, name))).collect(),
        running: names.len(),
        retries: 3,
        requests: 8,
        limit: None,
        waits_for: None,
    }
}

fn lines(block: &Block, columns: usize) -> Vec<String> {
    block.lines(Size { rows: 24, columns }, Language::En)
}

#[test]
fn a_block_shows_the_total_the_files_and_what_goes_on() {
    let mut shown = block(&["a.mov", "婚礼现场.mov"]);
    shown.files.push(None);
    shown.files[1] = Some(Row { state: RowState::Verifying, in_flight: 0, ..row(2, "婚礼.mov") });
    assert_eq!(
        lines(&shown, 100),
        [
            " 44%  1.20 GiB / 2.67 GiB  12 / 340 files  18.0 MiB/s  2 min 5 s left",
            " 45%  45.0 MiB /  100 MiB  +3.20 MiB   a.mov",
            " 45%  45.0 MiB /  100 MiB  verifying   婚礼.mov",
            "",
            "3 retries  8 requests side by side  2 files running",
        ]
    );
    assert_eq!(
        shown.lines(Size { rows: 24, columns: 100 }, Language::Zh),
        [
            " 44%  1.20 GiB / 2.67 GiB  12 / 340 个文件  18.0 MiB/s  剩余 2 分 5 秒",
            " 45%  45.0 MiB /  100 MiB  +3.20 MiB   a.mov",
            " 45%  45.0 MiB /  100 MiB  校验中      婚礼.mov",
            "",
            "重试 3 次  8 个请求同时进行  2 个文件正在上传",
        ]
    );
}

#[test]
fn what_is_not_known_is_not_shown_and_what_limits_is() {
    let mut shown = block(&["a.mov"]);
    (shown.requests, shown.reading, shown.retries) = (1, true, 1);
    shown.totals.limited_by = Some(LimitedBy::Network.text().into());
    shown.totals.seconds_left = None;
    shown.waits_for = Some("http://a\u{202e}b".into());
    let lines = lines(&shown, 140);
    assert_eq!(lines[0], " 44%  1.20 GiB / 2.67 GiB  12 / 340+ files  18.0 MiB/s");
    assert_eq!(
        lines[2],
        "1 retry  1 request side by side  1 file running  limited by your network  waits for http://a⟨U+202E⟩b"
    );
}

#[test]
fn a_limit_by_the_hour_says_until_when() {
    let until = ferry_app::model::schedule::TimeOfDay::new(19, 0);
    for (rate, until, en, zh) in [
        (2 * MIB, until, "  at most 2.00 MiB/s until 19:00", "  最高 2.00 MiB/s，至 19:00"),
        (0, until, "  no limit until 19:00", "  不限速，至 19:00"),
        (2 * MIB, None, "", ""),
    ] {
        let shown = Block { limit: Some(Limit { rate, until }), running: 1, ..Block::default() };
        assert!(shown.line(Language::En).ends_with(&format!("1 file running{en}")));
        assert!(shown.line(Language::Zh).ends_with(&format!("1 个文件正在上传{zh}")));
    }
}

#[test]
fn a_narrow_terminal_gets_the_most_important() {
    let shown = block(&["a long name of a film.mov"]);
    for (columns, total, file, below) in [
        (
            60,
            " 44%  1.20 GiB / 2.67 GiB  12 / 340 files  18.0 MiB/s",
            " 45%  45.0 MiB /  100 MiB  +3.20 MiB   a long na… film.mov",
            "3 retries  8 requests side by side  1 file running",
        ),
        (
            50,
            " 44%  1.20 GiB / 2.67 GiB  12 / 340 files",
            " 45%  45.0 MiB /  100 MiB  a long nam…a film.mov",
            "3 retries  8 requests side by side",
        ),
        (20, " 44%", " 45%  a long…m.mov", "3 retries"),
        (6, " 44%", " 45%", "3 …s"),
    ] {
        let lines = lines(&shown, columns);
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        assert_eq!(lines, [total, file, below], "{columns} columns");
    }
}

/// Names that terminals do not agree about, and those that would do something to one.
const NAMES: [&str; 9] = [
    "a.mov",
    "一个非常长的中文文件名用来测试显示宽度是否正确处理以及省略号的位置.mov",
    "mixed 中文 and English 名字 with a long tail.tar.gz",
    "👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀❤\u{fe0f}❤\u{fe0f}❤\u{fe0f}.png",
    "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}.txt",
    "\u{1b}[2J\u{1b}]0;x\u{7}\n\r\t\u{202e}gpj.exe\u{9b}31m",
    "①②③④…·“”×±αβγ№℃ⅣⅤ.txt",
    "ｆｕｌｌｗｉｄｔｈ＿ｎａｍｅ＿ｔｈａｔ＿ｉｓ＿ｌｏｎｇ.txt",
    "",
];

#[test]
fn no_line_is_wider_than_the_terminal_and_none_is_lost() {
    for language in [Language::En, Language::Zh] {
        for chunk in NAMES.chunks(MOST_FILES) {
            let mut shown = block(chunk);
            shown.waits_for = Some("https://oss-cn-hangzhou.aliyuncs.com".into());
            for columns in 1..=200 {
                let lines = shown.lines(Size { rows: 24, columns }, language);
                assert_eq!(lines.len(), 2 + chunk.len(), "{columns} columns");
                for line in lines {
                    let widths = [width(&line), line.width(), line.width_cjk()];
                    assert!(widths.iter().all(|w| *w < columns), "{columns} columns: {line:?}");
                    assert!(!line.chars().any(ferry_app::model::visible::is_hidden), "{line:?}");
                }
            }
        }
    }
}

#[test]
fn a_name_keeps_its_beginning_and_its_end() {
    let name = NAMES[1];
    for columns in 20..=200 {
        let lines = lines(&block(&[name]), columns);
        let line = &lines[1];
        assert!(line.contains("一个") && line.ends_with("mov"), "{columns} columns: {line}");
        // Two columns may be left where a Chinese character does not fit, once on either side.
        assert!(columns > 110 || width(line) + 4 >= columns, "{columns} columns: {line}");
    }
}

#[test]
fn no_cluster_is_cut() {
    for columns in 0..40 {
        let shown = shorten(NAMES[4], columns);
        assert_eq!(shown.matches('e').count(), shown.matches('\u{301}').count(), "{shown:?}");
    }
}

#[test]
fn a_low_terminal_has_room_for_the_block_and_a_line_above() {
    let shown = block(&["a", "b", "c", "d", "e"]);
    for (rows, expected) in [(0, 1), (1, 1), (2, 1), (3, 2), (4, 3), (7, 6), (8, 7), (50, 7)] {
        let lines = shown.lines(Size { rows, columns: 80 }, Language::En);
        assert_eq!(lines.len(), expected, "{rows} rows");
        assert!(lines[0].starts_with(" 44%"), "{rows} rows");
    }
}

#[test]
fn a_log_gets_it_all_in_one_line() {
    assert_eq!(
        block(&["a", "b"]).line(Language::En),
        " 44%  1.20 GiB / 2.67 GiB  12 / 340 files  18.0 MiB/s  2 min 5 s left  3 retries  \
         8 requests side by side  2 files running"
    );
}
