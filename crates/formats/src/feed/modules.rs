//! The modules that feeds borrow words from: Dublin Core, Media RSS, podcasts.

use super::gather::{Gathered, HINT, NEAR, SAME, push, tag};
use super::{Place, person, text};
use crate::address::absolute;
use crate::markup::{Element, Lower};
use crate::{Enclosure, Keyword};

impl Gathered {
    pub(super) fn dublin(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        let value = || text::filled(element, place.base());
        match name {
            "title" => self.title.offer(SAME, value()),
            "description" | "abstract" => self.summary.offer(SAME, value()),
            "creator" | "author" => self.author(person::person(element, place.base())),
            "contributor" => {
                let person = person::person(element, place.base());
                push(&mut self.contributors, person, &mut self.cut);
            }
            "language" => self.language.offer(SAME, element.filled_text().map(tag)),
            "rights" => self.rights.offer(SAME, value()),
            "identifier" => self.id.offer(NEAR, element.filled_text()),
            "subject" => self.keyword(plain_keyword(element.filled_text(), None)),
            "issued" | "available" | "created" => {
                let at = self.moment(element, place);
                self.published.offer(if name == "created" { HINT } else { SAME }, at);
            }
            "date" | "modified" => {
                let at = self.moment(element, place);
                self.updated.offer(SAME, at);
            }
            _ => self.dublin_beside(element, name, place),
        }
    }

    pub(super) fn media(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        match name {
            "group" => {
                for inner in element.children() {
                    let name = Lower::of(inner.name());
                    self.media_part(inner, name.as_str(), &place.inside(inner));
                }
            }
            _ => self.media_part(element, name, place),
        }
    }

    fn media_part(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        let value = || text::filled(element, place.base());
        let address = || element.filled("url").map(|url| absolute(&url, place.base()));
        match name {
            "title" => self.title.offer(HINT, value()),
            "description" => self.summary.offer(HINT, value()),
            "thumbnail" => {
                let address = address().or_else(|| element.filled_text());
                self.image.offer(NEAR, address);
            }
            "content" => self.medium(element, address(), place),
            "category" => self.keyword(Keyword {
                term: element.filled_text(),
                scheme: element.filled("scheme").or_else(|| Some(MEDIA.to_owned())),
                label: element.filled("label"),
            }),
            "keywords" => self.listed(&element.text(), ',', None),
            "copyright" => self.rights.offer(HINT, value()),
            "credit" => self.around.image_credit.offer(HINT, value()),
            _ => {}
        }
    }

    fn medium(&mut self, element: Element<'_, '_>, url: Option<String>, place: &Place<'_>) {
        let media_type = element.filled("type");
        let image = element.attribute("medium").is_some_and(|medium| medium == "image")
            || media_type.as_deref().is_some_and(|kind| kind.starts_with("image/"))
            || element.attribute("medium").is_none()
                && media_type.is_none()
                && is_picture(url.as_deref());
        let mut leads = false;
        if let Some(url) = url {
            self.image.offer(SAME, image.then(|| url.clone()));
            leads = image && self.image.is(&url);
            let enclosure = Enclosure { url, media_type, length: element.filled("filesize") };
            push(&mut self.media, Some(enclosure), &mut self.cut);
        }
        for inner in element.children() {
            let name = Lower::of(inner.name());
            let value = || text::filled(inner, place.base());
            match name.as_str() {
                "thumbnail" | "keywords" | "category" => {
                    self.media_part(inner, name.as_str(), &place.inside(inner));
                }
                // Its title and description are the picture's caption, not the item's.
                "description" if leads => self.around.image_caption.offer(SAME, value()),
                "title" if leads => self.around.image_caption.offer(NEAR, value()),
                "credit" if leads => self.around.image_credit.offer(SAME, value()),
                _ => {}
            }
        }
    }

    pub(super) fn itunes(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        let value = || text::filled(element, place.base());
        match name {
            "title" => self.title.offer(NEAR, value()),
            "subtitle" => self.summary.offer(HINT, value()),
            "summary" => self.summary.offer(NEAR, value()),
            "author" => self.author(person::person(element, place.base())),
            "image" | "link" => {
                let is_link = name == "link";
                if is_link && element.attribute("rel") != Some("image") {
                    return;
                }
                let address = element.filled("href").or_else(|| element.filled("url"));
                self.image.offer(SAME, address.map(|url| absolute(&url, place.base())));
            }
            "category" => {
                self.keyword(plain_keyword(element.filled("text"), Some(ITUNES)));
                for inner in element.children().filter(|inner| inner.is("category")) {
                    self.keyword(plain_keyword(inner.filled("text"), Some(ITUNES)));
                }
            }
            "keywords" => {
                let text = element.text();
                let separator = if text.contains(',') { ',' } else { ' ' };
                self.listed(&text, separator, Some(ITUNES));
            }
            _ => self.itunes_beside(element, name, place),
        }
    }

    fn listed(&mut self, text: &str, separator: char, scheme: Option<&str>) {
        for word in text.split(separator).map(str::trim).filter(|word| !word.is_empty()) {
            self.keyword(plain_keyword(Some(word.to_owned()), scheme));
        }
    }
}

/// Whether an address says by its ending that a picture is there.
fn is_picture(url: Option<&str>) -> bool {
    let Some(url) = url else { return false };
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().any(|ending| path.ends_with(ending))
}

/// The list that media categories are from when they do not name one.
const MEDIA: &str = "http://search.yahoo.com/mrss/category_schema";

/// The list that podcast categories are from.
const ITUNES: &str = "http://www.itunes.com/";

fn plain_keyword(term: Option<String>, scheme: Option<&str>) -> Keyword {
    Keyword { term, scheme: scheme.map(str::to_owned), label: None }
}
