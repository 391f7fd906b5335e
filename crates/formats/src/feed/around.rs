//! What stands around an item's text: where it happened, what it answers, whose it was first; and what a
//! feed says of itself beside its name.

use depeche_news::{Moment, is_web, limits::formats::DATE_BYTES_MAX};

use super::gather::{Gathered, NEAR, OWN, Ranked, SAME, push};
use super::{Place, person, text};
use crate::address::absolute;
use crate::markup::Element;
use crate::{Channel, Entry, Link, Origin, Person};

/// What was gathered of it.
#[derive(Debug, Default)]
pub(super) struct Around {
    origin: Ranked<Origin>,
    latitude: Option<String>,
    longitude: Option<String>,
    located: Vec<String>,
    comments: Ranked<String>,
    in_reply_to: Vec<String>,
    expires: Ranked<Moment>,
    pub(super) image_caption: Ranked<String>,
    pub(super) image_credit: Ranked<String>,
    publisher: Ranked<Person>,
    moved_to: Option<String>,
    explicit: Option<bool>,
    unlisted: bool,
    /// The first date that could not be read.
    pub(super) unread_date: Option<String>,
}

impl Gathered {
    /// The date in an element; what is there and cannot be read is told.
    pub(super) fn moment(&mut self, element: Element<'_, '_>, place: &Place<'_>) -> Option<Moment> {
        let text = element.text();
        let read = place.date(&text);
        if read.is_none() && self.around.unread_date.is_none() && !text.is_empty() {
            let end = text.floor_char_boundary(DATE_BYTES_MAX);
            self.around.unread_date = Some(text[..end].to_owned());
        }
        read
    }

    /// Elements of the format itself that are no part of a text.
    pub(super) fn beside(&mut self, element: Element<'_, '_>, name: &str, place: &Place<'_>) {
        match name {
            "source" => self.around.origin.offer(OWN, origin(element, place)),
            "comments" => {
                let page = element.filled_text().map(|page| absolute(&page, place.base()));
                self.around.comments.offer(OWN, page);
            }
            "webmaster" => self.publisher(NEAR, element, place),
            "expirationdate" | "expires" => {
                let at = self.moment(element, place);
                self.around.expires.offer(OWN, at);
            }
            "redirect" => {
                let moved = element.child("newlocation").and_then(Element::filled_text);
                self.moved(moved, place);
            }
            "cloud" => self.cloud(element),
            "docs" => {
                let href = element.filled_text().map(|href| absolute(&href, place.base()));
                self.related(href, "help");
            }
            _ => {}
        }
    }

    /// Elements of the Dublin Core that are no part of a text.
    pub(super) fn dublin_beside(
        &mut self,
        element: Element<'_, '_>,
        name: &str,
        place: &Place<'_>,
    ) {
        match name {
            "publisher" => self.publisher(SAME, element, place),
            "source" => self.around.origin.offer(NEAR, origin(element, place)),
            "spatial" | "coverage" => self.located(element.filled_text()),
            "valid" => {
                let text = element.text();
                let end = text.split(';').find_map(|part| part.trim().strip_prefix("end="));
                self.around.expires.offer(SAME, end.and_then(|end| place.date(end)));
            }
            _ => {}
        }
    }

    /// `GeoRSS` in its three dialects.
    pub(super) fn geography(&mut self, element: Element<'_, '_>, name: &str) {
        match name {
            "point" if element.children().next().is_none() => self.point(&element.text()),
            "point" | "where" => {
                for inner in element.descendants() {
                    match inner.name().to_ascii_lowercase().as_str() {
                        "pos" => self.point(&inner.text()),
                        name @ ("lat" | "long") => self.geography(inner, name),
                        _ => {}
                    }
                }
            }
            "lat" => self.around.latitude = degrees(&element.text(), 90.0),
            "long" => self.around.longitude = degrees(&element.text(), 180.0),
            "featurename" => self.located(element.filled_text()),
            _ => {}
        }
    }

    /// What an item answers, by its identity, else by its address.
    pub(super) fn answers(&mut self, element: Element<'_, '_>, place: &Place<'_>) {
        let page = || element.filled("href").map(|href| absolute(&href, place.base()));
        let item = element.filled("ref").or_else(page).or_else(|| element.filled_text());
        push(&mut self.around.in_reply_to, item, &mut self.cut);
    }

    /// What podcasts say of themselves.
    pub(super) fn itunes_beside(
        &mut self,
        element: Element<'_, '_>,
        name: &str,
        place: &Place<'_>,
    ) {
        let yes = || matches!(element.text().to_ascii_lowercase().as_str(), "yes" | "true");
        match name {
            "new-feed-url" => self.moved(element.filled_text(), place),
            "explicit" => self.around.explicit = Some(yes() || element.text() == "explicit"),
            "block" => self.around.unlisted |= yes(),
            _ => {}
        }
    }

    fn publisher(&mut self, rank: u8, element: Element<'_, '_>, place: &Place<'_>) {
        self.around.publisher.offer(rank, person::person(element, place.base()));
    }

    fn moved(&mut self, to: Option<String>, place: &Place<'_>) {
        let to = to.map(|to| absolute(&to, place.base()));
        self.around.moved_to = to.or_else(|| self.around.moved_to.take());
    }

    /// Where one may ask to be told of news (rssCloud).
    fn cloud(&mut self, element: Element<'_, '_>) {
        let part = |name| element.attribute(name).unwrap_or_default();
        let (domain, port, path) = (part("domain"), part("port"), part("path"));
        let port = Some(port).filter(|port| !matches!(*port, "" | "80"));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let address = (!domain.is_empty()).then(|| format!("http://{domain}{port}{path}"));
        self.related(address, "cloud");
    }

    fn related(&mut self, href: Option<String>, rel: &str) {
        let link = href.map(|href| Link { href, rel: Some(rel.to_owned()), ..Link::default() });
        push(&mut self.links, link, &mut self.cut);
    }

    fn located(&mut self, place: Option<String>) {
        let new = place.filter(|place| !self.around.located.contains(place));
        push(&mut self.around.located, new, &mut self.cut);
    }

    fn point(&mut self, text: &str) {
        let mut parts = text.split(|c: char| c.is_whitespace() || c == ',');
        let mut parts = parts.by_ref().filter(|part| !part.is_empty());
        let (latitude, longitude) = (parts.next(), parts.next());
        self.around.latitude = latitude.and_then(|latitude| degrees(latitude, 90.0));
        self.around.longitude = longitude.and_then(|longitude| degrees(longitude, 180.0));
    }
}

impl Around {
    /// Puts what was gathered into an item.
    pub(super) fn into_entry(self, entry: &mut Entry) {
        entry.point = self.latitude.zip(self.longitude).map(|(lat, long)| format!("{lat} {long}"));
        entry.located = self.located;
        entry.origin = self.origin.into_value();
        entry.comments = self.comments.into_value();
        entry.in_reply_to = self.in_reply_to;
        entry.expires = self.expires.into_value();
        entry.image_caption = self.image_caption.into_value();
        entry.image_credit = self.image_credit.into_value();
    }

    /// Puts what was gathered into a channel.
    pub(super) fn into_channel(self, channel: &mut Channel) {
        channel.publisher = self.publisher.into_value();
        channel.moved_to = self.moved_to;
        channel.expires = self.expires.into_value();
        channel.explicit = self.explicit;
        channel.unlisted = self.unlisted;
    }
}

/// The feed an item is from: RSS names it in one line, Atom in the words of a feed.
fn origin(element: Element<'_, '_>, place: &Place<'_>) -> Option<Origin> {
    let web = |text: &String| is_web(text);
    let mut origin = Origin::default();
    if element.children().next().is_none() {
        let own = element.filled("url").map(|url| absolute(&url, place.base()));
        let said = element.filled_text();
        origin.link = own.or_else(|| said.clone().filter(web));
        origin.title = said.filter(|said| !web(said));
    }
    for child in element.children() {
        match child.name().to_ascii_lowercase().as_str() {
            "id" => origin.id = child.filled_text(),
            "title" => origin.title = text::filled(child, place.base()),
            "link" => {
                let page = child.attribute("rel").is_none_or(|rel| rel == "alternate");
                let href = child.filled("href").or_else(|| child.filled_text());
                let href = href.map(|href| absolute(&href, place.base()));
                origin.link = if page { href.or(origin.link) } else { origin.link.or(href) };
            }
            _ => {}
        }
    }
    (origin != Origin::default()).then_some(origin)
}

/// A number of degrees, as written, where it is one.
fn degrees(text: &str, most: f64) -> Option<String> {
    let text = text.trim();
    text.parse::<f64>().ok().filter(|number| number.abs() <= most).map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Hints, read};

    fn feed(channel: &str, item: &str) -> Document {
        let text = format!("<rss><channel>{channel}<item>{item}</item></channel></rss>");
        read(text.as_bytes(), &Hints { base: Some("https://a.example/"), ..Hints::default() })
    }

    #[track_caller]
    fn item(inside: &str, expected: Entry) {
        assert_eq!(feed("", inside).items, vec![expected]);
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn where_it_happened() {
        let paris = |point: &str| Entry { point: some(point), ..Entry::default() };
        item("<georss:point> 48.85 2.35 </georss:point>", paris("48.85 2.35"));
        item("<geo:lat>48.85</geo:lat><geo:long>2.35</geo:long>", paris("48.85 2.35"));
        item(
            "<geo:Point><geo:lat>48.85</geo:lat><geo:long>2.35</geo:long></geo:Point>",
            paris("48.85 2.35"),
        );
        item(
            "<georss:where><gml:Point><gml:pos>48.85,2.35</gml:pos></gml:Point></georss:where>",
            paris("48.85 2.35"),
        );
        item("<georss:point>248.85 2.35</georss:point>", Entry::default());
        let located = vec!["Verdun".to_owned()];
        item(
            "<georss:featurename>Verdun</georss:featurename><dc:coverage>Verdun</dc:coverage>",
            Entry { located, ..Entry::default() },
        );
    }

    #[test]
    fn what_it_answers_and_where_it_is_answered() {
        let entry = Entry { in_reply_to: vec!["urn:1".to_owned()], ..Entry::default() };
        item("<thr:in-reply-to ref='urn:1' href='/1'/>", entry.clone());
        let entry = Entry { in_reply_to: vec!["https://a.example/1".to_owned()], ..entry };
        item("<thr:in-reply-to href='/1'/>", entry);
        let comments = some("https://a.example/1#c");
        item("<comments>/1#c</comments>", Entry { comments, ..Entry::default() });
    }

    #[test]
    fn whose_it_was_first() {
        let origin = Origin { title: some("Le Fil"), link: some("https://a.example/f"), id: None };
        let entry = |origin: &Origin| Entry { origin: Some(origin.clone()), ..Entry::default() };
        item("<source url='/f'>Le Fil</source>", entry(&origin));
        let atom = "<source><id>urn:f</id><title>Le Fil</title><link rel='self' href='/s'/>\
                    <link href='/f'/></source>";
        item(atom, entry(&Origin { id: some("urn:f"), ..origin }));
        let link = some("https://b.example/");
        let origin = Origin { link, ..Origin::default() };
        item("<dc:source>https://b.example/</dc:source>", entry(&origin));
    }

    #[test]
    fn the_leading_picture_with_its_caption_and_credit() {
        let read = feed(
            "",
            "<media:content url='/v.mp4' medium='video'><media:credit>V</media:credit></media:content>\
             <media:group><media:content url='/i.jpg'><media:description>Le pont</media:description>\
             <media:credit role='photographer'>J. Doe</media:credit></media:content></media:group>\
             <media:content url='/j.jpg' medium='image'><media:credit>J</media:credit></media:content>",
        );
        let said = |entry: &Entry| (entry.image_caption.clone(), entry.image_credit.clone());
        assert_eq!(read.items[0].image.as_deref(), Some("https://a.example/i.jpg"));
        assert_eq!(said(&read.items[0]), (some("Le pont"), some("J. Doe")));
        let read = feed("", "<media:thumbnail url='/i.jpg'/><media:credit>AFP</media:credit>");
        assert_eq!(said(&read.items[0]), (None, some("AFP")));
    }

    #[test]
    fn what_a_feed_says_of_itself() {
        let said = feed(
            "<webMaster>w@a.example (Web)</webMaster><dc:publisher>La Maison</dc:publisher>\
             <itunes:new-feed-url>/neu</itunes:new-feed-url><itunes:explicit>no</itunes:explicit>\
             <itunes:block>Yes</itunes:block><docs>/d</docs>\
             <cloud domain='c.example' port='80' path='/p' protocol='xml-rpc'/>\
             <dcterms:valid>start=2016-02-10;end=2016-02-11;scheme=W3C-DTF</dcterms:valid>",
            "",
        );
        let feed = said.feed;
        assert_eq!(feed.publisher.and_then(|publisher| publisher.name), some("La Maison"));
        assert_eq!(feed.moved_to, some("https://a.example/neu"));
        assert_eq!((feed.explicit, feed.unlisted), (Some(false), true));
        assert_eq!(feed.expires, Moment::parse("2016-02-11"));
        let links: Vec<_> = feed.links.iter().map(|link| link.href.as_str()).collect();
        assert_eq!(links, ["https://a.example/d", "http://c.example/p"]);
        let moved =
            b"<rss><redirect><newLocation>https://b.example/</newLocation></redirect></rss>";
        assert_eq!(read(moved, &Hints::default()).feed.moved_to, some("https://b.example/"));
    }

    #[test]
    fn a_date_that_cannot_be_read_is_told() {
        let problems = feed("", "<pubDate>hier soir</pubDate>").problems;
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["unreadable_date: hier soir"]);
        assert!(feed("", "<pubDate/><dc:date> </dc:date>").problems.is_empty());
    }
}
