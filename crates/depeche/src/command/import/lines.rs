//! Article lines: one JSON object a line, in pieces that a transaction holds well.

use std::io::{BufRead, Read};

use depeche_news::{DeliveryKind, Problem, limits::archives::IMPORT_LINES_BYTES_MAX};

use super::{
    files::Opened,
    intake::{Intake, Reading},
};

/// Article lines in one delivery: a transaction of some hundred items, a few megabytes at most.
const LINES_AT_ONCE: usize = 500;

/// Lines that go in together, all of one source.
#[derive(Default)]
struct Piece {
    name: String,
    text: String,
    lines: usize,
    /// The number of its first line in the file.
    first: u64,
}

impl Intake<'_, '_> {
    /// Takes in article lines by source, as they are read; false where they were not read to their end.
    pub(super) fn lines(
        &mut self,
        reading: &mut Reading<'_>,
        opened: Opened,
    ) -> anyhow::Result<bool> {
        let stem = stem(reading);
        let mut at = reading.before.place;
        let mut number = reading.before.units;
        let mut file = opened.unpacked(at)?;
        let mut piece = Piece::default();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read =
                file.by_ref().take(IMPORT_LINES_BYTES_MAX as u64).read_until(b'\n', &mut bytes);
            let read = match read {
                Ok(read) => read as u64,
                Err(error) => {
                    self.pass_over("incomplete", reading.path, &error.to_string());
                    0
                }
            };
            if read == 0 {
                break;
            }
            number += 1;
            at += read;
            if read == IMPORT_LINES_BYTES_MAX as u64 && !bytes.ends_with(b"\n") {
                at += self.long_line(reading, &mut file, number)?;
                continue;
            }
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim();
            self.told.units += u64::from(!line.is_empty());
            let source = source_of(line).unwrap_or_else(|| stem.clone());
            let is_full = piece.lines == LINES_AT_ONCE || piece.text.len() > IMPORT_LINES_BYTES_MAX;
            if is_full || (piece.lines > 0 && source != piece.name && !line.is_empty()) {
                self.lines_piece(reading, std::mem::take(&mut piece))?;
                if self.stops() {
                    return Ok(false);
                }
            }
            if piece.lines == 0 {
                (piece.name, piece.first) = (source, number);
            }
            piece.text.push_str(line);
            piece.text.push('\n');
            piece.lines += 1;
            // The place after what is in the piece: from there reading goes on.
            (reading.mark.place, reading.mark.units) = (at, number);
        }
        self.lines_piece(reading, piece)?;
        Ok(true)
    }

    /// Passes over the rest of a line that is too long to be one article; gives its bytes.
    fn long_line(
        &mut self,
        reading: &Reading<'_>,
        file: &mut impl BufRead,
        number: u64,
    ) -> anyhow::Result<u64> {
        let told = Problem::new("too_large", format!("line {number} has more than 4 MiB"));
        self.problems(reading.path, vec![told]);
        Ok(file.skip_until(b'\n')? as u64)
    }

    fn lines_piece(&mut self, reading: &Reading<'_>, piece: Piece) -> anyhow::Result<()> {
        if piece.text.trim().is_empty() {
            return Ok(());
        }
        let source = self.files_source(&piece.name)?;
        self.progress.tell(self.told.units, None);
        let address = format!("{}#L{}", reading.address, piece.first);
        self.deliver(
            reading,
            source,
            DeliveryKind::Lines,
            address,
            Vec::new(),
            piece.text.into_bytes(),
        )
    }
}

/// The name of a file, without what tells its format.
pub(super) fn stem(reading: &Reading<'_>) -> String {
    let name = reading.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "import".to_owned());
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

/// What of a line says where it goes; the rest is read when it is taken in.
#[derive(serde::Deserialize)]
struct Named {
    source: Option<String>,
}

/// The source that a line names as its own.
fn source_of(line: &str) -> Option<String> {
    let Named { source } = serde_json::from_str(line).ok()?;
    source.map(|source| source.trim().to_owned()).filter(|source| !source.is_empty())
}
