//! Everything in `fixtures/hostile/payloads.txt`, in everything that can carry it: nothing of it is left that a
//! page could run, load or send.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use depeche_ingest::Ingest;
use depeche_news::{
    Article, Block, Delivery, DeliveryKind, Item, SourceVisibility, Validators, Viewer,
    jiff::Timestamp,
};
use depeche_store::{NewSource, SourceKind, Store};

/// The payloads with their class.
fn payloads() -> Vec<(&'static str, &'static str)> {
    let text = include_str!("../../../fixtures/hostile/payloads.txt");
    let mut class = "";
    let mut payloads = Vec::new();
    // The first lines say what the file is.
    for line in text.lines().skip(2) {
        match line.strip_prefix("# ") {
            Some(name) => class = name,
            None => payloads.push((class, line)),
        }
    }
    payloads
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// Addresses as the payload may stand in for one.
fn address(payload: &str) -> String {
    let quoted = payload.split(['"', '\'']).nth(1).unwrap_or(payload);
    escaped(quoted)
}

const TEXT: &str =
    "Le niveau du fleuve est redescendu mardi sous la cote d'alerte, a annoncé la préfecture.";

/// One document a carrier, its entries all of the payload.
fn carriers(n: usize, payload: &str) -> Vec<(DeliveryKind, String)> {
    let (html, raw, link) = (escaped(payload), payload, address(payload));
    let boxed = cdata(payload);
    let rss = format!(
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><title>{boxed}</title>\
         <item><guid>r{n}</guid><title>{boxed}</title><link>{link}</link><author>{boxed}</author>\
         <category>{boxed}</category><description>{html}</description>\
         <content:encoded>{}</content:encoded><enclosure url=\"{link}\" type='image/png'/>\
         <media:content url=\"{link}\" medium='image'><media:description>{boxed}</media:description>\
         <media:credit>{boxed}</media:credit></media:content><source url=\"{link}\">{boxed}</source></item>\
         <item><guid>s{n}</guid><title>Titre {n}</title><description>{}</description></item></channel></rss>",
        cdata(&format!("<p>{TEXT}</p>{payload}<p>Suite {n}.</p>")),
        cdata(payload),
    );
    let atom = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>{html}</title>\
         <entry><id>a{n}</id><title type='text'>{html}</title><link href=\"{link}\"/>\
         <author><name>{html}</name><uri>{link}</uri></author><category term=\"{html}\"/>\
         <summary type='html'>{html}</summary><content type='html'>{html}</content></entry>\
         <entry><id>b{n}</id><title>Titre {n}</title><content type='xhtml'>\
         <div xmlns='http://www.w3.org/1999/xhtml'><p>{TEXT}</p>{raw}<p>Suite.</p></div></content></entry></feed>",
    );
    let json = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1", "title": payload,
        "items": [{"id": format!("j{n}"), "title": payload, "url": payload, "image": payload,
            "summary": payload, "content_html": format!("<p>{TEXT}</p>{payload}"),
            "authors": [{"name": payload, "url": payload}], "tags": [payload]},
            {"id": format!("k{n}"), "title": "t", "content_text": payload}],
    });
    let nitf = format!(
        "<nitf><head><title>{html}</title><docdata><doc-id id-string='n{n}'/></docdata></head><body>\
         <body.head><hedline><hl1>{raw}</hl1></hedline><byline>{raw}</byline><dateline>{raw}</dateline></body.head>\
         <body.content><p>{TEXT}</p><block>{raw}</block><media media-type='image'>\
         <media-reference source=\"{link}\"/><media-caption>{raw}</media-caption></media></body.content></body></nitf>",
    );
    let page = format!(
        "<html><head><title>{raw}</title><meta property='og:image' content=\"{link}\">\
         <link rel=canonical href=\"{link}\"></head><body><article><h1>Titre {n}</h1><p>{TEXT}</p>{raw}<p>{TEXT}</p>\
         </article></body></html>",
    );
    let feeds = [rss, atom, json.to_string(), nitf].map(|body| (DeliveryKind::Feed, body));
    feeds.into_iter().chain([(DeliveryKind::Loose, page)]).collect()
}

/// All items that came of these documents.
fn taken_in(documents: Vec<(DeliveryKind, String)>) -> Vec<Item> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now: Timestamp = "2016-02-11T16:00:00Z".parse().unwrap();
    let mut ingest = Ingest::start(&store, now).unwrap().unwrap();
    let new = NewSource {
        address: "https://a.example/fil".to_owned(),
        name: None,
        language: None,
        visibility: SourceVisibility::Shared,
        kind: SourceKind::Feed,
    };
    let (source, _) = store.add_source(new, now).wait().unwrap();
    for (n, (kind, body)) in documents.into_iter().enumerate() {
        let delivery = Delivery {
            source: source.clone(),
            kind,
            address: format!("https://a.example/{n}"),
            headers: Vec::new(),
            body: body.into_bytes(),
            received_at: now,
            backfill: false,
            validators: Validators::default(),
        };
        store.record(delivery).wait().unwrap();
    }
    while ingest.work(now, || true).unwrap() > 0 {}
    let mut ids = Vec::new();
    store.each_item(Viewer::Administrator, now, |line| ids.push(line.id)).unwrap();
    ids.iter().map(|id| store.item(id).unwrap().expect("an item of the list")).collect()
}

/// An address that a page may link to or name: one of the web, however it is written.
#[track_caller]
fn harmless(address: &str, item: &Item) {
    let parsed = url::Url::parse(address);
    let of_web = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    assert!(of_web && address.starts_with("http"), "{address:?} of {:?}", item.guid);
}

fn pictures(article: &Article) -> impl Iterator<Item = &str> {
    let shown = article.body.iter().filter_map(|block| match block {
        Block::Image(image) => Some(image),
        _ => None,
    });
    article.image.iter().chain(shown).map(|image| image.address.as_str())
}

#[test]
fn no_payload_is_active_in_any_carrier() {
    let payloads = payloads();
    assert!(payloads.len() >= 200, "only {}", payloads.len());
    let documents: Vec<_> =
        payloads.iter().enumerate().flat_map(|(n, (_, payload))| carriers(n, payload)).collect();
    let items = taken_in(documents);
    assert!(items.len() > payloads.len() * 5, "only {} items", items.len());
    for item in &items {
        item.address.iter().for_each(|address| harmless(address, item));
        item.article.address.iter().for_each(|address| harmless(address, item));
        pictures(&item.article).for_each(|address| harmless(address, item));
    }
}

/// Classes whose payloads are markup and nothing else: taken for that, they leave no word of theirs.
const MARKUP: [&str; 6] =
    ["script", "handlers", "javascript: in every notation", "data:", "SVG", "style"];

/// What HTML itself says is text.
const TEXT_IN_HTML: [&str; 4] = ["<scr<script>ipt", "<xmp>", "<plaintext>", "<x:script"];

#[test]
fn what_is_markup_is_not_shown_as_text() {
    let markup = payloads().into_iter().filter(|(class, _)| MARKUP.contains(class));
    for (class, payload) in markup {
        let html = format!("<p>{TEXT}</p>{payload}");
        let read = depeche_extract::body_of_entry("Titre", None, Some(&html), None);
        let blocks = read.body.iter().map(Block::text);
        let text: String = read.standfirst.into_iter().chain(blocks).collect();
        assert!(text.contains(TEXT), "{class}: {payload} took the text with it");
        let is_text = TEXT_IN_HTML.iter().any(|start| payload.starts_with(start));
        assert_eq!(text.contains("pwned"), is_text, "{class}: {payload} gave {text}");
    }
}
