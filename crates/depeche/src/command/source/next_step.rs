//! What to do about a source that fails, by the collector's word.

/// What helps; nothing where waiting does.
pub(crate) fn next_step(word: &str) -> Option<&'static str> {
    Some(match word {
        "refused_address" => {
            "if it is yours, allow it: --allow-address (of `depeche run`, and of `source test`)"
        }
        "status_401" | "status_403" | "status_407" => {
            "say how to sign in: `depeche source access NAME --user … --password-file …`, or --headers-file"
        }
        "bot_wall" => {
            "ask its publisher to let this wire in (--contact names you); with a key of theirs: `depeche source access`"
        }
        "status_410" => {
            "nothing: if its own server says so for three days it is paused; `depeche source remove` ends it now"
        }
        "status_404" | "not_a_feed" | "bad_redirect" | "redirects" | "empty" => {
            "`depeche source test ADDRESS` of its site finds where its feed is now"
        }
        "bad_address" => "add it anew with its right address",
        "dns" => "check how its name is written, and this machine's name server",
        "connect" => "check its address and port, and the network of this machine",
        "tls" => "look at it in a browser; if its certificate is well, check this machine's clock",
        "proxy" => "check its proxy: `depeche source access` shows it",
        "moved_to_known" => "remove one of the two: `depeche source remove`",
        "folder_missing" => "bring the folder back, or stop watching it: `depeche source remove`",
        "folder_denied" => "let the user that depeche runs as read the folder and move files in it",
        "folder_fixed" => {
            "let that user move files in the folder, or have them left: `source add --folder … --after leave`"
        }
        "folder_full" => "clear out what is done with",
        "folder_failed" => {
            "look into the system's log for the disk or the network the folder is on"
        }
        "done_alone" => "send the file that it announces, or delete what announces it",
        "file_denied" => "let the user that depeche runs as read what is dropped",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_sign_in_names_the_command() {
        assert!(next_step("status_401").is_some_and(|step| step.contains("depeche source access")));
        assert!(next_step("refused_address").is_some_and(|step| step.contains("--allow-address")));
        assert_eq!(next_step("timeout"), None);
    }
}
