//! Every limit of the intake, with the reason for its value: what comes from outside is bounded here, and
//! nowhere else.
//!
//! One module a crate, in the order in which news passes them. A limit that is not about what comes in (how a
//! page is drawn, how a window remembers) stands with its work.

/// What one request may cost.
pub mod outbound {
    use std::time::Duration;

    /// How many redirects are followed. A feed that moved twice, to https and to its canonical host,
    /// needs four.
    pub const REDIRECTS_MAX: usize = 5;

    /// Longest address. The longest that browsers and servers commonly take is 8 KiB.
    pub const ADDRESS_BYTES_MAX: usize = 8 << 10;

    /// Name, connection and TLS: three lost SYN packets are repeated within seven seconds.
    pub const CONNECTION_WITHIN: Duration = Duration::from_secs(10);

    /// Until status and headers: a feed that a slow script makes takes ten seconds at times.
    pub const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(25);

    /// Between two parts of a body: a server silent for as long as this has forgotten us.
    pub const NEXT_BYTE_WITHIN: Duration = Duration::from_secs(15);

    /// Everything: the largest body at 280 kB/s, and the end of those that send a byte a second.
    pub const ANSWER_WITHIN: Duration = Duration::from_secs(60);

    /// How many idle connections are kept to one host: as many as it is asked at a time.
    pub const IDLE_CONNECTIONS_MAX: usize = 2;

    /// How long an idle connection is kept: long enough for the pages that a feed leads to, shorter
    /// than the time until its next poll.
    pub const IDLE_FOR: Duration = Duration::from_secs(30);

    /// Largest window of zstd, as a power of two: the 8 MiB that RFC 9659 sets for HTTP. The library's
    /// own limit is sixteen times that, for each connection.
    pub const ZSTD_WINDOW_LOG_MAX: u32 = 23;

    /// Working space of the brotli decoder; its window comes on top, 16 MiB at most.
    pub const BROTLI_BUFFER_BYTES: usize = 16 << 10;

    /// How much room is made at a time for a body: doubled, one at its limit would take twice of that.
    pub const GROWTH_BYTES_MAX: usize = 1 << 20;
}

/// What is asked, and how much of it at a time.
pub mod collect {
    use std::time::Duration;

    /// Largest feed: a full-text archive feed of a thousand long articles has about 10 MiB, and ten
    /// such feeds at a time still fit into a small machine.
    pub const FEED_BYTES_MAX: usize = 16 << 20;

    /// Largest page: live pages of a long day have 3 MiB; beyond that it is a download.
    pub const PAGE_BYTES_MAX: usize = 4 << 20;

    /// Largest robots.txt: RFC 9309 asks to read at least 500 KiB.
    pub const ROBOTS_BYTES_MAX: usize = 512 << 10;

    /// Rules that are kept of one file. The longest seen in the open have some hundreds; each is tried
    /// on each address.
    pub const ROBOTS_RULES_MAX: usize = 2_000;

    /// How many sites are remembered; when there are more, all are read again.
    pub const SITES_REMEMBERED: usize = 4096;

    /// How many hosts are remembered before those at rest are forgotten: more than the sources of a
    /// large desk have, so that it is rarely done.
    pub const HOSTS_REMEMBERED: usize = 4096;

    /// Requests under way at once, over all hosts. Enough that 2,000 sources a few of which hang for
    /// their whole timeout are all asked within minutes; each costs a socket and its body.
    pub const REQUESTS_MAX: usize = 32;

    /// Pages under way at once.
    pub const PAGES_MAX: usize = 16;

    /// Jobs under way at once. A source that was added just now wants hundreds of pages of one host; what
    /// waits there keeps that host's feeds waiting behind it.
    pub const JOBS_AT_ONCE: usize = 48;

    /// Longest time between two pages of one host that its robots.txt is granted: what asks for more would have
    /// the pages of a day's news fetched tomorrow.
    pub const CRAWL_DELAY_MAX: Duration = Duration::from_secs(30);

    /// Requests that an address which is tested may cost, robots.txt apart: its page, six feeds of that, six that
    /// its links lead to, ten places where feeds usually are, and some sitemaps.
    pub const DISCOVERY_REQUESTS_MAX: usize = 28;

    /// Lists of pages that one index is followed to: a large outlet has one a section, and few change within two
    /// days.
    pub const SITEMAPS_FOLLOWED_MAX: usize = 8;

    /// Pages taken of a list at a time: what a large outlet publishes in two days.
    pub const PAGES_OF_LIST_MAX: usize = 400;

    /// Pages of lists that wait for one source: more than two full lists, half an hour of one host's turns. What is
    /// beyond is named again as long as it is new.
    pub const PAGES_WAITING_MAX: usize = 1_000;

    /// Places that are tried where feeds usually are.
    pub const WELL_KNOWN_MAX: usize = 10;

    /// Sitemaps of a site that are tried when it names no feed.
    pub const SITEMAPS_TRIED_MAX: usize = 4;

    /// Items that a found source is shown with: enough to know it by.
    pub const PREVIEW_MAX: usize = 5;

    /// Feeds of one page that are tried: a page names one for each of its sections, the first is its own.
    pub const FEEDS_TRIED_MAX: usize = 6;

    /// Tries of an item's page before its teaser is taken for all there is.
    pub const PAGE_TRIES_MAX: u32 = 4;
}

/// What is read of a document. Each of them, when it is met, makes the reading say that something is missing.
pub mod formats {
    /// Where a declaration is looked for: junk before it is rarely longer than an error message.
    pub const DECLARATION_BYTES_MAX: usize = 1024;

    /// Bytes that are looked at: junk and comments before a root rarely fill a page.
    pub const SNIFF_BYTES_MAX: usize = 8192;

    /// Elements kept inside each other. The deepest real feeds, with tables in XHTML content, have
    /// about forty levels; deeper elements are left out, their text stays.
    pub const NESTING_MAX: usize = 256;

    /// Nodes of one document: a feed of 20,000 items has some 400,000, and a million take 80 MB.
    pub const NODES_MAX: usize = 1_000_000;

    /// Attributes of one element; XHTML and NewsML-G2 roots have up to twenty.
    pub const ATTRIBUTES_MAX: usize = 64;

    /// Bytes of one piece of text: no article comes near, embedded pictures do.
    pub const TEXT_BYTES_MAX: usize = 4 << 20;

    /// Namespaces in scope; an agency message declares about ten. They are searched one by one.
    pub const NAMESPACES_MAX: usize = 64;

    /// Entities that a document declares itself; beyond it they are left as written.
    pub const ENTITIES_MAX: usize = 256;

    /// Bytes of one declared entity: a character or an outlet's name.
    pub const ENTITY_BYTES_MAX: usize = 256;

    /// Bytes that may be made of each byte of a document by writing out its entities, addresses and codes: a feed
    /// that is nothing but short relative links becomes three times as long.
    pub const MADE_PER_BYTE: usize = 4;

    /// Bytes that may be made of any document, however short: a small feed may have a long base.
    pub const MADE_BYTES_MIN: usize = 4 << 20;

    /// Longest name we look up; `thetasym` has 8, and a document's own names are rarely longer.
    pub const ENTITY_NAME_BYTES_MAX: usize = 32;

    /// Longest address that is made absolute; servers refuse longer ones.
    pub const ADDRESS_BYTES_MAX: usize = 8192;

    /// Items of one document. The longest feeds seen, archives in one file, have about ten thousand.
    pub const FEED_ITEMS_MAX: usize = 20_000;

    /// Links, keywords, persons or enclosures of one item; a wire photo gallery has about a hundred.
    pub const FEED_LIST_MAX: usize = 256;

    /// What an entry of such a list takes from the account of its document: an empty `<link/>` becomes some hundred
    /// bytes of fields, and a document may have half a million.
    pub const FEED_ENTRY_BYTES: usize = 192;

    /// Longest line that is looked into for an e-mail address; a longer one is a list or a sentence.
    pub const PERSON_BYTES_MAX: usize = 512;

    /// Items of one document, as for the other formats.
    pub const JSON_ITEMS_MAX: usize = 20_000;

    /// Values inside each other; an item of ninjs with its associations has some twenty levels. The parser, which
    /// calls itself for each, refuses a document at 128.
    pub const JSON_DEPTH_MAX: usize = 100;

    /// Values of one document: a feed of 20,000 items has some 400,000, and two million take 150 MB.
    pub const JSON_VALUES_MAX: usize = 2_000_000;

    /// Values that an object or a list counts for: one with a single entry takes as much memory.
    pub const JSON_OBJECT_COST: usize = 10;

    /// Items of one message; a package of the day has a few hundred.
    pub const AGENCY_ITEMS_MAX: usize = 5_000;

    /// Values of one list of an item: subjects come with all their broader ones.
    pub const AGENCY_LIST_MAX: usize = 512;

    /// Feeds of one list; the longest published ones have a few thousand.
    pub const OUTLINES_MAX: usize = 20_000;

    /// Folders of a list inside each other; a tree of more is none that a person made.
    pub const OUTLINE_FOLDERS_MAX: usize = 16;

    /// Problems told of one list: enough to see what is wrong with it.
    pub const OUTLINE_PROBLEMS_MAX: usize = 100;

    /// Where links are looked for: they stand in the head, and heads with inlined styles are long.
    pub const DISCOVERED_BYTES_MAX: usize = 2 << 20;

    /// Feeds that one page may point to; portals list each of their sections.
    pub const DISCOVERED_LINKS_MAX: usize = 100;

    /// Longest date: `mercredi 16 septembre 2016 à 10 h 05 min 00 s, heure d'été d'Europe centrale`.
    pub const DATE_BYTES_MAX: usize = 100;

    /// Bytes of a sentence that are searched for the moment it names; an embargo with its reasons has some 300.
    pub const DATE_PHRASE_BYTES_MAX: usize = 500;

    /// Longest word of a date that is looked at; names of zones and months stay below.
    pub const DATE_WORD_BYTES_MAX: usize = 24;

    /// Problems told of one item; a broken one repeats itself.
    pub const AGENCY_PROBLEMS_MAX: usize = 24;

    /// Problems told of one message: enough to see what is wrong with a provider.
    pub const AGENCY_MESSAGE_PROBLEMS_MAX: usize = 200;

    /// Characters of a bad value that are told with its problem.
    pub const AGENCY_VALUE_CHARS_MAX: usize = 60;

    /// Children looked at for a catalog; messages name up to ten of them, and have five other parts.
    pub const AGENCY_HEAD_MAX: usize = 64;

    /// Elements around an item: its set, its message, and what an old message wraps around that.
    pub const AGENCY_AROUND_MAX: usize = 8;

    /// Elements of a message whose form is checked, each with its attributes; a package has some thousand.
    pub const AGENCY_CHECKED_MAX: usize = 50_000;

    /// Wrappings that are looked through for items of ninjs: an answer of an interface, its data, a list, an
    /// entry around each.
    pub const NINJS_WRAPPINGS_MAX: usize = 4;

    /// Associations inside associations that are looked into: a package, its text, its pictures.
    pub const NINJS_ASSOCIATIONS_DEEP_MAX: usize = 4;

    /// Bytes at the start of a text in which the header of an agency's wire message must stand.
    pub const WIRE_HEADER_BYTES_MAX: usize = 512;

    /// Bytes of a message's text in which it may name another one: the lines above it and the first sentences.
    pub const WIRE_REFERENCE_BYTES_MAX: usize = 1000;
}

/// Of texts: what is compared of two, and what is marked in one.
pub mod text {
    /// Most words and signs of each of two texts that are compared word by word: a long report has some 5,000, and the
    /// comparison grows faster than its texts. Also the most paragraphs of texts that are longer, with their ends.
    pub const DIFFERENCE_WORDS_MAX: usize = 20_000;

    /// Most figures, names and quotations that are told apart of a comparison: nobody reads more in a list.
    pub const DIFFERENCES_MAX: usize = 20;

    /// Most marks of one text; a paragraph of links to all its sources has some thirty, a page that is one paragraph some
    /// hundred. What is marked beyond is plain.
    pub const SPANS_MAX: usize = 500;

    /// Bytes of addresses that the links of one body may lead to; a long story with all its sources has some 10 kB. They are
    /// kept with every version of it, and a short address of a page may stand for a long one.
    pub const LINK_BYTES_MAX: usize = 200_000;

    /// Deepest list within lists; those of reports have three. What is deeper stands at this depth.
    pub const LIST_DEPTH_MAX: u8 = 8;
}

/// What is read of a page.
pub mod extract {
    /// Longest address of a story or a picture; those that are used have some hundred bytes, those of pictures with all
    /// their sizes a thousand.
    pub const ADDRESS_BYTES_MAX: usize = 4096;

    /// End tags beyond the elements that were opened; broken pages have some hundred. Each looks through the open elements,
    /// and `</p>` makes an element where none is open.
    pub const END_TAGS_SPARE: usize = 10_000;

    /// Longest page that is read; news pages over 5 MB carry their photographs in the markup.
    pub const PAGE_BYTES_MAX: usize = 8_000_000;

    /// Most nodes of a page. The largest news pages we have seen hold some 40,000; a page that
    /// multiplies nodes (unclosed formatting) is cut here.
    pub const NODES_MAX: usize = 300_000;

    /// Most pieces of text of a page that are judged; the longest page of 1,703 has some 2,700. Some 500 bytes are kept of
    /// each: those of a page that is nothing but paragraphs took 200 MB.
    pub const PIECES_MAX: usize = 20_000;

    /// Deepest element. Browsers stop at 512, and the tree rules look through the open elements for
    /// each tag, so that the cost of a page is its tags times this.
    pub const DEPTH_MAX: u16 = 256;

    /// Elements open at once; deeper ones are looked at by the tree builder, which has limits for them.
    pub const OPEN_MAX: usize = 64;

    /// Attributes of one tag; the tree builder has a limit for more. Also those that `html` and `body` may be given
    /// by tags that come later, each of which is compared with all before.
    pub const ATTRIBUTES_MAX: usize = 64;

    /// Most attributes of one tag. The tokenizer compares each new attribute with all before, and
    /// custom elements of real pages carry some forty.
    pub const TAG_ATTRIBUTES_MAX: usize = 500;

    /// Longest JSON-LD script that is read; the largest of a news page seen has 400 kB.
    pub const LINKED_BYTES_MAX: usize = 1_000_000;

    /// Most entries of each list kept; nobody needs the hundredth date of a page.
    pub const LIST_MAX: usize = 100;

    /// Most objects looked at; a list page names some hundred.
    pub const LINKED_OBJECTS_MAX: usize = 2_000;

    /// Most keywords and authors believed.
    pub const LINKED_NAMES_MAX: usize = 50;

    /// Most authors of an article.
    pub const AUTHORS_MAX: usize = 12;

    /// Most lines of a page that are looked at; the longest report we know has 3,000 paragraphs.
    pub const PLAIN_LINES_MAX: usize = 20_000;

    /// Most entries of a live blog; one of a whole election night had some 700.
    pub const LIVE_ENTRIES_MAX: usize = 1_000;

    /// Most bytes of scripts that are looked through for a story; the state of a news page has some 500 kB, seldom two MB.
    pub const STATE_BYTES_MAX: usize = 4_000_000;

    /// Values that a script gives to names which are looked at: a page has one to five states, its settings some more.
    pub const STATES_MAX: usize = 16;

    /// Most values of one state that are looked at; what is named twice in Nuxt's lists counts twice.
    pub const STATE_VALUES_MAX: usize = 200_000;

    /// Most texts that are compared with what the page is called.
    pub const STATE_STORIES_MAX: usize = 200;

    /// Longest text that is searched for a date; a byline with its date is shorter.
    pub const DATE_BYTES_MAX: usize = 300;
}

/// What is believed of an item that joins others.
pub mod store {
    /// Days that an item may say it is older than what it is a copy of, where it is believed at all: what papers print
    /// of an agency's text comes within a week, as the window of copies has it.
    pub const TOLD_DAYS_MAX: i64 = 7;

    /// Times that reading a delivery may end the process before it is set aside: once may be the power supply's fault.
    pub const READING_DEATHS_MAX: i64 = 2;

    /// Headlines of two days of a source that are looked at; a large agency sends some thousands.
    pub const HEADLINES_MAX: usize = 10_000;
}

/// What is kept of an item.
pub mod ingest {
    /// Hours of a wire that repair of stories looks at again: what opens two stories for one event does so in its first day.
    pub const MEND_HOURS: i64 = 48;

    /// Minutes of the wire's own time between two repairs. By deliveries and not by the clock, so that the same deliveries
    /// give the same stories.
    pub const MEND_EVERY_MINUTES: i64 = 30;

    /// Times that repair looks again at what it has mended: a merge leads on to no other in one go, and few do in two.
    pub const MEND_ROUNDS_MAX: usize = 8;

    /// Dispatches that repair looks at, the latest: two days of a wire of 2,000 a day.
    pub const MEND_DISPATCHES_MAX: usize = 4_000;

    /// Minutes after a flash in which its agency's next text goes on with it: an urgent comes within five, a text within the hour.
    pub const FLASH_MINUTES: i64 = 60;

    /// Flashes kept in mind, the latest: of an hour in which everybody sends nothing else.
    pub const FLASHES_MAX: usize = 512;

    /// Lines of a plain text in which a sentence is looked for: a text has one among its first, and a table of a
    /// million lines is told by these.
    pub const PROSE_LINES_MAX: usize = 2_000;

    /// Words of a line looked at for a sentence: it has as many at most.
    pub const PROSE_WORDS_MAX: usize = 60;

    /// Longest first line of a text that is taken for its headline.
    pub const FIRST_LINE_BYTES_MAX: usize = 240;

    /// Letters of a guid that a problem names.
    pub const TOLD_GUID_CHARS_MAX: usize = 200;

    /// Keywords kept of an item: more is a tag cloud, not a description.
    pub const KEYWORDS_MAX: usize = 20;

    /// Longest headline kept. The longest true ones are about 200 characters; a feed without titles
    /// sometimes puts the whole text there.
    pub const HEADLINE_CHARS_MAX: usize = 400;

    /// Article lines of one delivery: one with its text has 300 bytes at least, and a push 16 MB at most.
    pub const LINES_MAX: usize = 50_000;

    /// Problems told of the article lines of one delivery: a broken file has one at every line.
    pub const LINES_PROBLEMS_MAX: usize = 100;

    /// Entries remembered in all, at 8 bytes: those of 20,000 feeds. Beyond it everything is forgotten,
    /// which costs some reading.
    pub const MARKS_MAX: usize = 1_000_000;
}

/// What comes by itself: pushed, dropped, sent by a hub.
pub mod pushed {
    use std::time::Duration;

    /// Decoded bytes of one delivery: as many as of a feed that is asked for.
    pub const BODY_BYTES_MAX: usize = 16 << 20;

    /// How long a body may take to come in: the largest at 280 kB/s, as of a feed that is asked for.
    pub const BODY_WITHIN: Duration = Duration::from_secs(60);

    /// How long a body may take to begin to come in. Shorter than a turn is waited for: who waits outlasts those
    /// who only sit there.
    pub const BODY_BEGINS_WITHIN: Duration = Duration::from_secs(5);

    /// Bytes of a body that are to come in a second after that: a quarter of a megabit, as a bad telephone line.
    pub const BODY_PER_SECOND: u32 = 32_000;

    /// Bodies of pushes in memory at once: with those of hubs eight, so that they take 256 MiB at the very most, coded
    /// and decoded.
    pub const BODIES_AT_ONCE: usize = 5;

    /// Of these, one source has so many at once: a large one that is slow does not hold up its own news.
    pub const BODIES_OF_ONE: usize = 2;

    /// Bodies in memory at once of hubs that have rightly signed before for this feed. They are strangers, so they
    /// take no seat of those who hold a token; and those who never signed anything take none of theirs.
    pub const HUB_BODIES_AT_ONCE: usize = 2;

    /// Bodies in memory at once of hubs that have not signed for this feed yet: all four take no more memory than one
    /// of the others.
    pub const HUB_FIRST_BODIES_AT_ONCE: usize = 4;

    /// Bytes of such a body: some thousand entries, and one feed in a thousand is larger. What is in it is found
    /// by asking the feed.
    pub const HUB_FIRST_BYTES_MAX: usize = BODY_BYTES_MAX / HUB_FIRST_BODIES_AT_ONCE;

    /// Of either, the hubs of one domain have so many at once, and so have the feeds of one: a feed chooses its hub's
    /// address, and whoever has a domain has as many hosts in it as he likes.
    pub const HUB_BODIES_OF_ONE: usize = 1;

    /// Pushes that wait at once until they are read; each has the store looked at twenty times a second.
    pub const WAITS_AT_ONCE: usize = 64;

    /// Of these, one source has so many at once; further ones are answered without a wait.
    pub const WAITS_OF_ONE: usize = 16;

    /// How long a push waits for its turn among these before it is sent away.
    pub const TURN_WITHIN: Duration = Duration::from_secs(10);

    /// Pushes a token may make at once. A desk that comes back after an outage sends some hundred messages.
    pub const BURST: u32 = 500;

    /// Pushes a token may make a second after that: a day of a large agency (5,000 messages) in two minutes.
    pub const PER_SECOND: u32 = 50;

    /// Times a hub may send for one feed at once; a feed has no more entries than that when it begins.
    pub const HUB_BURST: u32 = 100;

    /// Times a hub may send for one feed a second after that: no feed has news faster for long.
    pub const HUB_PER_SECOND: u32 = 2;

    /// Tokens whose pace is remembered; of those at rest there is nothing to remember.
    pub const PACES_MAX: usize = 4096;

    /// Seconds to stay away that are told while nothing can be taken in: full disks are seen to by people.
    pub const RETRY_SECONDS: u32 = 30;

    /// Longest time that a push waits until its items are on the wire; taking in takes milliseconds, and
    /// programs give up after half a minute.
    pub const WAIT_MAX: Duration = Duration::from_secs(20);

    /// Bytes of an `Idempotency-Key`: a UUID has 36, a message's path some hundred.
    pub const KEY_BYTES_MAX: usize = 255;

    /// Tokens of one source: two while one takes the place of the other, and some for several desks.
    pub const TOKENS_MAX: usize = 8;

    /// Items named in one answer; the largest feeds hold some thousand.
    pub const ITEMS_TOLD_MAX: usize = 1_000;

    /// Levels of folders looked into below a watched one: service, day, desk, and one to spare.
    pub const FOLDER_DEPTH_MAX: usize = 4;

    /// Files judged in one watched folder at a time, beside those that were taken and stay: a week of a large
    /// agency. What is beyond is looked at when these are taken, and that is told.
    pub const FOLDER_FILES_MAX: usize = 20_000;

    /// Files, folders and links passed by in one look: a year of a large agency that are left there (`--after leave`).
    /// They take some seconds, and 20 MB to remember them by.
    pub const FOLDER_ENTRIES_MAX: usize = 1_000_000;

    /// Files taken at one look, so that a full folder does not keep the others waiting, and no more bytes than
    /// two of the largest.
    pub const FILES_AT_ONCE: usize = 128;

    /// Files of one name that are kept of one day; an agency that sends more names them by time.
    pub const SAME_NAME_MAX: usize = 10_000;

    /// How long a file has not changed before it is taken to be whole, where nobody says. Uploads that stall are
    /// rarely silent for longer, and news may not wait longer.
    pub const SETTLE: Duration = Duration::from_secs(3);

    /// How long a file may be empty before it is refused: servers make a file when an upload begins, and its first
    /// bytes follow within a few round trips.
    pub const EMPTY_FOR: Duration = Duration::from_secs(20);

    /// How long a file that was refused as empty is looked at still: some servers write the bytes of an upload only
    /// at its end.
    pub const EMPTY_LATE_FOR: Duration = Duration::from_secs(120);

    /// How long a file may say that another is whole which is not there, before that is told: whoever sends the
    /// other one after it does so within the day.
    pub const DONE_ALONE_FOR: Duration = Duration::from_secs(24 * 60 * 60);

    /// Longest address of a hub, or of what it is asked for, that is believed: what servers commonly take.
    pub const HUB_BYTES_MAX: usize = 2048;

    /// Lease asked of a hub; hubs cut it to what they grant, ten days mostly.
    pub const LEASE_SECONDS: u32 = 10 * 24 * 60 * 60;

    /// Shortest lease believed, so that whoever learns a callback cannot have it lapse. No hub seen grants less than
    /// an hour; what one that does stops sending is found by asking the feed.
    pub const LEASE_SECONDS_MIN: u32 = 60 * 60;

    /// Longest lease believed: beyond a month nobody knows that a hub is still there.
    pub const LEASE_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

    /// Longest challenge echoed; hubs send some 50 bytes.
    pub const CHALLENGE_BYTES_MAX: usize = 4096;

    /// Subscriptions that hubs are asked for at once, some of each hub: each waits half a minute at most for an
    /// answer, and a wire begins with thousands.
    pub const HUBS_ASKED_AT_ONCE: usize = 64;

    /// Bytes of a hub's answer that are read: a sentence on why not.
    pub const HUB_ANSWER_BYTES_MAX: usize = 64 << 10;
}

/// What comes in as archives and files.
pub mod archives {
    /// Items of one sitemap: the protocol allows a thousand with news in it, and outlets overdo it.
    pub const SITEMAP_ITEMS_MAX: usize = 20_000;

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

    /// Bytes of a message's head, which also tell it from other text: heads that are signed and forwarded several
    /// times have some 20 kB.
    pub const MAIL_HEAD_BYTES_MAX: usize = 64 * 1024;

    /// Fields of a message's head: one that was forwarded several times has some hundred.
    pub const MAIL_FIELDS_MAX: usize = 512;

    /// Authors of a message: one has one, and whoever answers for a desk a handful.
    pub const MAIL_AUTHORS_MAX: usize = 64;

    /// Bytes of the head of a part of a message: its type, its name and its coding rarely take five hundred.
    pub const MAIL_PART_HEAD_BYTES_MAX: usize = 8 * 1024;

    /// Fields of the head of a part; there are ten that mean something.
    pub const MAIL_PART_FIELDS_MAX: usize = 64;

    /// Bytes of the head of a gzip member: a name, a comment, and fields that say where records are.
    pub const GZIP_HEAD_BYTES_MAX: usize = 4096;

    /// Codings of one body inside each other: each is a pass over all of it, and servers that stack more than two
    /// are making fun of us.
    pub const CODINGS_MAX: usize = 3;

    /// Bytes unpacked in one go: what a record mostly has, so that little is held that is not read yet.
    pub const PIECE_BYTES: usize = 64 * 1024;

    /// Bytes of an archive that are read twice, because records with wrong lengths swallowed what follows them:
    /// beyond, an archive is made to be read for ever.
    pub const REREAD_BYTES_MAX: usize = 64 * 1024 * 1024;

    /// Bytes that the records of an archive may be unpacked to for each of its own: pages pack to a tenth, and lists
    /// that repeat themselves to a fiftieth.
    pub const UNPACKED_PER_BYTE: u64 = 50;

    /// The same of any archive, however short: a few large pages that pack very well.
    pub const UNPACKED_BYTES_MIN: u64 = 64 * 1024 * 1024;

    /// Problems told of one archive: a broken one has one at every record.
    pub const PROBLEMS_MAX: usize = 100;

    /// Bytes of one message: mail servers take 25 to 50 MB with all that is attached.
    pub const MAIL_BYTES_MAX: usize = 32 * 1024 * 1024;

    /// Parts of one message that are looked at; a newsletter has three, and a picture for each of its stories.
    pub const MAIL_PARTS_MAX: usize = 64;

    /// Bytes of one line of a mailbox; by the standard a line has a thousand.
    pub const LINE_BYTES_MAX: usize = 1024 * 1024;

    /// Bytes of a file that is read whole: a list of sitemaps has 50 MB by its protocol, other documents less.
    pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

    /// Folders below a given one that are looked into; deeper ones are a mistake or a loop.
    pub const IMPORT_DEPTH_MAX: usize = 16;

    /// Problems of files that one import tells; of the others, how many there are.
    pub const IMPORT_PROBLEMS_MAX: usize = 200;

    /// Bytes of article lines in one delivery, and of one line: what a transaction holds well.
    pub const IMPORT_LINES_BYTES_MAX: usize = 4 * 1024 * 1024;

    /// How deep parts are inside of each other; what a newsletter is wrapped in on its way has five layers.
    pub const MAIL_DEPTH_MAX: usize = 16;
}
