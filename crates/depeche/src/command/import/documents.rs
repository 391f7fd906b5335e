//! Documents: what is read whole, and is a feed, a page, a text, a message or a list of sources.

use std::{io::Read, path::Path};

use depeche_formats::{Hints, Kind, opml, sitemap, sniff};
use depeche_ingest::kind_of;
use depeche_news::{DeliveryKind, jiff::Timestamp, limits::archives::FILE_BYTES_MAX};

use super::{
    files::Opened,
    intake::{Intake, Reading},
    lines::stem,
};
use crate::command::source::of_outlines;

/// Bytes of a page in which its outlet is looked for: it is named in the head, and the page is read whole when
/// it is taken in.
const HEAD_BYTES: usize = 64 * 1024;

impl Intake<'_, '_> {
    /// Takes in a document; false where it could not be read.
    pub(super) fn document(
        &mut self,
        reading: &mut Reading<'_>,
        opened: Opened,
    ) -> anyhow::Result<bool> {
        let path = reading.path;
        let mut bytes = Vec::new();
        let read = opened
            .unpacked(0)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            self.pass_over("unreadable", path, &error.to_string());
            return Ok(false);
        }
        if bytes.len() as u64 > FILE_BYTES_MAX {
            self.pass_over("too_large", path, "more than 64 MiB in one document");
            return Ok(false);
        }
        self.unit(reading);
        if sniff(&bytes) == Kind::Opml {
            return self.outlines(path, &bytes).map(|()| true);
        }
        if is_plain_sitemap(&bytes) {
            self.pass_over(
                "refused",
                path,
                "a sitemap without news is a list of pages; listen to it instead: `depeche source add ADDRESS`",
            );
            return Ok(false);
        }
        let kind = match kind_of(&bytes) {
            Ok(kind) => kind,
            Err(why) => {
                self.pass_over("refused", path, why);
                return Ok(false);
            }
        };
        let name = match kind {
            DeliveryKind::Mail => return self.message(reading, bytes).map(|()| true),
            DeliveryKind::Loose => outlet(&bytes),
            _ => stem(reading),
        };
        let source = self.files_source(&name)?;
        self.deliver(reading, source, kind, reading.address.clone(), Vec::new(), bytes)?;
        Ok(true)
    }

    fn outlines(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        let read = opml::read(bytes);
        self.problems(path, read.problems);
        if read.outlines.is_empty() {
            self.pass_over("refused", path, "a list without any feed");
        }
        let (sources, refused) = of_outlines(read.outlines);
        for why in refused {
            self.pass_over("refused", path, &why);
        }
        let (added, known) = self.store.add_sources(sources, Timestamp::now()).wait()?;
        self.told.sources += added;
        self.told.repeated += known;
        Ok(())
    }
}

/// Whether a document is a sitemap, or a list of them, that tells no news.
fn is_plain_sitemap(bytes: &[u8]) -> bool {
    let start = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let start = String::from_utf8_lossy(start);
    if !start.contains("sitemapindex") && !start.contains("urlset") {
        return false;
    }
    let map = sitemap(bytes, &Hints::default());
    let is_one = map.problems.iter().all(|problem| problem.word != "refused");
    is_one && map.pages.iter().all(|page| page.news.is_none())
}

/// The outlet that a page names as its own; its pages are kept under that name.
fn outlet(page: &[u8]) -> String {
    let head = page.get(..HEAD_BYTES).unwrap_or(page);
    let article = depeche_extract::any(head, &depeche_extract::Hints::default()).article;
    let host = || Some(url::Url::parse(article.address.as_deref()?).ok()?.host_str()?.to_owned());
    article.outlet.clone().or_else(host).unwrap_or_else(|| "import".to_owned())
}
