//! The `aws-chunked` framing that S3 clients put around bodies they sign or checksum while sending.
//!
//! `size[;chunk-signature=…]CRLF data CRLF … 0[;chunk-signature=…]CRLF [trailers] CRLF`

use sha2::{Digest as _, Sha256};

use crate::error::ApiError;
use crate::sign::ChunkSigning;

/// Longest line of the framing that is believed, in bytes.
const LONGEST_LINE: usize = 4096;

enum State {
    Size,
    Data { left: u64 },
    DataEnd,
    Trailer,
    Done,
}

/// Takes the framing off a body, verifying chunk signatures where there are any.
pub(crate) struct Decoder {
    state: State,
    line: Vec<u8>,
    signing: Option<ChunkSigning>,
    signature: String,
    hash: Sha256,
    trailers: Vec<(String, String)>,
}

impl Decoder {
    pub(crate) fn new(signing: Option<ChunkSigning>) -> Self {
        Self {
            state: State::Size,
            line: Vec::new(),
            signing,
            signature: String::new(),
            hash: Sha256::new(),
            trailers: Vec::new(),
        }
    }

    /// Takes the next bytes off the wire and gives the data among them to `sink`.
    pub(crate) fn feed(
        &mut self,
        mut input: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        while !input.is_empty() {
            match self.state {
                State::Data { left } => {
                    let take = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    let (data, rest) = input.split_at(take);
                    if self.signing.is_some() {
                        self.hash.update(data);
                    }
                    sink(data)?;
                    input = rest;
                    let left = left - take as u64;
                    if left == 0 {
                        self.check_chunk()?;
                        self.state = State::DataEnd;
                    } else {
                        self.state = State::Data { left };
                    }
                }
                State::Done => return Err(broken("bytes after the last chunk")),
                State::Size | State::DataEnd | State::Trailer => {
                    if let Some(line) = self.take_line(&mut input)? {
                        self.on_line(&line)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The trailers, once the body has ended as it should.
    pub(crate) fn finish(self) -> Result<Vec<(String, String)>, ApiError> {
        match self.state {
            State::Done => Ok(self.trailers),
            _ => Err(ApiError::new("IncompleteBody")),
        }
    }

    fn take_line(&mut self, input: &mut &[u8]) -> Result<Option<String>, ApiError> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(input.len(), |end| end + 1);
        self.line.extend_from_slice(&input[..taken]);
        *input = &input[taken..];
        if self.line.len() > LONGEST_LINE {
            return Err(broken("a line is too long"));
        }
        if end.is_none() {
            return Ok(None);
        }
        let line = std::mem::take(&mut self.line);
        let line =
            line.strip_suffix(b"\r\n").ok_or_else(|| broken("a line does not end in CRLF"))?;
        String::from_utf8(line.to_vec()).map(Some).map_err(|_| broken("a line is not text"))
    }

    fn on_line(&mut self, line: &str) -> Result<(), ApiError> {
        match self.state {
            State::Size => self.on_size(line),
            State::DataEnd if line.is_empty() => {
                self.state = State::Size;
                Ok(())
            }
            State::DataEnd => Err(broken("a chunk is longer than it says")),
            _ => self.on_trailer(line),
        }
    }

    fn on_size(&mut self, line: &str) -> Result<(), ApiError> {
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let size =
            u64::from_str_radix(size.trim(), 16).map_err(|_| broken("a size is no number"))?;
        self.signature = extension.trim().strip_prefix("chunk-signature=").unwrap_or("").to_owned();
        if size == 0 {
            self.check_chunk()?;
            self.state = State::Trailer;
        } else {
            self.state = State::Data { left: size };
        }
        Ok(())
    }

    fn on_trailer(&mut self, line: &str) -> Result<(), ApiError> {
        if line.is_empty() {
            self.state = State::Done;
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a trailer has no value"))?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if name != "x-amz-trailer-signature" {
            self.trailers.push((name, value.to_owned()));
            return Ok(());
        }
        let Some(signing) = &mut self.signing else {
            return Ok(());
        };
        let lines: String =
            self.trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        if signing.check_trailer(value, &lines) {
            Ok(())
        } else {
            Err(ApiError::new("SignatureDoesNotMatch").with("SignatureProvided", value))
        }
    }

    fn check_chunk(&mut self) -> Result<(), ApiError> {
        let hash = std::mem::replace(&mut self.hash, Sha256::new()).finalize();
        let Some(signing) = &mut self.signing else {
            return Ok(());
        };
        if signing.check_chunk(&self.signature, &hash) {
            Ok(())
        } else {
            Err(ApiError::new("SignatureDoesNotMatch")
                .with("SignatureProvided", self.signature.clone()))
        }
    }
}

fn broken(what: &str) -> ApiError {
    ApiError::new("InvalidRequest").message(format!("The aws-chunked body is malformed: {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Decoded = Result<(Vec<u8>, Vec<(String, String)>), ApiError>;

    fn decode(wire: &[u8], step: usize) -> Decoded {
        let mut decoder = Decoder::new(None);
        let mut out = Vec::new();
        for piece in wire.chunks(step) {
            decoder.feed(piece, &mut |data| {
                out.extend_from_slice(data);
                Ok(())
            })?;
        }
        Ok((out, decoder.finish()?))
    }

    #[test]
    fn decodes_at_every_cut() {
        let wire = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        for step in 1..=wire.len() {
            let (data, trailers) = decode(wire, step).unwrap();
            assert_eq!(data, b"hello world");
            assert_eq!(trailers, [("x-amz-checksum-crc32".to_owned(), "DUoRhQ==".to_owned())]);
        }
    }

    #[test]
    fn refuses_what_is_cut_or_bent() {
        for wire in [
            &b"5\r\nhel"[..],
            b"5\r\nhello\r\n",
            b"5\r\nhello\r\n0\r\n",
            b"5\r\nhelloX\r\n0\r\n\r\n",
            b"zz\r\n",
            b"0\r\n\r\nmore",
        ] {
            assert!(decode(wire, 3).is_err(), "{}", String::from_utf8_lossy(wire));
        }
    }

    /// The second example of the S3 documentation: two chunks of `a` and a trailer, each signed.
    #[test]
    fn signed_chunks_and_trailers_are_verified() {
        let seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
        let signatures = [
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
        ];
        let [first, second, last, trailer] = signatures;
        let (large, small) = ("a".repeat(65536), "a".repeat(1024));
        let wire = format!(
            "10000;chunk-signature={first}\r\n{large}\r\n400;chunk-signature={second}\r\n{small}\r\n\
             0;chunk-signature={last}\r\nx-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:{trailer}\r\n\r\n"
        );
        let verdict = |wire: &str| {
            let mut decoder = Decoder::new(Some(ChunkSigning::documented(seed)));
            let mut size = 0;
            let fed = wire.as_bytes().chunks(9999).try_for_each(|piece| {
                decoder.feed(piece, &mut |data| {
                    size += data.len();
                    Ok(())
                })
            });
            fed.and_then(|()| decoder.finish()).map(|_| size).map_err(|error| error.code)
        };
        assert_eq!(verdict(&wire), Ok(65536 + 1024));
        for signature in signatures {
            let wrong = wire.replace(signature, &"0".repeat(64));
            assert_eq!(verdict(&wrong), Err("SignatureDoesNotMatch".to_owned()), "{signature}");
        }
        let altered = wire.replacen("aaaa", "aaba", 1);
        assert_eq!(verdict(&altered), Err("SignatureDoesNotMatch".to_owned()));
    }
}
