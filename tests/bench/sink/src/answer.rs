//! Answers, as bytes.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use crate::request::{Dialect, Request};

/// An answer to one request.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Said instead of the body's, where only a head is asked for.
    length: Option<u64>,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), length: None }
    }

    /// An answer whose body is a document.
    pub(crate) fn document(document: Document) -> Self {
        let mut answer = Self::new(200).header("Content-Type", "application/xml");
        answer.body = document.finish();
        answer
    }

    /// A refusal, as both dialects write it.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let mut document = Document::new("Error", None);
        document.leaf("Code", code).leaf("Message", code).leaf("RequestId", "BENCH");
        let mut answer = Self::document(document);
        answer.status = status;
        answer
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub(crate) fn length(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// What goes out.
    pub(crate) fn bytes(&self, request: &Request) -> Vec<u8> {
        let reason = match self.status {
            200 => "OK",
            204 => "No Content",
            400 => "Bad Request",
            404 => "Not Found",
            503 => "Service Unavailable",
            _ => "Other",
        };
        let (id, body) = match request.dialect() {
            Dialect::Oss => ("x-oss-request-id", self.body.as_str()),
            Dialect::S3 => ("x-amz-request-id", self.body.as_str()),
        };
        let body = if request.method == "HEAD" { "" } else { body };
        let mut text = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        let date = httpdate::fmt_http_date(SystemTime::now());
        // Writing to a String cannot fail.
        let _ = write!(text, "Date: {date}\r\nServer: bench-sink\r\n{id}: BENCH\r\n");
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if self.status != 204 {
            let length = self.length.unwrap_or(self.body.len() as u64);
            let _ = write!(text, "Content-Length: {length}\r\n");
        }
        text.push_str("\r\n");
        text.push_str(body);
        text.into_bytes()
    }
}

/// An XML document under construction.
#[derive(Debug)]
pub(crate) struct Document {
    text: String,
    root: &'static str,
}

impl Document {
    pub(crate) fn new(root: &'static str, namespace: Option<&str>) -> Self {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = match namespace {
            Some(namespace) => write!(text, "<{root} xmlns=\"{namespace}\">"),
            None => write!(text, "<{root}>"),
        };
        Self { text, root }
    }

    pub(crate) fn leaf(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        let value = value.to_string().replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(self.text, "<{name}>{value}</{name}>");
        self
    }

    pub(crate) fn within(&mut self, name: &str, inner: impl FnOnce(&mut Self)) -> &mut Self {
        let _ = write!(self.text, "<{name}>");
        inner(self);
        let _ = write!(self.text, "</{name}>");
        self
    }

    fn finish(mut self) -> String {
        let _ = write!(self.text, "</{}>", self.root);
        self.text
    }
}

/// The text of each element of that name, without the little that stands for other characters.
pub(crate) fn texts<'a>(document: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let after = document.split(open.as_str()).skip(1);
    after.filter_map(|rest| rest.split(close.as_str()).next()).map(str::trim).collect()
}

/// A moment as documents have it.
pub(crate) fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Years begin in March, so that the day that some lack is their last.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written() {
        let at = |seconds| timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_827_696), "2000-02-29T12:34:56.000Z");
        assert_eq!(at(1_767_225_599), "2025-12-31T23:59:59.000Z");
    }

    #[test]
    fn elements_are_found() {
        let text = "<C><P><N>1</N><E>\"a\"</E></P><P><E>b</E><N> 2 </N></P></C>";
        assert_eq!(texts(text, "N"), ["1", "2"]);
        assert_eq!(texts(text, "E"), ["\"a\"", "b"]);
    }
}
