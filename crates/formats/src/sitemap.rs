//! Sitemaps: what an outlet tells search engines of its pages, and, of its last two days, of its news.
//!
//! Two faces. [`sitemap`] gives everything a sitemap or an index of sitemaps says, for whoever follows one.
//! As a feed only addresses that carry a `news:news` are items: a plain sitemap is a list of pages of any
//! age, and no news.

use std::borrow::Cow;
use std::cmp::Reverse;

use depeche_news::limits::archives::{
    SITEMAP_ADDRESSES_MAX, SITEMAP_BYTES_MAX, SITEMAP_ITEMS_MAX, SITEMAP_KEYWORDS_MAX,
    SITEMAP_LIST_MAX,
};
use depeche_news::{Moment, Problem};
use serde::Serialize;
use url::Url;

use crate::address::absolute;
use crate::dates::date_in;
use crate::document::lost;
use crate::made;
use crate::markup::{Element, Tree, parse};
use crate::unpack::{gunzip, is_gzip};
use crate::{Document, Entry, Hints, Home, Keyword, Link, decode};

/// A sitemap, or an index of sitemaps, as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sitemap {
    /// The sitemaps of an index, the one changed last first; those without date after them, in document order.
    pub sitemaps: Vec<Child>,
    /// The pages in document order.
    pub pages: Vec<Page>,
    /// The input ended early, or a part had to be left out; a problem says which.
    pub incomplete: bool,
    /// What could not be understood; `refused` where it is no sitemap.
    pub problems: Vec<Problem>,
}

/// A sitemap that an index names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Child {
    /// Where it is, absolute where a base is known.
    pub address: String,
    /// When it last changed.
    pub modified: Option<Moment>,
}

/// A page that a sitemap names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Where it is, absolute where a base is known.
    pub address: String,
    /// When it last changed.
    pub modified: Option<Moment>,
    /// What is told of it as news.
    pub news: Option<News>,
    /// The same page in other languages.
    pub alternates: Vec<Alternate>,
    /// Its pictures.
    pub images: Vec<Picture>,
    /// Its films.
    pub videos: Vec<Film>,
}

/// What a news sitemap says of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct News {
    /// The headline.
    pub title: Option<String>,
    /// When it was published.
    pub published: Option<Moment>,
    /// The outlet's name.
    pub publication: Option<String>,
    /// BCP 47, as written.
    pub language: Option<String>,
    /// Keywords, one each.
    pub keywords: Vec<String>,
}

/// A page in another language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Alternate {
    /// Where it is.
    pub address: String,
    /// BCP 47, as written.
    pub language: Option<String>,
}

/// A picture of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Where it is.
    pub address: String,
    /// What it shows.
    pub caption: Option<String>,
}

/// A film of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Film {
    /// The page or the file that plays it.
    pub address: Option<String>,
    /// Its name.
    pub title: Option<String>,
    /// What it shows.
    pub caption: Option<String>,
}

/// Reads a sitemap or an index of sitemaps, gzip or not, XML or one address a line.
pub fn sitemap(bytes: &[u8], hints: &Hints<'_>) -> Sitemap {
    let (bytes, whole) = match is_gzip(bytes) {
        true => {
            let unpacked = gunzip(bytes, SITEMAP_BYTES_MAX);
            (Cow::Owned(unpacked.bytes), unpacked.whole)
        }
        false => (Cow::Borrowed(bytes), true),
    };
    let base = hints.base.and_then(|base| Url::parse(base.trim()).ok());
    let text = decode::clean_text(&bytes, hints.content_type).text;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let (mut map, enough) = made::within(text.len(), || match text.starts_with('<') {
        true => of_tree(&parse(text), Home { base: base.as_ref(), zone: hints.zone }),
        false => of_lines(text),
    });
    if !enough {
        map.lost(made::TOO_MUCH);
    }
    if !whole {
        map.lost("the packed sitemap ends early");
    }
    map
}

fn of_tree(tree: &Tree<'_>, home: Home<'_>) -> Sitemap {
    let mut map = Sitemap::default();
    let top = |name: &str| tree.document().children().find(|top| top.is(name));
    let (index, set) = (top("sitemapindex"), top("urlset"));
    if index.is_none() && set.is_none() {
        map.problems.push(Problem::new("refused", "not a sitemap"));
        return map;
    }
    for named in index.iter().flat_map(|index| index.children()) {
        if let Some(address) = filled(named, "loc").filter(|_| named.is("sitemap")) {
            let modified = moment(named, "lastmod", home);
            let child = Child { address: absolute(&address, home.base), modified };
            map.add(|map| map.sitemaps.push(child));
        }
    }
    for named in set.iter().flat_map(|set| set.children()).filter(|child| child.is("url")) {
        let mut is_cut = false;
        if let Some(page) = page(named, home, &mut is_cut) {
            map.add(|map| map.pages.push(page));
        }
        if is_cut {
            map.lost(LIST_CUT);
        }
    }
    map.sitemaps.sort_by_key(|child| Reverse(child.modified.map(|modified| modified.sort_key())));
    tree.lost.iter().for_each(|lost| map.lost(lost));
    map
}

/// A sitemap of plain text: one address a line and nothing else.
fn of_lines(text: &str) -> Sitemap {
    let mut map = Sitemap::default();
    let is_address =
        |line: &str| Url::parse(line).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if !lines.clone().next().is_some_and(is_address) {
        map.problems.push(Problem::new("refused", "not a sitemap"));
        return map;
    }
    let mut others = 0;
    lines.by_ref().for_each(|line| match is_address(line) {
        true => {
            let page = Page { address: line.to_owned(), ..Page::default() };
            map.add(|map| map.pages.push(page));
        }
        false => others += 1,
    });
    if others > 0 {
        map.lost(&format!("{others} lines that are no address"));
    }
    map
}

impl Sitemap {
    /// Adds an address while there is room.
    fn add(&mut self, add: impl FnOnce(&mut Self)) {
        match self.sitemaps.len() + self.pages.len() < SITEMAP_ADDRESSES_MAX {
            true => add(self),
            false => self.lost("more addresses than a sitemap may have"),
        }
    }

    /// Says once that something is missing, and what.
    fn lost(&mut self, what: &str) {
        self.incomplete = true;
        lost(&mut self.problems, what);
    }
}

/// What is said where a page has more pictures, films, languages or keywords than are kept.
const LIST_CUT: &str = "a list of one page was longer than is kept";

fn page(url: Element<'_, '_>, home: Home<'_>, is_cut: &mut bool) -> Option<Page> {
    let base = home.base;
    let mut all = |name: &'static str| {
        let mut named = url.children().filter(move |child| child.is(name));
        let kept: Vec<_> = named.by_ref().take(SITEMAP_LIST_MAX).collect();
        *is_cut |= named.next().is_some();
        kept.into_iter()
    };
    let alternates = all("link").filter_map(|link| alternate(link, base)).collect();
    let images = all("image").filter_map(|image| picture(image, base)).collect();
    let videos = all("video").map(|video| film(video, base)).collect();
    Some(Page {
        address: absolute(&filled(url, "loc")?, base),
        modified: moment(url, "lastmod", home),
        news: url.child("news").map(|element| news(element, home, is_cut)),
        alternates,
        images,
        videos,
    })
}

fn news(element: Element<'_, '_>, home: Home<'_>, is_cut: &mut bool) -> News {
    let publication = element.child("publication");
    let keywords = filled(element, "keywords").unwrap_or_default();
    let mut words = keywords.split(',').map(str::trim).filter(|word| !word.is_empty());
    let keywords = words.by_ref().take(SITEMAP_KEYWORDS_MAX).map(str::to_owned).collect();
    *is_cut |= words.next().is_some();
    News {
        title: filled(element, "title"),
        published: moment(element, "publication_date", home),
        publication: publication.and_then(|outlet| filled(outlet, "name")),
        language: publication.and_then(|outlet| filled(outlet, "language")),
        keywords,
    }
}

fn alternate(link: Element<'_, '_>, base: Option<&Url>) -> Option<Alternate> {
    let is_other = link.attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("alternate"));
    let address = link.filled("href").filter(|_| is_other)?;
    Some(Alternate { address: absolute(&address, base), language: link.filled("hreflang") })
}

fn picture(image: Element<'_, '_>, base: Option<&Url>) -> Option<Picture> {
    let caption = filled(image, "caption").or_else(|| filled(image, "title"));
    Some(Picture { address: absolute(&filled(image, "loc")?, base), caption })
}

fn film(video: Element<'_, '_>, base: Option<&Url>) -> Film {
    let address = filled(video, "player_loc").or_else(|| filled(video, "content_loc"));
    Film {
        address: address.map(|address| absolute(&address, base)),
        title: filled(video, "title"),
        caption: filled(video, "description"),
    }
}

fn filled(element: Element<'_, '_>, name: &str) -> Option<String> {
    element.child(name)?.filled_text()
}

fn moment(element: Element<'_, '_>, name: &str, home: Home<'_>) -> Option<Moment> {
    filled(element, name).and_then(|text| date_in(&text, home.zone))
}

/// Reads a tree as a sitemap with news; `None` when it is none.
pub(crate) fn read(tree: &Tree<'_>, home: Home<'_>) -> Option<Document> {
    let root = tree.document().children().find(|top| top.is("urlset"))?;
    let mut document = Document { format: Some("sitemap".to_owned()), ..Document::default() };
    for url in root.children().filter(|child| child.is("url")) {
        let mut is_cut = false;
        let page = url.child("news").and_then(|_| page(url, home, &mut is_cut));
        if is_cut {
            document.lost(LIST_CUT);
        }
        let Some(mut page) = page else { continue };
        let Some(news) = page.news.take() else { continue };
        if document.items.len() >= SITEMAP_ITEMS_MAX {
            document.lost("more items than are read of one document");
            break;
        }
        document.feed.title = document.feed.title.or_else(|| news.publication.clone());
        document.items.push(entry(page, news));
        document.parts.push(url.span());
    }
    (!document.items.is_empty()).then_some(document)
}

fn entry(page: Page, news: News) -> Entry {
    let keyword = |word: String| Keyword { term: Some(word), ..Keyword::default() };
    Entry {
        guid: Some(page.address.clone()),
        title: news.title,
        links: vec![Link {
            href: page.address.clone(),
            rel: Some("alternate".to_owned()),
            ..Link::default()
        }],
        link: Some(page.address),
        language: news.language,
        published: news.published,
        updated: page.modified,
        keywords: news.keywords.into_iter().map(keyword).collect(),
        image: page.images.into_iter().next().map(|image| image.address),
        ..Entry::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Hints<'_> =
        Hints { content_type: None, base: Some("https://fil.example/plan/"), zone: None };

    #[track_caller]
    fn check(text: &str, sitemaps: &[&str], pages: &[&str], problems: &[&str]) {
        let map = sitemap(text.as_bytes(), &BASE);
        let told: Vec<_> = map.problems.iter().map(ToString::to_string).collect();
        assert_eq!(map.sitemaps.iter().map(|child| &*child.address).collect::<Vec<_>>(), sitemaps);
        assert_eq!(map.pages.iter().map(|page| &*page.address).collect::<Vec<_>>(), pages);
        assert_eq!(told, problems);
        assert_eq!(map.incomplete, told.iter().any(|problem| problem.starts_with("incomplete")));
    }

    #[test]
    fn an_index_names_the_newest_first() {
        check(
            "<sitemapindex><sitemap><loc>a.xml</loc></sitemap><sitemap><loc>/b.xml</loc><lastmod>2016-02-10</lastmod></sitemap>\
             <sitemap><loc>c.xml.gz</loc><lastmod>2016-02-11T08:00:00+01:00</lastmod></sitemap><sitemap/></sitemapindex>",
            &[
                "https://fil.example/plan/c.xml.gz",
                "https://fil.example/b.xml",
                "https://fil.example/plan/a.xml",
            ],
            &[],
            &[],
        );
    }

    #[test]
    fn a_date_without_zone_is_of_its_source() {
        let paris = depeche_news::jiff::tz::TimeZone::get("Europe/Paris").unwrap();
        let hints = Hints { zone: Some(&paris), ..BASE };
        let text = "<urlset><url><loc>/un</loc><lastmod>2016-02-11T16:41:00</lastmod>\
            <news:news><news:publication_date>2016-02-11 16:00</news:publication_date></news:news></url></urlset>";
        let page = sitemap(text.as_bytes(), &hints).pages.remove(0);
        let told = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
        let (modified, published) = ("2016-02-11T16:41:00+01:00", "2016-02-11T16:00:00+01:00");
        assert_eq!(told(page.modified).as_deref(), Some(modified));
        assert_eq!(told(page.news.unwrap().published).as_deref(), Some(published));
        let entry = crate::read(text.as_bytes(), &hints).items.remove(0);
        assert_eq!(
            (told(entry.updated).as_deref(), told(entry.published).as_deref()),
            (Some(modified), Some(published))
        );
    }

    #[test]
    fn pages_in_xml_and_in_plain_text() {
        check(
            "<urlset><url><loc> /un </loc></url><url></url>",
            &[],
            &["https://fil.example/un"],
            &["incomplete: the document ends before its last element is closed"],
        );
        check(
            "https://a.example/1\r\n\nhttps://a.example/2\n",
            &[],
            &["https://a.example/1", "https://a.example/2"],
            &[],
        );
        check(
            "https://a.example/1\nun\n",
            &[],
            &["https://a.example/1"],
            &["incomplete: 1 lines that are no address"],
        );
        check("<rss><channel/></rss>", &[], &[], &["refused: not a sitemap"]);
        check("Un texte", &[], &[], &["refused: not a sitemap"]);
        check("", &[], &[], &["refused: not a sitemap"]);
    }

    #[test]
    fn lists_that_are_cut_are_told() {
        let of = |images: usize, keywords: usize| {
            format!(
                "<urlset><url><loc>/un</loc>{}<news:news><news:keywords>{}</news:keywords></news:news></url></urlset>",
                "<image:image><image:loc>/p</image:loc></image:image>".repeat(images),
                "mot,".repeat(keywords),
            )
        };
        let told = |text: &str| {
            let document = crate::read(text.as_bytes(), &BASE);
            (sitemap(text.as_bytes(), &BASE).incomplete, document.incomplete)
        };
        assert_eq!(told(&of(SITEMAP_LIST_MAX, SITEMAP_KEYWORDS_MAX)), (false, false));
        assert_eq!(told(&of(SITEMAP_LIST_MAX + 1, 1)), (true, true));
        assert_eq!(told(&of(1, SITEMAP_KEYWORDS_MAX + 1)), (true, true));
    }

    #[test]
    fn what_is_told_of_a_page() {
        let text = "<urlset xmlns:news='n' xmlns:xhtml='x' xmlns:image='i' xmlns:video='v'><url><loc>/otan</loc>\
            <xhtml:link rel='alternate' hreflang='en' href='/en/nato'/><xhtml:link rel='amphtml' href='/amp'/>\
            <image:image><image:loc>/p.jpg</image:loc><image:caption>Bruxelles, jeudi</image:caption></image:image>\
            <video:video><video:title>Le sommet</video:title><video:player_loc>/v</video:player_loc></video:video>\
            <news:news><news:publication><news:name>Le Fil</news:name><news:language>fr</news:language></news:publication>\
            <news:title>L'Otan se réunit</news:title><news:keywords>Otan, , Bruxelles</news:keywords></news:news></url></urlset>";
        let map = sitemap(text.as_bytes(), &BASE);
        let page = &map.pages[0];
        let news = page
            .news
            .as_ref()
            .map(|news| (news.title.as_deref(), news.publication.as_deref(), news.keywords.len()));
        assert_eq!(news, Some((Some("L'Otan se réunit"), Some("Le Fil"), 2)));
        assert_eq!(
            page.alternates,
            [Alternate {
                address: "https://fil.example/en/nato".into(),
                language: Some("en".into())
            }]
        );
        assert_eq!(page.images[0].caption.as_deref(), Some("Bruxelles, jeudi"));
        assert_eq!(page.videos[0].address.as_deref(), Some("https://fil.example/v"));
    }

    #[test]
    fn a_packed_one_is_unpacked_as_far_as_it_goes() {
        use std::io::Write;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed
            .write_all(b"<urlset><url><loc>https://a.example/1</loc></url></urlset>")
            .unwrap_or_default();
        let packed = packed.finish().unwrap_or_default();
        assert_eq!(sitemap(&packed, &BASE).pages.len(), 1);
        let cut = sitemap(&packed[..packed.len() - 4], &BASE);
        assert!(cut.pages.len() == 1 && cut.incomplete);
    }
}
