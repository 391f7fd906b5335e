//! Which vocabulary an element belongs to, by its namespace or, where none is declared, its prefix.

/// The vocabularies we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespace {
    /// RSS of any version, Atom of any version, none at all: their names do not collide.
    Core,
    /// RDF itself.
    Rdf,
    /// Dublin Core elements.
    Dublin,
    /// Dublin Core terms.
    Terms,
    /// `content:encoded`.
    Content,
    /// Media RSS.
    Media,
    /// Podcasts.
    Itunes,
    /// How often a feed is updated.
    Syndication,
    /// Places, in any of their dialects.
    Georss,
    /// Answers to other items.
    Thread,
    /// XHTML.
    Xhtml,
    /// SVG.
    Svg,
    /// MathML.
    MathMl,
    /// `NewsML-G2`.
    Newsml,
    /// Nothing we know.
    Other,
}

/// Parts of the addresses that name a vocabulary, most specific first. Feeds write them with every
/// mistake (case, missing slash, `https`), so that only the telling part is compared.
const BY_ADDRESS: [(&str, Namespace); 26] = [
    ("purl.org/rss/1.0/modules/content", Namespace::Content),
    ("purl.org/rss/1.0/modules/syndication", Namespace::Syndication),
    ("purl.org/rss/1.0/modules/", Namespace::Other),
    ("purl.org/rss/", Namespace::Core),
    ("purl.org/net/rss1.1", Namespace::Core),
    ("purl.org/atom/ns", Namespace::Core),
    ("www.w3.org/2005/atom", Namespace::Core),
    ("netscape.com/rdf/", Namespace::Core),
    ("netscape.com/rss", Namespace::Core),
    ("backend.userland.com/", Namespace::Core),
    ("harvard.edu/tech/rss", Namespace::Core),
    ("cyber.law.harvard.edu/rss", Namespace::Core),
    ("1999/02/22-rdf-syntax-ns", Namespace::Rdf),
    ("purl.org/dc/elements/", Namespace::Dublin),
    ("purl.org/dc/terms", Namespace::Terms),
    ("search.yahoo.com/mrss", Namespace::Media),
    ("itunes.com/", Namespace::Itunes),
    ("georss.org/georss", Namespace::Georss),
    ("www.w3.org/2003/01/geo", Namespace::Georss),
    ("purl.org/syndication/thread", Namespace::Thread),
    ("www.w3.org/1999/xhtml", Namespace::Xhtml),
    ("www.w3.org/2000/svg", Namespace::Svg),
    ("www.w3.org/1998/math", Namespace::MathMl),
    ("iptc.org/std/nar/", Namespace::Newsml),
    ("iptc.org/std/nitf", Namespace::Xhtml),
    ("my.netscape.com/", Namespace::Core),
];

impl Namespace {
    /// The vocabulary that `address` names.
    pub(crate) fn of_address(address: &str) -> Self {
        let address = address.trim().to_ascii_lowercase();
        if address.is_empty() {
            return Self::Core;
        }
        let known = BY_ADDRESS.iter().find(|(part, _)| address.contains(part));
        known.map_or(Self::Other, |(_, namespace)| *namespace)
    }

    /// The vocabulary that everybody means by `prefix`, for documents that forgot to declare it.
    pub(crate) fn of_prefix(prefix: &str) -> Self {
        let is = |name: &str| prefix.eq_ignore_ascii_case(name);
        match prefix {
            _ if is("") || is("rss") || is("atom") || is("atom10") || is("a10") => Self::Core,
            _ if is("rdf") => Self::Rdf,
            _ if is("dc") => Self::Dublin,
            _ if is("dcterms") => Self::Terms,
            _ if is("content") => Self::Content,
            _ if is("media") => Self::Media,
            _ if is("itunes") => Self::Itunes,
            _ if is("georss") || is("geo") => Self::Georss,
            _ if is("thr") => Self::Thread,
            _ if is("sy") => Self::Syndication,
            _ if is("xhtml") || is("html") => Self::Xhtml,
            _ => Self::Other,
        }
    }
}
