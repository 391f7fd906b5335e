//! The contract of every `--batch`: JSON lines in, JSON lines out, one for one, in order, each
//! written as soon as it is known; never stopped by a bad input.

pub(crate) mod extract;
pub(crate) mod group;
pub(crate) mod read;
pub(crate) mod search;

use std::{
    io::BufRead,
    panic::{AssertUnwindSafe, catch_unwind},
};

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
