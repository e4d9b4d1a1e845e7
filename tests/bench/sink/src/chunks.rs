//! Takes bodies out of their chunks: HTTP's own, and those of AWS, which may have signatures behind
//! their sizes and sums behind the last.

/// Where in the chunks the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Size,
    Data(u64),
    /// The end of the line behind a chunk.
    AfterData,
    Trailer,
    End,
}

/// Chunks as they arrive, in pieces of any length.
#[derive(Debug)]
pub(crate) struct Chunks {
    place: Place,
    line: Vec<u8>,
    /// `x-amz-checksum-…` and whatever else stands behind the last chunk.
    pub(crate) trailers: Vec<(String, String)>,
}

impl Chunks {
    pub(crate) fn new() -> Self {
        Self { place: Place::Size, line: Vec::new(), trailers: Vec::new() }
    }

    pub(crate) fn ended(&self) -> bool {
        self.place == Place::End
    }

    /// Hands the data in `bytes` on. Returns how many bytes belong to the chunks, or `None` where
    /// they are none.
    pub(crate) fn feed(&mut self, bytes: &[u8], data: &mut dyn FnMut(&[u8])) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() && !self.ended() {
            if let Place::Data(left) = self.place {
                let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - at);
                data(&bytes[at..at + length]);
                at += length;
                self.place = match left - length as u64 {
                    0 => Place::AfterData,
                    left => Place::Data(left),
                };
                continue;
            }
            let rest = &bytes[at..];
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                self.line.extend_from_slice(rest);
                return Some(bytes.len());
            };
            self.line.extend_from_slice(&rest[..end]);
            at += end + 1;
            self.end_line()?;
        }
        Some(at)
    }

    fn end_line(&mut self) -> Option<()> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).ok()?.trim_end_matches('\r');
        self.place = match self.place {
            Place::Size => {
                let size = line.split(';').next().unwrap_or("").trim();
                match u64::from_str_radix(size, 16).ok()? {
                    0 => Place::Trailer,
                    size => Place::Data(size),
                }
            }
            Place::AfterData if line.is_empty() => Place::Size,
            Place::AfterData => return None,
            Place::Trailer if line.is_empty() => Place::End,
            Place::Trailer => {
                if let Some((name, value)) = line.split_once(':') {
                    self.trailers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                Place::Trailer
            }
            place @ (Place::Data(_) | Place::End) => place,
        };
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_may_arrive_in_pieces_of_any_length() {
        let text = b"5;chunk-signature=ab\r\nhello\r\n1\r\n!\r\n0\r\n\
            x-amz-checksum-crc32:AAA=\r\n\r\nnext";
        for length in 1..text.len() {
            let mut chunks = Chunks::new();
            let (mut body, mut taken) = (Vec::new(), 0);
            for piece in text.chunks(length) {
                taken += chunks
                    .feed(piece, &mut |data| body.extend_from_slice(data))
                    .expect("well-formed chunks");
            }
            assert!(chunks.ended());
            assert_eq!((body.as_slice(), taken), (&b"hello!"[..], text.len() - 4));
            assert_eq!(chunks.trailers, [("x-amz-checksum-crc32".into(), "AAA=".into())]);
        }
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        assert_eq!(Chunks::new().feed(b"hello\r\n", &mut |_| ()), None);
        assert_eq!(Chunks::new().feed(b"1\r\nab\r\n", &mut |_| ()), None);
    }
}
