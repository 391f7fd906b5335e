//! Archives: the pages, feeds and texts in the records of a WARC or ARC file.

use depeche_formats::{
    Kind,
    warc::{Archive, Page, Passed, Place, Record},
};
use depeche_news::{DeliveryKind, Problem};
use depeche_store::Mark;

use super::{
    files::Opened,
    intake::{Intake, Reading},
};

impl Intake<'_, '_> {
    /// Takes in an archive; false where it was not read to its end.
    pub(super) fn archive(
        &mut self,
        reading: &mut Reading<'_>,
        opened: Opened,
    ) -> anyhow::Result<bool> {
        let Mark { place: offset, skip, units } = reading.before;
        let mut archive = match units {
            0 => Archive::default(),
            _ => Archive::after(Place { offset, skip }),
        };
        let whole = self.pieces(reading, opened.packed(offset)?, |intake, reading, piece| {
            while let Some(record) = archive.next(piece) {
                intake.record(reading, record)?;
                if intake.stops() {
                    return Ok(());
                }
            }
            intake.problems(reading.path, archive.problems());
            Ok(())
        })?;
        if !whole {
            return Ok(false);
        }
        while let Some(record) = archive.end() {
            self.record(reading, record)?;
        }
        self.problems(reading.path, archive.problems());
        Ok(true)
    }

    fn record(&mut self, reading: &mut Reading<'_>, record: Record) -> anyhow::Result<()> {
        (reading.mark.place, reading.mark.skip) = (record.place.offset, record.place.skip);
        self.unit(reading);
        match record.page {
            Ok(page) => self.page(reading, page),
            Err(passed) => {
                *self.told.passed.entry(passed.word()).or_default() += 1;
                if matches!(passed, Passed::TooLarge | Passed::Coding | Passed::NoAddress) {
                    let at = format!("the record at byte {}", record.place.offset);
                    self.problems(reading.path, vec![Problem::new(passed.word(), at)]);
                }
                Ok(())
            }
        }
    }

    fn page(&mut self, reading: &Reading<'_>, page: Page) -> anyhow::Result<()> {
        if !page.whole {
            let problem = Problem::new("incomplete", format!("the record of {}", page.address));
            self.problems(reading.path, vec![problem]);
        }
        let mut headers = Vec::new();
        headers.extend(page.content_type.map(|value| ("content-type".to_owned(), value)));
        headers.extend(page.date.map(|date| ("warc-date".to_owned(), date.to_string())));
        let source = self.files_source(&outlet(&page.address))?;
        let kind = if page.kind == Kind::Feed { DeliveryKind::Feed } else { DeliveryKind::Loose };
        self.deliver(reading, source, kind, page.address, headers, page.body)
    }
}

/// The outlet that an address belongs to: its host, without what every host begins with.
fn outlet(address: &str) -> String {
    let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_else(|| "archive".to_owned());
    host.strip_prefix("www.").map_or(host.clone(), str::to_owned)
}
