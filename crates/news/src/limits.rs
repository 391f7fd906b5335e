//! Every limit of the intake, with the reason for its value: what comes from outside is bounded here, and
//! nowhere else.
//!
//! One module a crate, in the order in which news passes them. A limit that is not about what comes in (how a
//! page is drawn, how a window remembers) stands with its work.

/// What comes in as archives and files.
pub mod archives {
    /// Bytes of a sitemap once it is unpacked: the protocol's own limit.
    pub const SITEMAP_BYTES_MAX: usize = 50 * 1024 * 1024;
    /// Pages, or sitemaps, of one sitemap: the protocol's own limit.
    pub const SITEMAP_ADDRESSES_MAX: usize = 50_000;
    /// Other languages, pictures or films of one page of a sitemap; the protocol allows a thousand pictures, no
    /// article has a hundred.
    pub const SITEMAP_LIST_MAX: usize = 100;
    /// Keywords of one piece of news in a sitemap; the protocol asks for ten at most.
    pub const SITEMAP_KEYWORDS_MAX: usize = 256;
}
