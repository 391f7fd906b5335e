//! Lines of what is made of lines: mail, archives and the answers in them.

/// Where the head ends that `bytes` begin with, its blank line included; a line of blanks is blank. `None` where
/// that line has not ended yet.
pub(crate) fn blank_line(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if line.ends_with(b"\n") && line.trim_ascii().is_empty() {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_a_line_of_nothing() {
        for (bytes, end) in [
            ("A: 1\r\n\r\nx", Some(8)),
            ("A: 1\n \t\nx\n\n", Some(8)),
            ("\nx", Some(1)),
            ("A: 1\n", None),
            ("A: 1\n\r", None),
            ("", None),
        ] {
            assert_eq!(blank_line(bytes.as_bytes()), end, "{bytes:?}");
        }
    }
}
