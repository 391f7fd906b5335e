//! `depeche source access`: how one source is asked. Secrets come from files, and are shown nowhere.

use std::{io::Read, path::Path};

use anyhow::{Context, bail};
use depeche_news::{Access, jiff::Timestamp};
use serde_json::json;

use crate::{
    arguments::AccessSource,
    command::{
        open_existing,
        source::{find, is_asked},
    },
    telling::{self, Advice},
};

/// Longest file of secrets that is read: a token of some kilobytes, some times.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Says how a source is asked, or shows what was said.
pub(crate) fn access(given: &AccessSource) -> anyhow::Result<()> {
    let store = open_existing(&given.data.folder)?;
    let source = find(&store, &given.source)?;
    let said = said(given);
    if !matches!(said, Ok(None)) {
        is_asked(&source)?;
    }
    let shown = match said? {
        Some(access) => {
            store.set_access(&source.id, access.clone()).wait()?;
            // Whether it holds is seen at once, not when the wait is over that a refusal brought.
            store.refresh_source(&source.id, Timestamp::now()).wait()?;
            access
        }
        None => store.access(&source.id)?.unwrap_or_default(),
    };
    let names: Vec<&str> = shown.headers.iter().map(|(name, _)| name.as_str()).collect();
    let told = json!({
        "id": source.id,
        "name": source.name,
        "user": shown.user.is_some(),
        "password": shown.password.is_some(),
        "headers": names,
        "proxy": shown.proxy.as_deref().map(without_secret),
    });
    telling::answer(&told.to_string())
}

/// What the arguments say; nothing where they only ask.
fn said(given: &AccessSource) -> anyhow::Result<Option<Access>> {
    if given.user.is_some() && given.password_file.is_none() {
        bail!(Advice::error(
            "a name without a password: what is said replaces what was said before",
            "give the password too: --password-file FILE, - for standard input, /dev/null where there is none",
        ));
    }
    let stdin = [&given.password_file, &given.headers_file, &given.proxy_file];
    let from_stdin = stdin.into_iter().flatten().filter(|file| file.as_os_str() == "-").count();
    if from_stdin > 1 {
        bail!("standard input can be read only once: put the other secrets into files");
    }
    let mut headers: Vec<(String, String)> =
        given.headers.iter().map(|line| header(line)).collect::<anyhow::Result<_>>()?;
    if let Some(file) = &given.headers_file {
        let text = secret(file)?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        headers.extend(lines.map(header).collect::<anyhow::Result<Vec<_>>>()?);
    }
    let first_line = |file: &std::path::PathBuf| {
        secret(file).map(|text| text.lines().next().unwrap_or_default().trim_end().to_owned())
    };
    let password = given.password_file.as_ref().map(first_line).transpose()?;
    let proxy = match &given.proxy_file {
        Some(file) => Some(first_line(file)?),
        None => given.proxy.clone(),
    };
    let proxy = proxy.map(|proxy| self::proxy(&proxy)).transpose()?;
    let access = Access { user: given.user.clone(), password, headers, proxy };
    Ok((given.clear || !access.is_none()).then_some(access))
}

fn header(line: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    match depeche_outbound::header(name, value) {
        Ok((name, _)) => Ok((name.to_string(), value.trim().to_owned())),
        // Not what was given: it may be a secret.
        Err(why) => Err(Advice::error(
            why.to_owned(),
            "give it as 'X-Key: value', or one a line in the file of --headers-file",
        )),
    }
}

fn proxy(given: &str) -> anyhow::Result<String> {
    depeche_outbound::proxy_address(given).map_err(|why| {
        Advice::error(
            why.to_owned(),
            "name it as http://proxy.example:3128 or socks5://127.0.0.1:9050",
        )
    })
}

fn secret(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text),
        false => {
            std::fs::File::open(file).and_then(|f| f.take(FILE_BYTES_MAX).read_to_string(&mut text))
        }
    };
    read.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text)
}

/// The address of a proxy without the name and password in it.
fn without_secret(proxy: &str) -> String {
    let Ok(mut url) = url::Url::parse(proxy) else { return "(set)".to_owned() };
    // Both fail for addresses that have no place for them, and then there are none.
    let _ = (url.set_password(None), url.set_username(""));
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_secret() {
        assert_eq!(without_secret("http://a:sesame@p.example:3128/"), "http://p.example:3128/");
        assert_eq!(without_secret("socks5h://a:sesame@p.example:1080"), "socks5h://p.example:1080");
    }

    #[test]
    fn headers_are_read_by_their_first_colon() {
        assert_eq!(header("X-Key: a:b").unwrap(), ("x-key".to_owned(), "a:b".to_owned()));
        assert!(header("X-Key").is_ok_and(|(_, value)| value.is_empty()));
        let refused = header("Host: sesame").unwrap_err().to_string();
        assert!(!refused.contains("sesame"), "{refused}");
    }
}
