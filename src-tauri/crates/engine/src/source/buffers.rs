//! Buffers for pieces of files, used again: a fresh one costs the system a page fault and a cleared
//! page for each 4 KiB.

use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

use bytes::Bytes;

/// Bytes of a buffer. With two pieces waiting and one being sent, a part under way holds under 1
/// MiB.
pub(super) const PIECE: usize = 256 * 1024;
/// So few bytes get a buffer of their own: most of a large one would lie idle.
const SMALL: usize = 32 * 1024;
/// Free buffers that are kept.
const MOST_FREE: usize = 64;

static FREE: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());

/// A buffer that is given back when it is dropped.
pub(super) struct Buffer {
    /// Empty only while it is dropped.
    bytes: Box<[u8]>,
    len: usize,
}

impl Buffer {
    /// A buffer for `left` bytes, or for a piece of them. What is in it does not matter.
    pub(super) fn take(left: usize) -> Self {
        let len = left.min(PIECE);
        if len <= SMALL {
            return Self { bytes: vec![0; len].into_boxed_slice(), len };
        }
        let free = FREE.lock().expect("no code panics while holding this lock").pop();
        Self { bytes: free.unwrap_or_else(|| vec![0; PIECE].into_boxed_slice()), len }
    }

    /// Its first bytes, which are not changed any more.
    pub(super) fn freeze(mut self, len: usize) -> Bytes {
        self.len = len;
        Bytes::from_owner(self)
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes.len() < PIECE {
            return;
        }
        let mut free = FREE.lock().expect("no code panics while holding this lock");
        if free.len() < MOST_FREE {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_and_never_while_its_bytes_are_held() {
        let mut buffer = Buffer::take(PIECE);
        buffer[..3].copy_from_slice(b"one");
        let held = buffer.freeze(3);
        let mut others: Vec<Buffer> = (0..MOST_FREE + 1).map(|_| Buffer::take(PIECE)).collect();
        for other in &mut others {
            other[..3].copy_from_slice(b"two");
        }
        assert_eq!(held, b"one"[..]);
        drop((held, others));
        assert!(FREE.lock().expect("not poisoned").len() <= MOST_FREE);
    }
}
