//! Words of the main languages of the news that must find each other, and such that must not,
//! through a real index.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use depeche_news::{DispatchId, ItemId, SourceId, Viewer, jiff::Timestamp};
use depeche_search::{About, Change, Index, Marker, Paper, Query, Reader, Scope, highlight};

/// A paper in `language` that says `body`, named by its number.
fn paper(number: usize, language: &str, body: &str) -> Paper {
    let source = SourceId::of_address("https://fil.example/rss");
    let name = number.to_string();
    let item = ItemId::new(&source, Some(&name), None, "");
    Paper {
        external: Some(name),
        dispatch: DispatchId::from(&item),
        item,
        source,
        private: false,
        headline: String::new(),
        credit: String::new(),
        standfirst: String::new(),
        byline: String::new(),
        body: body.to_owned(),
        language: Some(language.to_owned()),
        about: About::default(),
        at: Timestamp::from_second(1_455_000_000).unwrap(),
        seq: 1,
    }
}

fn filled(papers: &[(&str, &str)]) -> (tempfile::TempDir, Reader) {
    let folder = tempfile::tempdir().unwrap();
    let mut index = Index::open(folder.path()).unwrap().index;
    let papers = papers.iter().enumerate();
    let papers = papers.map(|(number, (language, body))| paper(number, language, body));
    index.apply(&papers.map(Change::Put).collect::<Vec<_>>()).unwrap();
    index.commit(1, 1).unwrap();
    let reader = index.reader().unwrap();
    (folder, reader)
}

/// The numbers of the papers a query finds, in order.
fn found(reader: &Reader, query: &str) -> Vec<usize> {
    let scope = Scope { limit: 1_000, with_external: true, ..Scope::new(Viewer::Reader) };
    let hits = reader.search(&Query::parse(query), &scope).unwrap().hits;
    let mut found: Vec<_> =
        hits.into_iter().map(|hit| hit.external.unwrap().parse().unwrap()).collect();
    found.sort_unstable();
    found
}

/// The language and two spellings, forms or parts of a text.
type Pair<'a> = (&'a str, &'a str, &'a str);

/// Every spelling finds the other one, in an index that holds all of them.
#[track_caller]
fn meet(pairs: &[Pair<'_>]) {
    let papers: Vec<_> =
        pairs.iter().flat_map(|(language, a, b)| [(*language, *a), (*language, *b)]).collect();
    let (_folder, reader) = filled(&papers);
    let mut missed = Vec::new();
    for (number, (language, a, b)) in pairs.iter().enumerate() {
        for (query, other) in [(a, number * 2 + 1), (b, number * 2)] {
            if !found(&reader, query).contains(&other) {
                missed.push(format!("{language}: {query} of {a}, {b}"));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// No query finds the text beside it.
#[track_caller]
fn part(pairs: &[Pair<'_>]) {
    let papers: Vec<_> = pairs.iter().map(|(language, text, _)| (*language, *text)).collect();
    let (_folder, reader) = filled(&papers);
    let mut wrong = Vec::new();
    for (number, (language, text, query)) in pairs.iter().enumerate() {
        if found(&reader, query).contains(&number) {
            wrong.push(format!("{language}: {query} finds {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn spellings_of_french() {
    let groups: &[&[&str]] = &[
        &["OTAN", "Otan", "l'Otan", "l’OTAN", "O.T.A.N."],
        &["État", "Etat", "ÉTATS", "l’état", "e\u{301}tat"],
        &["cœur", "coeur", "CŒURS"],
        &["journal", "journaux"],
        &["aujourd'hui", "aujourd’hui", "AUJOURD'HUI"],
        &["porte-avions", "porte avions", "porteavions", "Porte‑avions"],
        &["week-end", "weekend", "week end"],
        &["e-mail", "email"],
        &["Covid-19", "covid19"],
        &["anti-terroriste", "antiterroriste"],
        &["14,2", "14.2"],
        &["1 000", "1000", "1\u{a0}000", "1.000", "1\u{202f}000"],
        &["24 500 000", "24500000"],
    ];
    let pairs: Vec<_> = groups
        .iter()
        .flat_map(|group| group.iter().flat_map(|a| group.iter().map(|b| ("fr", *a, *b))))
        .collect();
    meet(&pairs);
}

#[test]
fn forms_of_a_word_in_european_languages() {
    meet(&[
        ("fr", "préfètes", "PRÉFÈTE"),
        ("en", "elections", "Election"),
        ("en", "running", "runs"),
        ("en", "e-mail", "emails"),
        ("de", "Wahlen", "Wahl"),
        ("de", "Häuser", "Haus"),
        ("de", "München", "Muenchen"),
        ("de", "Straße", "Strasse"),
        ("de", "Corona-Krise", "Coronakrise"),
        ("es", "elecciones", "elección"),
        ("es", "presidenciales", "presidencial"),
        ("it", "dell'Unione", "unione"),
        ("it", "governi", "governo"),
        ("it", "città", "citta"),
        ("pt", "eleições", "eleição"),
        ("pt", "governos", "governo"),
        ("nl", "verkiezingen", "verkiezing"),
        ("nl", "regeringen", "regering"),
        ("pl", "rządu", "rząd"),
        ("pl", "wyborów", "wybory"),
        ("sv", "regeringen", "regering"),
        ("sv", "valen", "val"),
        ("da", "valgene", "valget"),
        ("nb", "regjeringen", "regjering"),
        ("fi", "hallituksen", "hallitukset"),
        ("hu", "választások", "választás"),
        ("ro", "alegerile", "alegeri"),
        ("ro", "guvernului", "guvernul"),
        ("cs", "vlády", "vláda"),
        ("tr", "İstanbul'da", "istanbul"),
        ("tr", "seçimler", "seçimleri"),
        ("ru", "правительства", "правительство"),
        ("ru", "президентов", "президент"),
        ("ru", "Королёв", "Королев"),
        ("uk", "вибори", "виборів"),
        ("uk", "президента", "президент"),
        ("el", "κυβέρνηση", "ΚΥΒΕΡΝΗΣΗ"),
        ("el", "εκλογές", "εκλογών"),
        ("el", "Αθήνας", "Αθήνα"),
    ]);
}

#[test]
fn who_types_without_accents_finds() {
    meet(&[
        ("de", "Häuser", "hauser"),
        ("es", "elección", "eleccion"),
        ("pt", "eleições", "eleicoes"),
        ("pl", "rządu", "rzadu"),
        ("ro", "alegeri locale în București", "bucuresti"),
        ("cs", "vláda", "vlada"),
        ("hu", "választások", "valasztasok"),
        ("tr", "seçimler", "secimler"),
        ("sv", "världen", "varlden"),
    ]);
}

#[test]
fn arabic_and_the_scripts_of_the_east() {
    meet(&[
        ("ar", "الحكومة", "حكومة"),
        ("ar", "أحمد", "احمد"),
        ("ar", "محـمد", "مُحَمَّد"),
        ("ar", "الانتخابات", "انتخابات"),
        ("zh", "中华人民共和国主席在北京会见了法国总统", "北京"),
        ("zh", "中华人民共和国主席在北京会见了法国总统", "法国"),
        ("zh", "特朗普宣布对中国商品加征关税", "特朗普"),
        ("zh-Hant", "國際貨幣基金組織警告", "基金"),
        ("zh", "ＮＡＴＯ峰会", "nato"),
        ("ja", "日本の首相は東京で記者会見を行った", "東京"),
        ("ja", "日本の首相は東京で記者会見を行った", "首相"),
        ("ja", "サーバー", "サーバ"),
        ("ja", "ﾊﾟｽﾎﾟｰﾄ", "パスポート"),
        ("ko", "대통령은 서울에서 말했다", "대통령"),
        ("ko", "대통령은 서울에서 말했다", "서울"),
        ("ko", "정부의", "정부가"),
        ("th", "นายกรัฐมนตรีไทยแถลงข่าวที่กรุงเทพ", "กรุงเทพ"),
        ("hi", "हिन्दी समाचार", "समाचार"),
    ]);
}

#[test]
fn words_that_are_not_the_same() {
    part(&[
        ("fr", "Le porte-voix et les avions", "porteavions"),
        ("fr", "La France en 1 500", "1000"),
        ("de", "Die Wahl", "Wal"),
        ("en", "news", "newt"),
        ("es", "casa", "queso"),
        ("it", "porto", "governo"),
        ("ru", "город", "горох"),
        ("zh", "日本首相", "北京"),
        ("ja", "バス", "パス"),
        ("ko", "한국", "한글"),
        ("th", "ไทย", "ลาว"),
        ("hi", "हिन्दी", "हद"),
    ]);
}

#[test]
fn a_phrase_keeps_its_places() {
    let (_folder, reader) = filled(&[
        ("fr", "Le porte-avions français appareille"),
        ("fr", "Des avions français"),
        ("zh", "中国商品加征关税"),
        ("ru", "Президента России встретили"),
    ]);
    for (query, expected) in [
        ("\"porte-avions français\"", vec![0]),
        ("\"avions français\"", vec![0, 1]),
        ("\"中国商品\"", vec![2]),
        ("国商", vec![2]),
        ("\"президент россия\"", vec![3]),
        ("\"россия президент\"", vec![]),
    ] {
        assert_eq!(found(&reader, query), expected, "{query}");
    }
}

#[track_caller]
fn marks(text: &str, query: &str, expected: &str) {
    let ranges = highlight(text, &Query::parse(query));
    let found: Vec<_> = ranges.into_iter().map(|range| &text[range]).collect();
    assert_eq!(found.join(" "), expected, "{query}");
}

#[test]
fn marks_in_every_language() {
    marks("Указ президента опубликован", "президент", "президента");
    marks("中华人民共和国主席在北京会见了法国总统", "北京 总统", "北京 总统");
    marks("会见了法国总统", "法国", "法国");
    marks("北京大学生", "大学", "大学");
    marks("特朗普宣布", "特朗普", "特 朗 普");
    marks("대통령은 서울에서 말했다", "서울", "서울에서");
    marks("قالت الحكومة", "حكومة", "الحكومة");
    marks("Die Häuser in München", "haus muenchen", "Häuser München");
    marks("Le porte-avions, le week-end", "porteavions weekend", "porte-avions week-end");
    marks("Le weekend", "week-end", "weekend");
    marks("En İstanbul'da", "istanbul", "İstanbul'da");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]

    /// Whatever the language is said to be and whatever the text is.
    #[test]
    fn no_text_panics(
        texts in proptest::collection::vec(
            ("\\PC{0,60}|[あ-ん一-龥ก-๛가-힣ء-يа-яёA-Zİıß' .,0-9-]{0,60}", 0usize..24), 12),
        query in "[あ-ん一-龥ก-๛가-힣ء-يа-яёA-Zİıß' .,0-9-]{0,30}",
    ) {
        const TAGS: [&str; 24] = [
            "fr", "en", "de", "es", "it", "pt", "nl", "pl", "sv", "da", "no", "fi", "hu", "ro",
            "cs", "tr", "ru", "uk", "el", "ar", "zh", "ja", "ko", "und",
        ];
        let papers: Vec<_> = texts.iter().map(|(text, tag)| (TAGS[*tag], text.as_str())).collect();
        let (_folder, reader) = filled(&papers);
        for query in texts.iter().map(|(text, _)| text).chain([&query]) {
            found(&reader, query);
            for (text, _) in &texts {
                highlight(text, &Query::plain(query));
                Marker::new(&Query::plain(query)).passage(text, None, 30);
            }
        }
    }
}
