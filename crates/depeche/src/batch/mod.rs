//! The contract of every `--batch`: JSON lines in, JSON lines out, one for one, in order, each
//! written as soon as it is known; never stopped by a bad input.

pub(crate) mod extract;
pub(crate) mod group;
pub(crate) mod read;
pub(crate) mod search;

use std::{
    io::{BufRead, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use depeche_news::Problem;
use serde_json::{Value, json};

use crate::telling;

/// Answers every line of standard input.
pub(crate) fn run(mut answer: impl FnMut(&str) -> Value) -> anyhow::Result<()> {
    // A panic becomes an answer; its message in the middle of the log would only repeat it.
    std::panic::set_hook(Box::new(|_| {}));
    let mut line = Vec::new();
    let mut input = std::io::stdin().lock();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if !text.is_empty() {
            telling::answer(&answered(text, &mut answer).to_string())?;
        }
    }
}

/// Answers one line; a panic, which would be a defect of ours, is caught and said.
pub(crate) fn answered(line: &str, answer: &mut impl FnMut(&str) -> Value) -> Value {
    catch_unwind(AssertUnwindSafe(|| answer(line))).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let id =
            serde_json::from_str::<Value>(line).ok().and_then(|input| input.get("id").cloned());
        json!({ "id": id, "problems": [format!("panic: {said}")] })
    })
}

/// What an input line `{"id", "path", …}` names.
pub(crate) struct Named {
    pub(crate) id: Value,
    pub(crate) input: Value,
    pub(crate) bytes: Vec<u8>,
    /// Some bytes at the end are missing.
    pub(crate) cut: bool,
}

/// Why bytes are missing at the end.
pub(crate) const CUT: &str = "the file is longer than is read, or damaged";

/// Reads what an input line names, or says with its id what is wrong with it.
pub(crate) fn named(line: &str) -> Result<Named, (Value, Problem)> {
    let bad = |id, why: &str| (id, Problem::new("bad_input", why));
    let input: Value =
        serde_json::from_str(line).map_err(|error| bad(Value::Null, &error.to_string()))?;
    let id = input.get("id").cloned().unwrap_or(Value::Null);
    let Some(path) = input.get("path").and_then(Value::as_str) else {
        return Err(bad(id, "no path"));
    };
    match document(path) {
        Ok((bytes, cut)) => Ok(Named { id, bytes, cut, input }),
        Err(error) => Err((id, Problem::new("unreadable", error.to_string()))),
    }
}

/// Longest document that is unpacked: more than the collector takes from the network, so that
/// kept deliveries can always be read again.
const DOCUMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The bytes of a document, those inside of a `.gz`; and whether some at its end are missing.
fn document(path: &str) -> std::io::Result<(Vec<u8>, bool)> {
    read(std::fs::File::open(path)?, path.ends_with(".gz"))
}

/// The bytes of what comes, unpacked where it begins as gzip does; and whether some at its end are missing.
pub(crate) fn bytes(input: impl Read) -> std::io::Result<(Vec<u8>, bool)> {
    let mut input = std::io::BufReader::new(input);
    let packed = input.fill_buf()?.starts_with(&GZIP);
    read(input, packed)
}

/// What a gzip member begins with (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

fn read(input: impl Read, packed: bool) -> std::io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let read = match packed {
        true => {
            let unpacked = flate2::read::MultiGzDecoder::new(input);
            unpacked.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes)
        }
        false => input.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes),
    };
    let cut = match read {
        Ok(length) => length as u64 > DOCUMENT_BYTES_MAX,
        // What a damaged archive gave before it broke is still news.
        Err(_) if !bytes.is_empty() => true,
        Err(error) => return Err(error),
    };
    bytes.truncate(usize::try_from(DOCUMENT_BYTES_MAX).unwrap_or(usize::MAX));
    Ok((bytes, cut))
}
