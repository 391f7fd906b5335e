//! Plain text of mail: lines that were broken to travel are put together, quotations and signatures are told
//! apart.

/// The text of a part, its soft line breaks taken back (RFC 3676 `format=flowed`), without signature.
pub(super) fn lines(text: &str, is_flowed: bool, without_space: bool) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    let mut depth_before = None;
    for line in text.lines() {
        let quoted = line.trim_start_matches('>');
        let depth = line.len() - quoted.len();
        // The line that parts a signature off.
        if matches!(quoted, "-- " | "--") && depth == 0 {
            break;
        }
        if !is_flowed {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let line = quoted.strip_prefix(' ').unwrap_or(quoted);
        // The line before asked to be gone on with, by its last blank, and this one is of the same quotation.
        match depth_before {
            Some(before) if before == depth => {}
            Some(_) => out.push('\n'),
            None => {}
        }
        if depth_before != Some(depth) && depth > 0 {
            out.push_str("> ");
        }
        depth_before = line.ends_with(' ').then_some(depth);
        match (depth_before, without_space) {
            (Some(_), true) => out.push_str(line.strip_suffix(' ').unwrap_or(line)),
            (Some(_), false) => out.push_str(line),
            (None, _) => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(lines(text, true, false), expected);
    }

    #[test]
    fn soft_breaks_are_taken_back() {
        check("L'Otan \r\nse réunit.\r\n\r\nÀ Bruxelles.", "L'Otan se réunit.\n\nÀ Bruxelles.\n");
        check("> Il a \n> dit non.\nEt puis oui.", "> Il a dit non.\nEt puis oui.\n");
        check("Il a \n> dit", "Il a \n> dit\n");
        check(" >cité\n From x", ">cité\nFrom x\n");
        assert_eq!(lines("北京 \n时间", true, true), "北京时间\n");
    }

    #[test]
    fn hard_ones_stay_and_signatures_go() {
        assert_eq!(
            lines("L'Otan \nse réunit.\n-- \nLe Fil", false, false),
            "L'Otan \nse réunit.\n"
        );
    }
}
