//! A window as bytes, so that a restart need not tell it everything again.
//!
//! Bytes come in blocks, each with its length before and a sum over itself and all before behind it. A block is
//! looked at only when its sum is right, and a snapshot without its last, empty block is none: so one that was
//! cut, mixed with another or damaged is refused. Numbers in it are checked nevertheless before they are
//! used, and no room is taken for rows that have not come.

use std::{
    error::Error,
    fmt,
    io::{self, Read, Write},
};

/// The form of a snapshot; another one is not read.
const FORM: [u8; 8] = *b"depwin2\n";

/// Bytes of a full block.
const BLOCK_BYTES: usize = 1 << 16;

/// Rows that room is taken for before they have come.
const ROWS_AT_ONCE: usize = 1 << 14;

/// Why a window could not be restored from a snapshot. The caller tells it again what it knew.
#[derive(Debug)]
pub enum NotRestored {
    /// The bytes could not be read.
    Read(io::Error),
    /// It is no snapshot, or one of another form, or of a window of another size.
    OtherForm,
    /// It is damaged, or not all there.
    Broken,
}

impl fmt::Display for NotRestored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "cannot read the snapshot: {error}"),
            Self::OtherForm => f.write_str("the snapshot has another form"),
            Self::Broken => f.write_str("the snapshot is damaged"),
        }
    }
}

impl Error for NotRestored {}

/// The sum of a block that follows on what has this sum. It tells damage, not malice: each step can be undone, so that no
/// single change is ever lost on the way.
fn sum(before: u64, block: &[u8]) -> u64 {
    let step = |state: u64, eight: [u8; 8]| {
        let state = (state ^ u64::from_le_bytes(eight)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^ (state >> 29)
    };
    let (eights, rest) = block.as_chunks();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(last, byte)| *last = *byte);
    let state = eights.iter().fold(before, |state, eight| step(state, *eight));
    step(step(state, last), (block.len() as u64).to_le_bytes())
}

/// A snapshot that is being written.
pub(crate) struct Writing<'a, W> {
    out: &'a mut W,
    block: Vec<u8>,
    sum: u64,
}

impl<'a, W: Write> Writing<'a, W> {
    pub(crate) fn new(out: &'a mut W) -> io::Result<Self> {
        out.write_all(&FORM)?;
        Ok(Self { out, block: Vec::with_capacity(BLOCK_BYTES), sum: 0 })
    }

    pub(crate) fn bytes(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK_BYTES - self.block.len()));
            self.block.extend_from_slice(now);
            bytes = later;
            if self.block.len() == BLOCK_BYTES {
                self.end_block()?;
            }
        }
        Ok(())
    }

    pub(crate) fn u32(&mut self, number: u32) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    pub(crate) fn u64(&mut self, number: u64) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    /// How many rows there are, and the rows, each of some numbers.
    pub(crate) fn rows<const N: usize>(
        &mut self,
        count: usize,
        rows: impl Iterator<Item = [u32; N]>,
    ) -> io::Result<()> {
        self.u64(count as u64)?;
        for row in rows {
            for number in row {
                self.u32(number)?;
            }
        }
        Ok(())
    }

    /// Writes what is left and the end.
    pub(crate) fn end(mut self) -> io::Result<()> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        self.end_block()
    }

    fn end_block(&mut self) -> io::Result<()> {
        self.sum = sum(self.sum, &self.block);
        self.out.write_all(&(self.block.len() as u32).to_le_bytes())?;
        self.out.write_all(&self.block)?;
        self.out.write_all(&self.sum.to_le_bytes())?;
        self.block.clear();
        Ok(())
    }
}

/// A snapshot that is being read.
pub(crate) struct Reading<'a, R> {
    from: &'a mut R,
    block: Vec<u8>,
    at: usize,
    sum: u64,
}

impl<'a, R: Read> Reading<'a, R> {
    pub(crate) fn new(from: &'a mut R) -> Result<Self, NotRestored> {
        let mut form = [0; FORM.len()];
        exactly(from, &mut form)?;
        if form != FORM {
            return Err(NotRestored::OtherForm);
        }
        Ok(Self { from, block: Vec::with_capacity(BLOCK_BYTES), at: 0, sum: 0 })
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], NotRestored> {
        let mut bytes = [0; N];
        if let Some(here) = self.block.get(self.at..self.at + N) {
            bytes.copy_from_slice(here);
            self.at += N;
            return Ok(bytes);
        }
        for byte in &mut bytes {
            while self.at == self.block.len() {
                self.next_block()?;
            }
            *byte = self.block.get(self.at).copied().unwrap_or(0);
            self.at += 1;
        }
        Ok(bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, NotRestored> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, NotRestored> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    /// A number of things, of which there can be so many.
    pub(crate) fn count(&mut self, max: usize) -> Result<usize, NotRestored> {
        let count = usize::try_from(self.u64()?).map_err(|_| NotRestored::Broken)?;
        if count <= max { Ok(count) } else { Err(NotRestored::Broken) }
    }

    /// What [`Writing::rows`] wrote, each row made into something.
    pub(crate) fn rows<const N: usize, T>(
        &mut self,
        max: usize,
        mut made: impl FnMut([u32; N]) -> Option<T>,
    ) -> Result<Vec<T>, NotRestored> {
        let count = self.count(max)?;
        let mut rows = Vec::new();
        for at in 0..count {
            if at == rows.capacity() {
                // In steps at first, and then exactly: most of what was promised has come.
                let more = if at < ROWS_AT_ONCE { ROWS_AT_ONCE } else { at };
                rows.reserve_exact(more.min(count - at));
            }
            let mut row = [0; N];
            for number in &mut row {
                *number = self.u32()?;
            }
            rows.push(made(row).ok_or(NotRestored::Broken)?);
        }
        Ok(rows)
    }

    /// A text of so many bytes.
    pub(crate) fn text(&mut self, bytes: usize) -> Result<String, NotRestored> {
        let mut text = Vec::new();
        for _ in 0..bytes {
            let [byte] = self.bytes()?;
            text.push(byte);
        }
        String::from_utf8(text).map_err(|_| NotRestored::Broken)
    }

    /// Whether everything has been read and the end is there.
    pub(crate) fn end(mut self) -> Result<(), NotRestored> {
        if self.at < self.block.len() {
            return Err(NotRestored::Broken);
        }
        self.read_block()?;
        if self.block.is_empty() { Ok(()) } else { Err(NotRestored::Broken) }
    }

    /// The next block with something in it.
    fn next_block(&mut self) -> Result<(), NotRestored> {
        self.read_block()?;
        if self.block.is_empty() { Err(NotRestored::Broken) } else { Ok(()) }
    }

    fn read_block(&mut self) -> Result<(), NotRestored> {
        let mut length = [0; 4];
        exactly(self.from, &mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > BLOCK_BYTES {
            return Err(NotRestored::Broken);
        }
        self.block.resize(length, 0);
        self.at = 0;
        exactly(self.from, &mut self.block)?;
        let mut told = [0; 8];
        exactly(self.from, &mut told)?;
        self.sum = sum(self.sum, &self.block);
        if u64::from_le_bytes(told) == self.sum { Ok(()) } else { Err(NotRestored::Broken) }
    }
}

/// Fills `bytes`; bytes that end before are those of something broken.
fn exactly(from: &mut impl Read, bytes: &mut [u8]) -> Result<(), NotRestored> {
    from.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => NotRestored::Broken,
        _ => NotRestored::Read(error),
    })
}

/// What stands in the blocks of a snapshot.
#[cfg(test)]
pub(crate) fn unsealed(mut bytes: &[u8]) -> Vec<u8> {
    let mut reading = Reading::new(&mut bytes).unwrap();
    let mut inner = Vec::new();
    while let Ok([byte]) = reading.bytes() {
        inner.push(byte);
    }
    inner
}

/// A snapshot with this in its blocks.
#[cfg(test)]
pub(crate) fn sealed(inner: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writing = Writing::new(&mut bytes).unwrap();
    writing.bytes(inner).unwrap();
    writing.end().unwrap();
    bytes
}
