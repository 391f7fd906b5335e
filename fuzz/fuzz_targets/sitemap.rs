#![no_main]
//! Sitemaps and indexes of them, and lists of subscriptions written again.

use depeche_formats::{Hints, opml, sitemap};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let map = sitemap(bytes, &Hints { base: Some("https://a.example/plan.xml"), ..Hints::default() });
    assert_eq!(map.incomplete, map.problems.iter().any(|problem| problem.word == "incomplete"));
    let list = opml::read(bytes);
    let again = opml::read(opml::write("x", &list.outlines).as_bytes());
    assert_eq!(again.outlines.len(), list.outlines.len());
});
