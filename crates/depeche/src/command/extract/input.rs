//! What is given to `extract`: an address, a file, or standard input.

use std::{path::Path, time::Duration};

use depeche_collect::{Failure, Wanted, page as fetched};
use depeche_news::{Delivery, DeliveryKind, SourceId, is_web, jiff::Timestamp, pasted};

use crate::{arguments::Extract, batch, command::unreadable, telling::Advice, wire::jobs};

/// A page to be read.
pub(super) struct Page {
    pub(super) given: String,
    pub(super) bytes: Vec<u8>,
    pub(super) content_type: Option<String>,
    /// Where it is on the web.
    pub(super) address: Option<String>,
    /// Some bytes at its end are missing.
    pub(super) cut: bool,
}

/// Reads what was given.
pub(super) fn page(given: &str, asked: &Extract) -> anyhow::Result<Page> {
    if is_web(given) {
        return from_web(given, asked);
    }
    let (bytes, cut) = match given {
        "-" => batch::bytes(std::io::stdin().lock())?,
        path => from_file(Path::new(path))?,
    };
    let (given, address) = (given.to_owned(), asked.address.clone());
    Ok(Page { given, bytes, content_type: None, address, cut })
}

/// Asks for one page, once, because a person did: not what robots.txt files speak to.
fn from_web(given: &str, asked: &Extract) -> anyhow::Result<Page> {
    if asked.address.is_some() {
        return Err(Advice::error(
            "--address is for a page that is read from a file",
            "leave it out: a page of the web has its own",
        ));
    }
    let address = pasted(given).ok_or_else(|| {
        Advice::error(
            "cannot fetch this: it is no address of the web, or carries a user and a password",
            "give a whole address, as https://a.example/page, without a user",
        )
    })?;
    let client = jobs::client(&asked.allowed)?;
    let wanted = Wanted {
        source: SourceId::of_address(&address),
        kind: DeliveryKind::Loose,
        address,
        access: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let came = runtime.block_on(fetched(&client, &wanted, Timestamp::now()));
    // What still waits for a name server is not waited for.
    runtime.shutdown_timeout(Duration::ZERO);
    let delivery: Delivery = came.map_err(|failure| failed(&wanted.address, &failure))?;
    Ok(Page {
        given: given.to_owned(),
        content_type: delivery.header("content-type").map(str::to_owned),
        address: Some(delivery.found_at().to_owned()),
        bytes: delivery.body,
        cut: false,
    })
}

fn failed(address: &str, failure: &Failure) -> anyhow::Error {
    let word = failure.word();
    let why = depeche_web::why_in_english(&word);
    let what = format!("cannot fetch {address}: {why} ({})", failure.detail);
    Advice::error(what, next_step(&word))
}

/// What to do about a page that does not come.
fn next_step(word: &str) -> &'static str {
    match word {
        "refused_address" => "if it is yours, allow it: --allow-address",
        "status_404" | "status_410" | "redirects" | "bad_redirect" => {
            "look for it in a browser: it may have moved"
        }
        "status_401" | "status_402" | "status_403" | "bot_wall" => {
            "save it from a browser, and give that file, with --address"
        }
        "not_a_page" => "give the address of a page; `depeche source test` is for feeds",
        "too_large" => "save it from a browser, and give that file: what is too long is cut",
        "bad_address" => "give a whole address, as https://a.example/page",
        "dns" => "check how its name is written, and this machine's name server",
        "connect" => "check its address and port, and the network of this machine",
        "tls" => "look at it in a browser; if its certificate is well, check this machine's clock",
        _ => "try again later, or save it from a browser, and give that file, with --address",
    }
}

fn from_file(path: &Path) -> anyhow::Result<(Vec<u8>, bool)> {
    let file = std::fs::metadata(path).map_err(|error| match path.to_str() {
        Some(name) if name.starts_with("www.") => Advice::error(
            format!("there is no file {name}"),
            "a page of the web needs its whole address: put https:// before it",
        ),
        _ => unreadable(path, &error),
    })?;
    if file.is_dir() {
        return Err(Advice::error(
            format!("{} is a folder", path.display()),
            "give the files in it; `depeche import` takes whole folders in",
        ));
    }
    let read = std::fs::File::open(path).and_then(batch::bytes);
    read.map_err(|error| unreadable(path, &error))
}

/// An address to resolve others against.
pub(crate) fn base(text: &str) -> Result<String, String> {
    pasted(text)
        .filter(|_| is_web(text))
        .ok_or_else(|| "give a whole address, as https://a.example/page".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_fails_something_is_to_be_done() {
        assert!(next_step("refused_address").contains("--allow-address"));
        assert!(next_step("timeout").contains("later"));
        assert!(base("a.example").is_err() && base("file:///etc/passwd").is_err());
        assert_eq!(base("https://a.example/b").as_deref(), Ok("https://a.example/b"));
    }

    #[test]
    fn empty_input_is_no_failure_of_reading() {
        let nothing: &[u8] = b"";
        assert_eq!(batch::bytes(nothing).unwrap(), (Vec::new(), false));
    }
}
