//! Whatever comes from the network: no panic, and no page that takes long.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::{Duration, Instant};

use depeche_extract::{Hints, article, body_of_entry, fragment, plain};
use proptest::prelude::*;

/// What a hostile page of a megabyte may take, in a debug build on a busy machine. A quadratic
/// step on such a page takes minutes.
const PATIENCE: Duration = Duration::from_secs(20);

fn read_all_ways(bytes: &[u8]) {
    let hints = Hints { address: Some("https://a.example/un"), ..Hints::default() };
    let text = String::from_utf8_lossy(bytes);
    let _ = (article(bytes, &hints), depeche_extract::any(bytes, &hints), plain(&text, &hints));
    let told = depeche_extract::explained(bytes, &hints);
    assert!(told.blocks.iter().all(|block| !block.reasons.is_empty()));
    let _ = fragment(&text, Some("https://a.example/"));
    let _ = body_of_entry("Titre", Some(&text), Some(&text), None);
}

#[track_caller]
fn is_fast(page: &str) {
    let start = Instant::now();
    let _ = article(page.as_bytes(), &Hints::default());
    assert!(start.elapsed() < PATIENCE, "article took {:?}", start.elapsed());
    let start = Instant::now();
    let _ = depeche_extract::explained(page.as_bytes(), &Hints::default());
    assert!(start.elapsed() < PATIENCE, "explained took {:?}", start.elapsed());
    let start = Instant::now();
    let _ = (plain(page, &Hints::default()), fragment(page, None));
    assert!(start.elapsed() < PATIENCE, "plain and fragment took {:?}", start.elapsed());
}

#[test]
fn hostile_pages_are_fast() {
    is_fast(&"<div>".repeat(100_000));
    is_fast(&format!("{}un{}", "<div>".repeat(100_000), "</div>".repeat(100_000)));
    is_fast(&"<".repeat(1_000_000));
    is_fast(&format!("<a{}>", " x".repeat(500_000)));
    is_fast(&"<!doctype>".repeat(100_000));
    is_fast(&"&".repeat(1_000_000));
    is_fast(&"<svg><![CDATA[\0]]>".repeat(60_000));
    is_fast(&format!("<title>{}", "</titl".repeat(170_000)));
    is_fast(&format!("<script><!--{}", "<script>-".repeat(110_000)));
    is_fast(&(0..60_000).map(|i| format!("<p a{i}=1>x")).collect::<String>());
    is_fast(&(0..20_000).map(|i| format!("<b id={i}><p>")).collect::<String>());
    is_fast(&"<table><tr><td>".repeat(30_000));
    is_fast(&format!("<title>{}", "un | ".repeat(200_000)));
    let crumb = format!("{}<svg>{}", "<div class=breadcrumb>".repeat(200), "<a>".repeat(40));
    is_fast(&format!("{}{}", crumb, "un mot ".repeat(140_000)));
    is_fast(&format!("{}{}", "<b><i>".repeat(120), "La crue recule.<br><br>".repeat(40_000)));
    let quoted = "<li>un<blockquote>deux</blockquote>".repeat(8_000);
    is_fast(&format!("<ol>{quoted}{}</ol>", "<li>".repeat(180_000)));
    is_fast(&"<p>Le début d'une phrase assez longue qui est coupée...".repeat(15_000));
    is_fast(&format!("<script type=application/ld+json>{}</script>", "[".repeat(900_000)));
    let script = |text: &str| format!("<title>Un titre de page</title><script>{text}</script>");
    is_fast(&script(&format!("x={}", "[".repeat(900_000))));
    is_fast(&script(&"a={\"b\":".repeat(120_000)));
    is_fast(&script(&"JSON.parse(\"".repeat(80_000)));
    is_fast(&script(&"('a,\"b(`".repeat(120_000)));
    is_fast(&script(&format!("a={}", "\\\"".repeat(400_000))));
    is_fast(&script(&format!("self.__next_f.push([1,{:?}])", "1:T9,".repeat(180_000))));
    is_fast(&script(&format!("self.__next_f.push([1,{:?}])", "\n".repeat(900_000) + ":")));
    is_fast(&script(&format!("self.__next_f.push([1,{:?}])", "1:T\n".repeat(220_000) + ",")));
    let keys: String = (0..20_000).map(|key| format!("\"body{key}\":\"$1\",")).collect();
    let told = "Une phrase de la rivière qui monte. ".repeat(10_000);
    let rows = format!("1:T{:x},{told}2:{{{keys}\"a\":1}}\n", told.len());
    is_fast(&script(&format!("self.__next_f.push([1,{rows:?}])")));
    let nuxt = |list: &str| {
        format!(
            "<title>Un titre</title><script id=__NUXT_DATA__ type=application/json>[{list}]</script>"
        )
    };
    is_fast(&nuxt(&format!("[{}0]", "0,".repeat(20_000))));
    is_fast(&nuxt(&format!("[{}1],\"{}\"", "1,".repeat(20_000), "x".repeat(200_000))));
    let places: Vec<String> = (0..60_000).map(|at| format!("[{},{0},{0}]", at + 1)).collect();
    is_fast(&format!(
        "<script type=application/json id=__NUXT_DATA__>[{}]</script>",
        places.join(",")
    ));
    is_fast(&"<h1>Un titre assez long pour en être un</h1>".repeat(20_000));
    is_fast(&"mot ".repeat(250_000));
    is_fast(&format!("<article><h1>T</h1>{}</article>", "mot<br>".repeat(140_000)));
    is_fast(&format!("<article><h1>T</h1>{}</article>", "mot <i>a</i><br>".repeat(60_000)));
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pages");
    std::fs::read(folder.join(format!("{name}.html"))).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_all_ways(&bytes);
    }

    #[test]
    fn tag_soup_never_panics(soup in "(<(/)?(p|div|table|td|b|a|h1|ul|li|script|time|svg|template)( (class|id|href|datetime)=[a-z\"0-9-]{0,8})?>|[a-zé.…&;\u{202f} ]{0,12}){0,60}") {
        read_all_ways(soup.as_bytes());
    }

    #[test]
    fn mutated_pages_never_panic(
        name in prop::sample::select(vec!["chapo-repete", "graph-json-ld", "microdonnees", "deux-colonnes"]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut page = fixture(name);
        for (at, byte) in changes {
            let at = at.index(page.len());
            page[at] = byte;
        }
        page.truncate(cut.index(page.len()) + 1);
        read_all_ways(&page);
    }
}
