//! The weights of the recogniser: what each piece of a word says for each language of its script.
//!
//! The trainer writes them (`cargo xtask train language`; docs/design/032-language.md). A bucket of eight slots
//! is chosen by one part of a piece's number, the slot in it by another; a slot has half a byte a language.

use super::words::{Script, Word};

/// Languages of one script at most.
pub const LANES: usize = 32;

/// Buckets: as many as a tracked file may hold.
pub const BUCKETS: usize = 6_900;

/// Slots of a bucket.
pub const SLOTS: usize = 8;

/// Bits of a piece's number that tell it from the others of its bucket.
const SIGN_BITS: u32 = 14;

/// What one step of a weight is worth in the logarithm of the odds.
pub const STEP: f32 = 0.03;

/// Bytes of the words before the weights, which say whose counts they come from.
pub const HEADER_BYTES: usize = 256;

/// Bytes of what each language has before any piece: two a language and script.
pub const START_BYTES: usize = 2 * LANES * GROUPS;

/// Scripts with more languages than one.
pub const GROUPS: usize = 4;

/// Bytes of a slot's weights: two languages a byte, the second half of them above.
const ROW_BYTES: usize = LANES / 2;

/// Bytes of all of it: the header and starts, then two bytes a slot, then the weights of the slots.
pub const BYTES: usize = HEADER_BYTES + START_BYTES + BUCKETS * SLOTS * (2 + ROW_BYTES);

static WEIGHTS: &[u8; BYTES] = include_bytes!("../../weights/language.bin");

/// Where the signs begin, and where the rows do.
const SIGNS_AT: usize = HEADER_BYTES + START_BYTES;
const ROWS_AT: usize = SIGNS_AT + BUCKETS * SLOTS * 2;

/// Sums of weights in steps, a language each.
pub(super) type Sums = [i32; LANES];

/// Where the sums of a script are, if several of our languages are written in it.
pub const fn group(script: Script) -> Option<usize> {
    match script {
        Script::Latin => Some(0),
        Script::Cyrillic => Some(1),
        Script::Arabic => Some(2),
        Script::Han => Some(3),
        _ => None,
    }
}

/// The bucket of a piece, and its sign there.
pub const fn place(piece: u64) -> (usize, u16) {
    let bucket = ((piece >> 32) * BUCKETS as u64) >> 32;
    let sign = (piece >> 36) & ((1 << SIGN_BITS) - 1);
    (bucket as usize, sign as u16)
}

/// What the languages of a group have before any piece.
pub(super) fn starts(group: usize) -> Sums {
    let (starts, _) = WEIGHTS[HEADER_BYTES..SIGNS_AT].as_chunks::<2>();
    let mut sums = [0; LANES];
    for (sum, start) in sums.iter_mut().zip(starts.iter().skip(group * LANES)) {
        *sum = i16::from_le_bytes(*start).into();
    }
    sums
}

/// Adds what the pieces of a word say.
pub(super) fn add(word: &Word, sums: &mut Sums) {
    // Both halves of a row's bytes; a word has too few pieces to fill sixteen bits.
    let (mut below, mut above) = ([0_u16; ROW_BYTES], [0_u16; ROW_BYTES]);
    word.pieces(|piece| {
        let Some((row, shift)) = row(piece) else { return };
        for ((byte, below), above) in row.iter().zip(&mut below).zip(&mut above) {
            *below += u16::from(byte & 15) << shift;
            *above += u16::from(byte >> 4) << shift;
        }
    });
    for (sum, told) in sums.iter_mut().zip(below.iter().chain(&above)) {
        *sum += i32::from(*told);
    }
}

/// The weights of a piece, and how far they are shifted.
fn row(piece: u64) -> Option<(&'static [u8; ROW_BYTES], u32)> {
    let (signs, _) = WEIGHTS[SIGNS_AT..ROWS_AT].as_chunks::<{ 2 * SLOTS }>();
    let (rows, _) = WEIGHTS[ROWS_AT..].as_chunks::<ROW_BYTES>();
    let (bucket, sign) = place(piece);
    let signs = u128::from_le_bytes(*signs.get(bucket)?);
    // All eight slots at once: the one whose sign is asked for becomes nothing, and the lowest such borrows.
    const ONES: u128 = u128::MAX / 0xffff;
    let others = (signs & (ONES * 0xfffc)) ^ (ONES * (sign << 2) as u128);
    let found = others.wrapping_sub(ONES) & !others & (ONES << 15);
    if found == 0 {
        return None;
    }
    let slot = found.trailing_zeros() as usize / 16;
    let shift = (signs >> (16 * slot)) as u32 & 3;
    Some((rows.get(bucket * SLOTS + slot)?, shift))
}
