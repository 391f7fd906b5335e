//! What the class and id names of an element say about it.

use std::ops::{BitOr, BitOrAssign};
use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

use crate::tree::{NodeId, Tree};

/// A set of hints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u32);

impl Marks {
    pub(crate) const NONE: Self = Self(0);
    /// Never the story: shares, menus, other stories, comments, newsletters, advertisements.
    pub(crate) const FURNITURE: Self = Self(1);
    /// Around the story more often than in it.
    pub(crate) const DOUBTFUL: Self = Self(1 << 1);
    /// The story's own container.
    pub(crate) const BODY: Self = Self(1 << 2);
    pub(crate) const CAPTION: Self = Self(1 << 3);
    pub(crate) const HEADLINE: Self = Self(1 << 4);
    pub(crate) const STANDFIRST: Self = Self(1 << 5);
    /// A standfirst by a name that means nothing else.
    pub(crate) const STANDFIRST_PROPER: Self = Self(1 << 10);
    pub(crate) const BYLINE: Self = Self(1 << 6);
    pub(crate) const DATE: Self = Self(1 << 7);
    pub(crate) const COMMENT: Self = Self(1 << 8);
    /// Asks for consent, money or a password.
    pub(crate) const CONSENT: Self = Self(1 << 9);

    pub(crate) fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }
}

impl BitOr for Marks {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Longest class or id attribute that is read: utility-class frameworks write some 600 bytes.
const NAMES_BYTES_MAX: usize = 1_000;

/// The hints of every element of a page, by its place in the tree.
pub(crate) fn all(tree: &Tree) -> Vec<Marks> {
    // The same few lists of names stand on most elements.
    let mut known = HashMap::new();
    let ids = (0..tree.len()).map(NodeId::try_from);
    ids.map(|id| id.map_or(Marks::NONE, |id| of(tree, id, &mut known))).collect()
}

/// The hints of one element's own names.
fn of<'a>(tree: &'a Tree, id: NodeId, known: &mut HashMap<&'a str, Marks>) -> Marks {
    let mut marks = Marks::NONE;
    if tree.name(id).is_empty() {
        return marks;
    }
    for (attribute, value) in tree.attributes(id) {
        marks |= match attribute {
            "class" | "id" | "data-component" | "data-testid" | "data-block" | "data-type" => {
                *known.entry(value).or_insert_with(|| of_names(value))
            }
            "itemprop" => of_property(value),
            "role" if is_furniture_role(value) => Marks::FURNITURE,
            _ => Marks::NONE,
        };
    }
    marks
}

fn of_names(names: &str) -> Marks {
    names.split_whitespace().map(of_name).fold(Marks::NONE, BitOr::bitor)
}

/// The hints of a property of microdata.
fn of_property(property: &str) -> Marks {
    match property {
        "articleBody" | "reviewBody" | "text" => Marks::BODY,
        "headline" => Marks::HEADLINE,
        "description" | "alternativeHeadline" | "abstract" => Marks::STANDFIRST,
        "author" | "creator" => Marks::BYLINE,
        "datePublished" | "dateModified" | "dateCreated" => Marks::DATE,
        "comment" => Marks::COMMENT | Marks::FURNITURE,
        "caption" => Marks::CAPTION,
        _ => Marks::NONE,
    }
}

fn is_furniture_role(role: &str) -> bool {
    matches!(
        role,
        "navigation"
            | "search"
            | "dialog"
            | "menu"
            | "menubar"
            | "toolbar"
            | "alert"
            | "alertdialog"
            | "tablist"
            | "contentinfo"
            | "complementary"
            | "tooltip"
    )
}

/// The hints of one name such as `story-body__tags` or `relatedArticles`.
fn of_name(name: &str) -> Marks {
    if name.len() > NAMES_BYTES_MAX {
        return Marks::NONE;
    }
    let mut marks = if is_sidebar(name) { Marks::FURNITURE } else { Marks::NONE };
    let mut previous: Option<Word> = None;
    let mut start = 0;
    for end in borders(name) {
        let word = Word::new(name.get(start..end).unwrap_or_default());
        start = end;
        if word.len == 0 {
            continue;
        }
        let (own, opens_pair) = WORDS.get(word.as_str()).copied().unwrap_or_default();
        marks |= own;
        if let Some(previous) = previous {
            marks |= pair(previous.as_str(), word.as_str());
        }
        previous = opens_pair.then_some(word);
    }
    marks
}

/// Whether a name is that of a sidebar, and not of something that has one (`with-sidebar`,
/// `layout-sidebar-left`).
fn is_sidebar(name: &str) -> bool {
    let mut parts = name.as_bytes().windows("sidebar".len());
    if !parts.any(|part| part.eq_ignore_ascii_case(b"sidebar")) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let beside = ["has", "with", "no", "content", "sticky", "layout", "main"];
    match name.find("sidebar") {
        Some(0) => !matches!(
            name.as_str(),
            "sidebar-left" | "sidebar-right" | "sidebar_left" | "sidebar_right"
        ),
        Some(at) => {
            at + "sidebar".len() >= name.len() && !beside.iter().any(|word| name.contains(word))
        }
        None => false,
    }
}

/// Where the words of a name end: at signs, and where a capital follows a small letter.
fn borders(name: &str) -> impl Iterator<Item = usize> + '_ {
    let bytes = name.as_bytes();
    (1..=bytes.len()).filter(move |&at| {
        let (before, after) = (bytes.get(at - 1), bytes.get(at));
        match (before, after) {
            (Some(a), Some(b)) => {
                !a.is_ascii_alphanumeric()
                    || !b.is_ascii_alphanumeric()
                    || (a.is_ascii_lowercase() && b.is_ascii_uppercase())
            }
            _ => true,
        }
    })
}

/// A short lower-case word without allocation.
#[derive(Clone, Copy, Default)]
struct Word {
    bytes: [u8; 24],
    len: usize,
}

impl Word {
    fn new(text: &str) -> Self {
        let mut word = Self::default();
        for b in text.bytes().filter(u8::is_ascii_alphanumeric) {
            let Some(place) = word.bytes.get_mut(word.len) else { return Self::default() };
            *place = b.to_ascii_lowercase();
            word.len += 1;
        }
        word
    }

    fn as_str(&self) -> &str {
        self.bytes.get(..self.len).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default()
    }
}

/// Two neighbouring words that say more together than each alone.
fn pair(first: &str, second: &str) -> Marks {
    match (first, second) {
        (
            "article" | "story" | "post" | "entry" | "content" | "main" | "text" | "rich"
            | "single" | "news" | "blog" | "body" | "detail" | "details",
            "body" | "content" | "text" | "copy" | "entry" | "article" | "story",
        ) => Marks::BODY,
        ("field", "body") | ("read", "content") | ("page", "content") => Marks::BODY,
        (
            "read" | "see" | "voir" | "lire" | "siehe",
            "more" | "also" | "next" | "aussi" | "auch",
        )
        | ("most" | "more" | "also", "read" | "viewed" | "popular" | "stories" | "news" | "from")
        | ("author", "bio" | "box" | "info" | "profile" | "card" | "description" | "about")
        | ("about", "author")
        | ("next" | "prev" | "previous", "post" | "article" | "story")
        | (
            "post" | "article" | "entry",
            "tags" | "tag" | "footer" | "nav" | "navigation" | "share",
        )
        | ("meta", "nav")
        | ("tag" | "topic" | "tags" | "topics", "list" | "links" | "cloud")
        | ("sign", "up")
        | ("call", "action")
        | ("email", "signup")
        | ("screen", "reader")
        | ("sr" | "visually", "only" | "hidden") => Marks::FURNITURE,
        // Posts of others that a story embeds.
        (
            "instagram" | "media" | "fb" | "facebook" | "tiktok" | "bluesky" | "mastodon",
            "post" | "embed",
        )
        | ("instagram", "media") => Marks::FURNITURE,
        ("sub" | "second", "title" | "headline" | "heading" | "head") => {
            Marks::STANDFIRST | Marks::STANDFIRST_PROPER
        }
        _ => Marks::NONE,
    }
}

/// What each word says, and whether it may be the first of a [`pair`].
static WORDS: LazyLock<HashMap<&'static str, (Marks, bool)>> = LazyLock::new(|| {
    let groups = [
        (FURNITURE, Marks::FURNITURE),
        (DOUBTFUL, Marks::DOUBTFUL),
        (BODY, Marks::BODY),
        (CAPTION, Marks::CAPTION),
        (HEADLINE, Marks::HEADLINE),
        (STANDFIRST, Marks::STANDFIRST),
        (STANDFIRST_PROPER, Marks(Marks::STANDFIRST.0 | Marks::STANDFIRST_PROPER.0)),
        (BYLINE, Marks::BYLINE),
        (DATE, Marks::DATE),
        (COMMENT, Marks(Marks::COMMENT.0 | Marks::FURNITURE.0)),
        (CONSENT, Marks(Marks::CONSENT.0 | Marks::FURNITURE.0)),
    ];
    let each = groups
        .iter()
        .flat_map(|(words, marks)| words.split_whitespace().map(|word| (word, (*marks, false))));
    let mut all: HashMap<_, _> = each.collect();
    for word in FIRST_OF_PAIRS.split_whitespace() {
        all.entry(word).or_default().1 = true;
    }
    all
});

/// The words that [`pair`] knows as first ones.
const FIRST_OF_PAIRS: &str = "
    article story post entry content main text rich single news blog body detail details field read page see voir
    lire siehe most more also author about next prev previous meta tag topic tags topics sign call email screen sr
    visually instagram media fb facebook tiktok bluesky mastodon sub second
";

const FURNITURE: &str = "
    tweet related relateds relatedposts relatedarticles relatedstories relatedcontent share sharing
    shares sharebar sharebox sharethis sharedaddy sharetools social socials socialmedia
    socialshare addthis addtoany shariff newsletter newsletters subscribe subscription signup
    promo promos promotion promobox marketing upsell donate donation breadcrumb breadcrumbs
    breadcrumbnav advert adverts advertisement advertisment advertising ad ads adslot adbox
    adsbygoogle banner sponsor sponsored sponsors taboola outbrain recommend recommended
    recommendation recommendations recirc recirculation trending popular mostread mostpopular
    readmore seealso morefrom morestories pagination pager paging nav navi navbar navigation
    menu submenu footer aside taglist tagcloud tags keywords authorbox authorbio bio biography
    aboutauthor tooltip printfriendly skiplink carousel slider poll quiz rating ratings vote
    votes toolbar wpcnt upprev infobox crosslinks crosslink teaserlist teasers linklist
    offscreen screenreader accessibility noprint sr empfehlungen verwandte partage partager
    similaires similar relacionados relacionadas relacionado compartir legal disclaimer
    copyright playlist followus follow emailsignup rss ticker topnews latest onward backlink
    feedback cta messenger whatsapp telegram
";

const DOUBTFUL: &str = "
    teaser teaserbox more meta metadata info infos extra box list links tools rail right
    secondary header kicker label category categories tag topics topic embed embedded gallery
    slideshow video player card cards author authors date time timestamp credit credits source
    views counter button btn note notice message error search form masthead dateline readtime
    reading correction footnote widget pullquote contact product price listing
";

const BODY: &str = "
    articlebody articletext articlecontent storybody storytext storycontent entrycontent
    postcontent postbody posttext bodytext bodycopy newstext fulltext maintext textbody
    artikeltext articulo hentry corps storytext article__body contenttext blogcontent newsbody
";

const CAPTION: &str = "
    caption captions imagecaption photocaption wpcaption legende figcaption imgcaption
    bildunterschrift bildtext photocredit imagecredit
";

const HEADLINE: &str = "
    headline title titre titel heading überschrift titulo
";

const STANDFIRST: &str = "
    summary excerpt intro lede lead teasertext abstract description leadtext introtext vorspann
";

const STANDFIRST_PROPER: &str = "
    standfirst chapo chapeau subtitle subheadline subhead subheading subline dek deck entradilla
    bajada subtitulo strapline
";

const BYLINE: &str = "
    byline bylines author authors auteur auteurs autor autoren signature writer contributor
";

const DATE: &str = "
    date dates dateline datetime time timestamp published publication pubdate postdate updated
    modified posted datum fecha horodatage
";

const CONSENT: &str = "
    cookie cookies consent gdpr onetrust cookielaw didomi usercentrics cookiebot cmplz rgpd
    popup modal overlay lightbox signin login register loginform privacy
";

const COMMENT: &str = "
    comment comments commentlist commentarea disqus respond commentaire commentaires kommentar
    kommentare comentario comentarios discussion livefyre reply replies commentform
    facebookcomments
";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Marks) {
        assert_eq!(of_name(name), expected);
    }

    #[test]
    fn names_are_read_by_their_words() {
        check("relatedArticles", Marks::FURNITURE);
        check("depeche__chapo", Marks::STANDFIRST | Marks::STANDFIRST_PROPER);
        check("article-body", Marks::BODY);
        check("commentary", Marks::NONE);
        check("wp-caption", Marks::CAPTION);
        check("ÉtéShare", Marks::FURNITURE);
        check("", Marks::NONE);
    }
}
