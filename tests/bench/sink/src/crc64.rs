//! Combines CRC-64/XZ sums: what the whole has, from what its pieces have.

/// The polynomial, its bits reflected.
const POLYNOMIAL: u64 = 0xc96c_5795_d787_0f42;
/// The polynomial 1 in the reflected order of bits.
const ONE: u64 = 1 << 63;

/// The sum of `first` followed by `second`, which is `second_length` bytes long.
pub(crate) fn combine(first: u64, second: u64, second_length: u64) -> u64 {
    multiply(first, power_of_x8(second_length)) ^ second
}

/// x^(8n) modulo the polynomial: what n bytes after a piece do to its sum.
fn power_of_x8(mut n: u64) -> u64 {
    let mut result = ONE;
    let mut square = ONE >> 8;
    while n > 0 {
        if n & 1 == 1 {
            result = multiply(result, square);
        }
        square = multiply(square, square);
        n >>= 1;
    }
    result
}

/// The product of two polynomials modulo the polynomial.
fn multiply(a: u64, b: u64) -> u64 {
    let mut product = 0;
    let mut shifted = b;
    for bit in (0..64).rev() {
        if a >> bit & 1 == 1 {
            product ^= shifted;
        }
        let carry = shifted & 1;
        shifted >>= 1;
        if carry == 1 {
            shifted ^= POLYNOMIAL;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(bytes: &[u8]) -> u64 {
        let mut digest = crc64fast::Digest::new();
        digest.write(bytes);
        digest.sum64()
    }

    #[test]
    fn the_polynomial_is_xz() {
        assert_eq!(sum(b"123456789"), 0x995d_c9bb_df19_39fa);
    }

    #[test]
    fn pieces_have_the_sum_of_the_whole() {
        let bytes: Vec<u8> = (0..70_000_u32).map(|n| (n * 7 + n / 251) as u8).collect();
        for cut in [0, 1, 7, 8, 63, 64, 4096, 65_536, 69_999, 70_000] {
            let (first, second) = bytes.split_at(cut);
            let whole = combine(sum(first), sum(second), second.len() as u64);
            assert_eq!(whole, sum(&bytes), "cut at {cut}");
        }
    }
}
