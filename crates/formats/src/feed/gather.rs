//! Gathers what the elements of a channel or an item say; both use the same words.

use depeche_news::Moment;
use depeche_news::limits::formats::{FEED_ENTRY_BYTES, FEED_LIST_MAX};

use super::{Place, around::Around, person, text, updates::Updates};
use crate::address::absolute;
use crate::agency::{AgencyItem, extension};
use crate::markup::{Element, Lower, Namespace};
use crate::{Channel, Content, Enclosure, Entry, Keyword, Link, Person, made};

/// A value that more than one element may give; the one of the highest rank stays, the first among
/// equals.
#[derive(Debug)]
pub(super) struct Ranked<T> {
    value: Option<T>,
    rank: u8,
}

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Self { value: None, rank: 0 }
    }
}

impl<T> Ranked<T> {
    pub(super) fn into_value(self) -> Option<T> {
        self.value
    }

    pub(super) fn is(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        self.value.as_ref() == Some(value)
    }

    pub(super) fn offer(&mut self, rank: u8, value: Option<T>) {
        if value.is_some() && rank > self.rank {
            *self = Self { value, rank };
        }
    }

    /// Like `offer`, but the last among equals stays: a second date is an update.
    pub(super) fn offer_last(&mut self, rank: u8, value: Option<T>) {
        if value.is_some() && rank >= self.rank {
            *self = Self { value, rank };
        }
    }
}

/// The format's own element, a module that means the same, a module that means nearly the same,
/// something to go by.
pub(super) const OWN: u8 = 4;
pub(super) const SAME: u8 = 3;
pub(super) const NEAR: u8 = 2;
pub(super) const HINT: u8 = 1;

/// What was gathered of a channel or an item.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) id: Ranked<String>,
    pub(super) title: Ranked<String>,
    pub(super) link: Ranked<String>,
    pub(super) links: Vec<Link>,
    pub(super) language: Ranked<String>,
    pub(super) published: Ranked<Moment>,
    pub(super) updated: Ranked<Moment>,
    pub(super) authors: Vec<Person>,
    pub(super) contributors: Vec<Person>,
    pub(super) rights: Ranked<String>,
    pub(super) summary: Ranked<String>,
    pub(super) content: Vec<Content>,
    pub(super) enclosures: Vec<Enclosure>,
    /// Media that are no enclosures; they come after those.
    pub(super) media: Vec<Enclosure>,
    pub(super) keywords: Vec<Keyword>,
    pub(super) image: Ranked<String>,
    generator: Ranked<String>,
    ttl_minutes: Option<u32>,
    updates: Updates,
    /// What an agency says of it in its own vocabulary.
    pub(super) agency: Option<Box<AgencyItem>>,
    /// What stands around the text.
    pub(super) around: Around,
    /// A list was longer than is kept.
    pub(super) cut: bool,
}

impl Gathered {
    /// What the attributes of the channel or item itself say.
    pub(super) fn attributes(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        self.language.offer(HINT, element.filled("xml:lang").map(tag));
        let about = element.filled("rdf:about").or_else(|| element.filled("about"));
        if let Some(about) = about {
            let about = absolute(&about, place.base());
            self.link.offer(HINT, about.starts_with("http").then(|| about.clone()));
            self.id.offer(SAME, Some(about));
        }
        // CDF has its address and date here.
        if let Some(href) = element.filled("href") {
            self.page(absolute(&href, place.base()));
        }
        self.updated.offer(HINT, element.attribute("lastmod").and_then(|at| place.date(at)));
    }

    /// What one element inside says.
    pub(super) fn element(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        let name = Lower::of(element.name());
        let name = name.as_str();
        let place = place.inside(element);
        match element.namespace() {
            Namespace::Core => self.own(element, name, &place),
            Namespace::Dublin | Namespace::Terms => self.dublin(element, name, &place),
            Namespace::Media => self.media(element, name, &place),
            Namespace::Itunes => self.itunes(element, name, &place),
            Namespace::Syndication => self.updates.said(element, name, &place),
            Namespace::Georss => self.geography(element, name),
            Namespace::Thread if name == "in-reply-to" => self.answers(element, &place),
            Namespace::Content if name == "encoded" => self.body(element, &place),
            Namespace::Xhtml if matches!(name, "body" | "div") => self.body(element, &place),
            Namespace::Other | Namespace::Newsml | Namespace::Xhtml
                if extension::is_agencys(element) =>
            {
                let new = || Box::new(AgencyItem::of(place.zone));
                extension::read(element, self.agency.get_or_insert_with(new));
            }
            Namespace::Other if name == "browserfriendly" => {
                self.summary.offer(HINT, text::filled(element, place.base()));
            }
            Namespace::Other if name == "expirationdate" => self.beside(element, name, &place),
            _ => {}
        }
    }

    fn own(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        let value = || text::filled(element, place.base());
        match name {
            "title" => self.title.offer(OWN, value()),
            "link" => self.link(element, place),
            "description" | "summary" | "subtitle" | "tagline" | "abstract" => {
                self.summary(element, place);
            }
            "info" => self.summary.offer(HINT, value()),
            "content" | "body" | "fullitem" | "encoded" => self.body(element, place),
            "guid" | "id" => self.identity(element, place),
            "pubdate" | "published" | "issued" => {
                let at = self.moment(element, place);
                self.published.offer_last(OWN, at);
            }
            "updated" | "modified" | "lastbuilddate" => {
                let at = self.moment(element, place);
                self.updated.offer_last(OWN, at);
            }
            "date" => {
                let at = self.moment(element, place);
                self.updated.offer(NEAR, at);
            }
            "author" | "managingeditor" => self.author(person::person(element, place.base())),
            "contributor" => {
                let person = person::person(element, place.base());
                push(&mut self.contributors, person, &mut self.cut);
            }
            "language" => self.language.offer(OWN, element.filled_text().map(tag)),
            "copyright" | "rights" => self.rights.offer(OWN, value()),
            "generator" => self.generator.offer(OWN, element.filled_text()),
            "ttl" => self.ttl_minutes = element.text().parse().ok().or(self.ttl_minutes),
            "skiphours" => self.updates.skipped_hours(element),
            "skipdays" => self.updates.skipped_days(element),
            "image" | "logo" | "icon" => self.picture(element, name, place),
            "category" => self.category(element),
            "enclosure" => self.enclosure(element, place),
            _ => self.beside(element, name, place),
        }
    }

    fn link(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        let Some(href) = element.filled("href") else {
            let Some(text) = element.filled_text() else { return };
            return self.page(absolute(&text, place.base()));
        };
        let rel = element.filled("rel").unwrap_or_else(|| "alternate".to_owned());
        let rel = rel.rsplit_once("iana.org/assignments/relation/").map_or(rel.as_str(), |r| r.1);
        let usual = if rel == "self" { "application/atom+xml" } else { "text/html" };
        let link = Link {
            href: absolute(&href, place.base()),
            rel: Some(rel.to_owned()),
            media_type: element.filled("type").or_else(|| Some(usual.to_owned())),
            length: element.filled("length"),
            title: element.filled("title"),
        };
        match rel {
            "alternate" => {
                let is_page = link.media_type.as_deref().is_some_and(|kind| kind.contains("html"));
                self.link.offer(if is_page { SAME } else { NEAR }, Some(link.href.clone()));
            }
            "enclosure" => {
                let enclosure = Enclosure {
                    url: link.href.clone(),
                    media_type: element.filled("type"),
                    length: link.length.clone(),
                };
                push(&mut self.enclosures, Some(enclosure), &mut self.cut);
            }
            _ => {}
        }
        push(&mut self.links, Some(link), &mut self.cut);
    }

    /// The page that this is the news of.
    fn page(&mut self, href: String) {
        self.link.offer(OWN, Some(href.clone()));
        let link = Link {
            href,
            rel: Some("alternate".to_owned()),
            media_type: Some("text/html".to_owned()),
            ..Link::default()
        };
        push(&mut self.links, Some(link), &mut self.cut);
    }

    fn identity(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        let Some(id) = element.filled_text() else { return };
        let permalink =
            element.attribute("ispermalink").is_none_or(|is| !is.eq_ignore_ascii_case("false"));
        let id = if element.is("id") { absolute(&id, place.base()) } else { id };
        if permalink && id.starts_with("http") {
            // An Atom id is only meant to be unique, but where nothing else is there it is a page.
            let rank = if element.is("guid") { NEAR } else { HINT };
            self.link.offer(rank, Some(id.clone()));
        }
        self.id.offer(OWN, Some(id));
    }

    /// The first of several descriptions is the summary, a different one more is a body.
    fn summary(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        let content = text::content(element, place.base());
        if content.value.is_empty() {
            return;
        }
        if self.summary.rank < SAME {
            self.summary.offer(OWN, Some(text::as_markup(content)));
        } else if self.summary.value.as_ref() != Some(&content.value) {
            push(&mut self.content, Some(content), &mut self.cut);
        }
    }

    pub(super) fn body(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        let content = text::content(element, place.base());
        self.language.offer(HINT, element.filled("xml:lang").map(tag));
        let filled = Some(content).filter(|content| !content.value.is_empty());
        push(&mut self.content, filled, &mut self.cut);
    }

    fn picture(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        let inside = || element.child("url").and_then(Element::filled_text);
        let plain = || element.filled_text().filter(|_| element.children().next().is_none());
        let address = inside()
            .or_else(|| element.filled("href"))
            .or_else(|| element.filled("url"))
            .or_else(|| element.filled("rdf:resource"))
            .or_else(plain);
        let rank = if name == "icon" { HINT } else { OWN };
        self.image.offer(rank, address.map(|address| absolute(&address, place.base())));
    }

    fn category(&mut self, element: Element<'_, '_>) {
        let keyword = Keyword {
            term: element.filled("term").or_else(|| element.filled_text()),
            scheme: element.filled("scheme").or_else(|| element.filled("domain")),
            label: element.filled("label"),
        };
        self.keyword(keyword);
    }

    fn enclosure(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        let address = element.filled("url").or_else(|| element.filled("href"));
        let Some(url) = address.map(|url| absolute(&url, place.base())) else { return };
        let (media_type, length) = (element.filled("type"), element.filled("length"));
        if media_type.as_deref().is_some_and(|kind| kind.starts_with("image/")) {
            self.image.offer(HINT, Some(url.clone()));
        }
        let link = Link {
            href: url.clone(),
            rel: Some("enclosure".to_owned()),
            media_type: media_type.clone(),
            length: length.clone(),
            title: None,
        };
        push(&mut self.links, Some(link), &mut self.cut);
        push(&mut self.enclosures, Some(Enclosure { url, media_type, length }), &mut self.cut);
    }

    pub(super) fn author(&mut self, person: Option<Person>) {
        let new = person.filter(|person| !self.authors.contains(person));
        push(&mut self.authors, new, &mut self.cut);
    }

    pub(super) fn keyword(&mut self, keyword: Keyword) {
        let said = keyword.term.is_some() || keyword.label.is_some();
        let new = Some(keyword).filter(|keyword| said && !self.keywords.contains(keyword));
        push(&mut self.keywords, new, &mut self.cut);
    }

    /// Puts the media that are not enclosed already behind the enclosures.
    pub(super) fn join_media(&mut self) {
        for medium in std::mem::take(&mut self.media) {
            let new = self.enclosures.iter().all(|enclosure| enclosure.url != medium.url);
            push(&mut self.enclosures, new.then_some(medium), &mut self.cut);
        }
    }

    /// What was gathered, as a channel.
    pub(super) fn into_channel(self) -> Channel {
        let mut channel = Channel {
            id: self.id.value,
            title: self.title.value,
            link: self.link.value,
            links: self.links,
            description: self.summary.value,
            language: self.language.value,
            published: self.published.value,
            updated: self.updated.value,
            authors: self.authors,
            contributors: self.contributors,
            rights: self.rights.value,
            generator: self.generator.value,
            image: self.image.value,
            keywords: self.keywords,
            ttl_minutes: self.ttl_minutes,
            schedule: self.updates.into_schedule(),
            ..Channel::default()
        };
        self.around.into_channel(&mut channel);
        channel
    }

    /// What was gathered, as an item.
    pub(super) fn into_entry(self) -> Entry {
        let mut entry = Entry {
            guid: self.id.value,
            title: self.title.value,
            link: self.link.value,
            links: self.links,
            language: self.language.value,
            published: self.published.value,
            updated: self.updated.value,
            authors: self.authors,
            contributors: self.contributors,
            rights: self.rights.value,
            summary: self.summary.value,
            content: self.content,
            enclosures: self.enclosures,
            keywords: self.keywords,
            image: self.image.value,
            ..Entry::default()
        };
        self.around.into_entry(&mut entry);
        entry
    }
}

/// A language as BCP 47 writes it, with hyphens.
pub(super) fn tag(language: String) -> String {
    if language.contains('_') { language.replace('_', "-") } else { language }
}

/// Adds to a list until it, or the account of the document, is full; `cut` remembers that it was.
pub(super) fn push<T>(list: &mut Vec<T>, value: Option<T>, cut: &mut bool) {
    match value {
        Some(value) if list.len() < FEED_LIST_MAX && made::take(FEED_ENTRY_BYTES) => {
            list.push(value)
        }
        Some(_) => *cut = true,
        None => {}
    }
}
