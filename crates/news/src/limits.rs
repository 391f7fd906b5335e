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

    /// Bytes of one record of an archive, and of its document once unpacked: extraction reads no more of a page.
    pub const RECORD_BYTES_MAX: usize = 8_000_000;
    /// Bytes of a record's head; the longest have an address of 8 kB in them twice.
    pub const HEAD_BYTES_MAX: usize = 64 * 1024;
    /// Bytes of the head of a gzip member: a name, a comment, and fields that say where records are.
    pub const GZIP_HEAD_BYTES_MAX: usize = 4096;
    /// Bytes unpacked in one go.
    pub const PIECE_BYTES: usize = 64 * 1024;
    /// Bytes of an archive that are read twice, because records with wrong lengths swallowed what follows them:
    /// beyond, an archive is made to be read for ever.
    pub const REREAD_BYTES_MAX: usize = 64 * 1024 * 1024;
    /// Problems told of one archive: a broken one has one at every record.
    pub const PROBLEMS_MAX: usize = 100;

    /// Bytes of one message: mail servers take 25 to 50 MB with all that is attached.
    pub const MAIL_BYTES_MAX: usize = 32 * 1024 * 1024;
    /// Parts of one message that are looked at; a newsletter has three, and a picture for each of its stories.
    pub const MAIL_PARTS_MAX: usize = 64;
    /// How deep parts are inside of each other; what a newsletter is wrapped in on its way has five layers.
    pub const MAIL_DEPTH_MAX: usize = 16;
    /// Bytes of one line of a mailbox; by the standard a line has a thousand.
    pub const LINE_BYTES_MAX: usize = 1024 * 1024;
}
