//! What each operation does and answers.

use std::io;
use std::sync::atomic::Ordering;

use crate::answer::{Answer, Document, texts, timestamp};
use crate::body::{self, Paces};
use crate::counts::Counts;
use crate::options::Options;
use crate::request::{Dialect, Operation, Request};
use crate::store::{Object, Refusal, Store, Summary};
use crate::wire::Wire;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// Most parts on a page.
const PAGE: usize = 1000;

/// One request to a store.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    pub(crate) store: &'a Store,
    pub(crate) options: &'a Options,
    pub(crate) counts: &'a Counts,
    pub(crate) paces: &'a Paces<'a>,
}

impl Call<'_> {
    /// Reads the body and does what is asked.
    pub(crate) fn run(&self, wire: &mut Wire) -> io::Result<Answer> {
        let operation = self.request.operation();
        if matches!(operation, Operation::PutObject | Operation::UploadPart) {
            let inward = (self.paces, self.counts);
            let summary = body::receive(wire, self.request, self.options, inward)?;
            return Ok(self.stored(operation, summary));
        }
        let text = body::text(wire, self.request, (self.paces, self.counts))?;
        let id = self.request.query("uploadId").unwrap_or("");
        Ok(match operation {
            Operation::HeadObject => match self.store.object(&self.request.key) {
                Some(object) => self.head(&object),
                None => Answer::error(404, "NoSuchKey"),
            },
            Operation::DeleteObject => {
                self.store.delete(&self.request.key);
                Answer::new(204)
            }
            Operation::Initiate => self.initiate(),
            Operation::Complete => self.complete(id, &text),
            Operation::Abort if self.store.abort(id) => Answer::new(204),
            Operation::Abort => Answer::error(404, "NoSuchUpload"),
            Operation::ListParts => self.list_parts(id),
            Operation::ListUploads => self.list_uploads(),
            Operation::ListObjects => self.list_objects(),
            Operation::Bucket => Answer::new(200),
            Operation::PutObject | Operation::UploadPart | Operation::Unknown => {
                Answer::error(400, "NotImplemented")
            }
        })
    }

    fn stored(&self, operation: Operation, summary: Summary) -> Answer {
        self.counts.stored.fetch_add(summary.size, Ordering::Relaxed);
        let mut answer = self.summed(Answer::new(200), &summary);
        if let Some((name, value)) = &summary.checksum {
            answer = answer.header(name, value.as_str());
        }
        if operation == Operation::PutObject {
            self.store.put(&self.request.key, summary, self.kept_headers());
            return answer;
        }
        let id = self.request.query("uploadId").unwrap_or("");
        let number = self.request.query("partNumber").and_then(|number| number.parse().ok());
        match number.map(|number| self.store.put_part(id, number, summary)) {
            Some(true) => answer,
            Some(false) => Answer::error(404, "NoSuchUpload"),
            None => Answer::error(400, "InvalidArgument"),
        }
    }

    /// The answer with ETag, and the CRC-64 where the dialect has it.
    fn summed(&self, answer: Answer, summary: &Summary) -> Answer {
        let answer = answer.header("ETag", format!("\"{}\"", summary.etag));
        match self.request.dialect() {
            Dialect::Oss => answer.header("x-oss-hash-crc64ecma", summary.crc64.to_string()),
            Dialect::S3 => answer,
        }
    }

    /// What a later HEAD repeats.
    fn kept_headers(&self) -> Vec<(String, String)> {
        let kept = |name: &str| {
            name.starts_with("x-oss-meta-")
                || name.starts_with("x-amz-meta-")
                || name == "content-type"
        };
        let headers = self.request.headers().filter(|(name, _)| kept(name));
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn head(&self, object: &Object) -> Answer {
        let mut answer = self.summed(Answer::new(200), &object.summary);
        answer = answer
            .length(object.summary.size)
            .header("Last-Modified", httpdate::fmt_http_date(object.modified));
        for (name, value) in &object.headers {
            answer = answer.header(name, value.as_str());
        }
        answer
    }

    fn document(&self, root: &'static str) -> Document {
        let namespace = (self.request.dialect() == Dialect::S3).then_some(NAMESPACE);
        let mut document = Document::new(root, namespace);
        if self.request.query("encoding-type") == Some("url") {
            document.leaf("EncodingType", "url");
        }
        document.leaf("Bucket", &self.options.bucket);
        document
    }

    fn key(&self, key: &str) -> String {
        if self.request.query("encoding-type") != Some("url") {
            return key.to_owned();
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
        key.bytes()
            .map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
            .collect()
    }

    fn initiate(&self) -> Answer {
        let id = self.store.initiate(&self.request.key, self.kept_headers());
        let mut document = self.document("InitiateMultipartUploadResult");
        document.leaf("Key", self.key(&self.request.key)).leaf("UploadId", id);
        let mut answer = Answer::document(document);
        for name in ["x-amz-checksum-algorithm", "x-amz-checksum-type"] {
            if let Some(value) = self.request.header(name) {
                answer = answer.header(name, value);
            }
        }
        answer
    }

    fn complete(&self, id: &str, text: &str) -> Answer {
        let etags = texts(text, "ETag").into_iter().map(|etag| {
            etag.replace("&quot;", "\"").replace("&#34;", "\"").trim_matches('"').to_owned()
        });
        let numbers =
            texts(text, "PartNumber").into_iter().filter_map(|number| number.parse().ok());
        let claimed: Vec<(u32, String)> = numbers.zip(etags).collect();
        match self.store.complete(id, &claimed) {
            Ok(summary) => {
                let mut document = self.document("CompleteMultipartUploadResult");
                document
                    .leaf("Location", format!("/{}/{}", self.options.bucket, self.request.key))
                    .leaf("Key", self.key(&self.request.key))
                    .leaf("ETag", format!("\"{}\"", summary.etag));
                self.summed(Answer::document(document), &summary)
            }
            Err(Refusal::NoSuchUpload) => Answer::error(404, "NoSuchUpload"),
            Err(Refusal::InvalidPart) => Answer::error(400, "InvalidPart"),
        }
    }

    fn list_parts(&self, id: &str) -> Answer {
        let Some(upload) = self.store.upload(id) else {
            return Answer::error(404, "NoSuchUpload");
        };
        let number = |name| self.request.query(name).and_then(|value| value.parse::<u32>().ok());
        let marker = number("part-number-marker").unwrap_or(0);
        let page = number("max-parts").map_or(PAGE, |most| (most as usize).clamp(1, PAGE));
        let after = || upload.parts.range(marker.saturating_add(1)..);
        let shown: Vec<_> = after().take(page).collect();
        let mut document = self.document("ListPartsResult");
        document
            .leaf("Key", self.key(&upload.key))
            .leaf("UploadId", id)
            .leaf("StorageClass", "Standard")
            .leaf("PartNumberMarker", marker)
            .leaf("NextPartNumberMarker", shown.last().map_or(marker, |(number, _)| **number))
            .leaf("MaxParts", page)
            .leaf("IsTruncated", after().count() > page);
        for (number, part) in shown {
            document.within("Part", |document| {
                document
                    .leaf("PartNumber", number)
                    .leaf("LastModified", timestamp(upload.initiated))
                    .leaf("ETag", format!("\"{}\"", part.etag))
                    .leaf("Size", part.size);
                if self.request.dialect() == Dialect::Oss {
                    document.leaf("HashCrc64ecma", part.crc64);
                }
            });
        }
        Answer::document(document)
    }

    fn list_uploads(&self) -> Answer {
        let prefix = self.request.query("prefix").unwrap_or("");
        let mut document = self.document("ListMultipartUploadsResult");
        document
            .leaf("KeyMarker", "")
            .leaf("UploadIdMarker", "")
            .leaf("Prefix", self.key(prefix))
            .leaf("MaxUploads", PAGE)
            .leaf("IsTruncated", false);
        for (id, upload) in self.store.uploads(prefix) {
            document.within("Upload", |document| {
                document
                    .leaf("Key", self.key(&upload.key))
                    .leaf("UploadId", id)
                    .leaf("StorageClass", "Standard")
                    .leaf("Initiated", timestamp(upload.initiated));
            });
        }
        Answer::document(document)
    }

    /// Few clients look for what is there before they upload. For them there is nothing.
    fn list_objects(&self) -> Answer {
        let mut document = Document::new("ListBucketResult", Some(NAMESPACE));
        document
            .leaf("Name", &self.options.bucket)
            .leaf("Prefix", self.request.query("prefix").unwrap_or(""))
            .leaf("KeyCount", 0)
            .leaf("MaxKeys", PAGE)
            .leaf("IsTruncated", false);
        Answer::document(document)
    }
}
