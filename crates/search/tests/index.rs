//! The index on a real disk: what is found, by whom, in which order, and what survives.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, io::Write as _, path::Path};

use depeche_news::{DispatchId, ItemId, SourceId, Viewer, jiff::Timestamp};
use depeche_search::{About, Change, Hits, Index, Order, Paper, Query, Reader, Scope};

const DAY: i64 = 86_400;

fn source() -> SourceId {
    SourceId::of_address("https://fil.example/rss")
}

fn item(name: &str) -> ItemId {
    ItemId::new(&source(), Some(name), None, "")
}

/// An item named `name` that says `body`, `day` days after the first.
fn paper(name: &str, body: &str, day: i64) -> Paper {
    Paper {
        item: item(name),
        external: Some(name.to_owned()),
        dispatch: DispatchId::from(&item(name)),
        source: source(),
        private: false,
        headline: String::new(),
        credit: String::new(),
        standfirst: String::new(),
        byline: String::new(),
        body: body.to_owned(),
        language: Some("fr".to_owned()),
        about: About::default(),
        at: Timestamp::from_second(1_455_000_000 + day * DAY).unwrap(),
        seq: 1,
    }
}

fn english(name: &str, body: &str) -> Paper {
    Paper { language: Some("en".to_owned()), ..paper(name, body, 0) }
}

/// A folder with an index of `papers`.
fn filled(papers: Vec<Paper>) -> (tempfile::TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let mut index = Index::open(folder.path()).unwrap().index;
    index.apply(&papers.into_iter().map(Change::Put).collect::<Vec<_>>()).unwrap();
    index.commit(1, 1).unwrap();
    (folder, index)
}

fn search(reader: &Reader, query: &str, scope: &Scope<'_>) -> Hits {
    let scope = Scope { with_external: true, ..scope.clone() };
    reader.search(&Query::parse(query), &scope).unwrap()
}

fn names(hits: Hits) -> String {
    hits.hits.into_iter().map(|hit| hit.external.unwrap()).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn finds(reader: &Reader, query: &str, expected: &str) {
    assert_eq!(names(search(reader, query, &Scope::new(Viewer::Reader))), expected, "{query}");
}

/// One document is found by a query, and so are both when their roles are exchanged.
#[track_caller]
fn same(a: &str, b: &str) {
    let (_folder, index) =
        filled(vec![paper("a", a, 0), paper("b", b, 0), paper("x", "Rien de tout cela", 0)]);
    let reader = index.reader().unwrap();
    for query in [a, b] {
        assert_eq!(search(&reader, query, &Scope::new(Viewer::Reader)).total, 2, "{query}");
    }
}

#[test]
fn spellings_that_are_the_same_word() {
    same("prefete", "préfète");
    same("Préfètes", "PRÉFÈTE");
    same("prefete", "PRÉFÈTES");
    same("otan", "O.T.A.N.");
    same("OTAN", "l'Otan");
    same("l’Otan", "L'OTAN");
    same("coalitions", "coalition");
    same("Etat islamique", "État islamique");
    same("ÉTATS", "etat");
    same("cœur", "COEUR");
    same("journaux", "journal");
    same("chevaux", "cheval");
    same("aujourd'hui", "Aujourd’hui");
    same("porte-avions", "porte avion");
    same("e\u{301}te\u{301}", "été");
    same("Raqa", "Rakka");
    same("Mossoul", "Mosul");
    same("Daech", "daesh");
    same("Kyiv", "Kiev");
}

#[test]
fn words_that_other_stop_lists_lose_are_found() {
    let texts = ["Les avions décollent", "Un été pluvieux", "À l'est du pays", "De fortes sommes"];
    let papers = ["avions", "ete", "est", "sommes"].iter().zip(texts);
    let (_folder, index) = filled(papers.map(|(name, text)| paper(name, text, 0)).collect());
    let reader = index.reader().unwrap();
    finds(&reader, "avions", "avions");
    finds(&reader, "été", "ete");
    finds(&reader, "est", "est");
    finds(&reader, "sommes", "sommes");
    finds(&reader, "les", "");
}

#[test]
fn languages_have_their_stems() {
    let (_folder, index) = filled(vec![
        english("run", "The running mate"),
        Paper {
            language: Some("de".to_owned()), ..paper("wahl", "Die Präsidentschaftswahlen", 0)
        },
        Paper { language: Some("zh".to_owned()), ..paper("zh", "北京 天气", 0) },
    ]);
    let reader = index.reader().unwrap();
    finds(&reader, "runs", "run");
    finds(&reader, "prasidentschaftswahlen", "wahl");
    finds(&reader, "北京", "zh");
}

#[test]
fn what_a_reader_mistyped_is_guessed() {
    let (_folder, index) = filled(vec![
        paper("mouvement", "Le mouvement gagne les lycées", 0),
        paper("ecologie", "Le budget de l'écologie", 0),
    ]);
    let reader = index.reader().unwrap();
    finds(&reader, "mouvemnt", "mouvement");
    finds(&reader, "lecologie", "ecologie");
    finds(&reader, "xyzzyxyz", "");
}

#[test]
fn operators() {
    let (_folder, index) = filled(vec![
        Paper { headline: "Syrie".to_owned(), ..paper("titre", "La coalition de l'Otan", 0) },
        paper("corps", "En Syrie, la coalition avance avec les alliés", 0),
        paper("autre", "Les alliés de la coalition", 0),
    ]);
    let reader = index.reader().unwrap();
    finds(&reader, "titre:syrie", "titre");
    finds(&reader, "coalition -syrie", "autre");
    finds(&reader, "!alliés coalition", "titre");
    finds(&reader, "\"alliés de la coalition\"", "autre");
    finds(&reader, "\"coalition alliés\"", "");
    finds(&reader, "titre:coalition", "");
    finds(&reader, "-\"alliés de la coalition\" alliés", "corps");
}

/// A condition on what begins so has all of it, of one segment of however many words; what is typed and may become anything
/// has none yet.
#[test]
fn words_that_begin_so() {
    let said = |n: u32| format!("Le prefet{n} parle du port{n}");
    let (_folder, index) = filled((0..400).map(|n| paper(&n.to_string(), &said(n), 0)).collect());
    let reader = index.reader().unwrap();
    let total = |query: &Query| reader.search(query, &Scope::new(Viewer::Reader)).unwrap().total;
    for (query, expected) in [
        ("prefet*", 400),
        ("parle prefet*", 400),
        ("parle -prefet*", 0),
        ("prefet39* port3*", 11),
        ("prefet39* -port39", 10),
    ] {
        assert_eq!(total(&Query::parse(query)), expected, "{query}");
    }
    assert_eq!(total(&Query::typing("parle prefet")), 400);
    assert_eq!(total(&Query::typing("prefet39")), 11);
}

#[test]
fn more_words_then_closer_words_come_first() {
    let (_folder, index) = filled(vec![
        paper("un", "Les gilets sont en laine et les tapis en coton, un mot encore", 0),
        paper("loin", "Des gilets de laine et des rideaux longs et jaunes et autres", 0),
        paper("pres", "Des rideaux de laine et des gilets jaunes longs et autres", 0),
    ]);
    finds(&index.reader().unwrap(), "gilets jaunes", "pres loin un");
}

#[test]
fn orders() {
    let text = "Une grève des trains";
    let long = "Une phrase qui parle de bien autre chose avant de dire grève, puis continue.";
    let (_folder, index) = filled(vec![
        Paper { headline: "Grève des trains".to_owned(), ..paper("exact", text, 0) },
        paper("ancien", text, 700),
        paper("récent", text, 720),
        paper("faible", long, 730),
    ]);
    let reader = index.reader().unwrap();
    let ordered = |order| {
        names(search(&reader, "grève trains", &Scope { order, ..Scope::new(Viewer::Reader) }))
    };
    assert_eq!(ordered(Order::Recency), "récent ancien exact faible");
    assert_eq!(ordered(Order::Relevance), "exact ancien récent faible");
    assert_eq!(ordered(Order::Mixed), "récent exact ancien faible");
}

#[test]
fn a_scope_is_kept_to() {
    let other = SourceId::of_address("https://autre.example/rss");
    let (_folder, index) = filled(vec![
        paper("a", "Otan", 0),
        Paper { source: other.clone(), ..paper("b", "Otan", 1) },
        paper("c", "Otan", 2),
    ]);
    let reader = index.reader().unwrap();
    let day = |day| Timestamp::from_second(1_455_000_000 + day * DAY).ok();
    let all = Scope { order: Order::Recency, ..Scope::new(Viewer::Reader) };
    let found = |scope: &Scope<'_>| names(search(&reader, "otan", scope));
    assert_eq!(found(&Scope { after: day(1), ..all.clone() }), "c b");
    assert_eq!(found(&Scope { before: day(1), ..all.clone() }), "a");
    assert_eq!(found(&Scope { sources: &[other], ..all.clone() }), "b");
    assert_eq!(found(&Scope { limit: 1, offset: 1, ..all.clone() }), "b");
    assert_eq!(found(&Scope { offset: 9, ..all.clone() }), "");
    assert_eq!(found(&Scope { limit: 0, ..all.clone() }), "");
    assert_eq!(names(search(&reader, "", &all)), "c b a");
    assert_eq!(names(search(&reader, "-syrie", &all)), "c b a");
    assert_eq!(names(search(&reader, "le la", &all)), "");
}

#[test]
fn private_documents_are_hidden_from_readers() {
    let (_folder, index) = filled(vec![
        Paper { private: true, ..paper("secret", "Otan", 0) },
        paper("public", "Otan et autres mots", 0),
    ]);
    let reader = index.reader().unwrap();
    finds(&reader, "otan", "public");
    let reader_hits = search(&reader, "otan", &Scope::new(Viewer::Reader));
    assert_eq!(reader_hits.total, 1);
    let all = search(&reader, "otan", &Scope::new(Viewer::Administrator));
    assert_eq!((all.total, names(all)), (2, "secret public".to_owned()));
}

#[test]
fn an_item_is_replaced_and_deleted() {
    let (_folder, mut index) = filled(vec![paper("a", "Otan", 0), paper("b", "Otan", 0)]);
    let reader = index.reader().unwrap();
    index.apply(&[Change::Put(paper("a", "Syrie", 0))]).unwrap();
    index.apply(&[Change::Put(paper("c", "Otan", 0)), Change::Delete(item("c"))]).unwrap();
    finds(&reader, "otan", "a b");
    index.commit(2, 1).unwrap();
    finds(&reader, "otan", "b");
    finds(&reader, "syrie", "a");
    index.apply(&[Change::Delete(item("b")), Change::Delete(item("nobody"))]).unwrap();
    index.commit(3, 1).unwrap();
    finds(&reader, "otan", "");
    assert_eq!(reader.documents(), 1);
    index.clear().unwrap();
    index.commit(0, 2).unwrap();
    assert_eq!(reader.documents(), 0);
}

#[test]
fn the_cursor_survives() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Index::open(folder.path()).unwrap();
    assert_eq!(opened.cursor, None);
    let mut index = opened.index;
    index.commit(41, 7).unwrap();
    drop(index);
    let opened = Index::open(folder.path()).unwrap();
    assert_eq!(opened.cursor, Some(41));
    assert_eq!(opened.index.cursor().map(|c| c.to_string()).as_deref(), Some("7.41"));
}

#[test]
fn what_was_not_committed_is_not_there() {
    let (folder, mut index) = filled(vec![paper("a", "Otan", 0)]);
    index.apply(&[Change::Put(paper("b", "Otan", 0))]).unwrap();
    drop(index);
    let opened = Index::open(folder.path()).unwrap();
    assert_eq!(opened.cursor, Some(1));
    finds(&opened.index.reader().unwrap(), "otan", "a");
}

#[test]
fn one_writer_many_readers() {
    let (folder, mut index) = filled(vec![paper("a", "Otan", 0)]);
    assert!(Index::open(folder.path()).is_err());
    let (here, elsewhere) = (index.reader().unwrap(), Reader::open(folder.path()).unwrap());
    finds(&elsewhere, "otan", "a");
    index.apply(&[Change::Put(paper("b", "Syrie", 0))]).unwrap();
    index.commit(2, 1).unwrap();
    finds(&here.clone(), "syrie", "b");
    elsewhere.reload().unwrap();
    finds(&elsewhere, "syrie", "b");
    assert!(Reader::open(Path::new("/nowhere")).is_err());
}

#[test]
fn an_index_of_another_schema_goes_once_there_is_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("index-000000000000");
    fs::create_dir(&old).unwrap();
    fs::write(folder.path().join("wire.db"), "").unwrap();
    let mut index = Index::open(folder.path()).unwrap().index;
    assert!(old.exists());
    index.commit(1, 1).unwrap();
    assert!(!old.exists() && folder.path().join("wire.db").exists());
}

#[test]
fn an_index_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _index) = filled(vec![paper("a", "Texte", 0)]);
    let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    let modes = entries.filter(|entry| entry.path().is_dir());
    let modes: Vec<u32> =
        modes.map(|entry| entry.metadata().unwrap().permissions().mode() & 0o777).collect();
    assert_eq!(modes, [0o700]);
}

/// Whatever happens to any one file of the index, it opens: as it was, or to be built anew.
#[test]
fn a_torn_index_is_built_anew() {
    let tear: [fn(&Path); 4] = [
        |file| fs::write(file, "").unwrap(),
        |file| fs::write(file, "{ not an index").unwrap(),
        |file| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        },
        |file| {
            let mut bytes = fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            fs::write(file, bytes).unwrap();
        },
    ];
    for tear in tear {
        for extension in ["meta.json", ".idx", ".term", ".pos", ".fast", ".fieldnorm", ".store"] {
            let (folder, index) = filled(vec![paper("a", "L'Otan étudie", 0)]);
            drop(index);
            tear(&file_of(folder.path(), extension));
            let mut opened = Index::open(folder.path()).unwrap();
            assert_eq!(opened.cursor, None, "{extension}");
            opened.index.apply(&[Change::Put(paper("a", "L'Otan étudie", 0))]).unwrap();
            opened.index.commit(1, 1).unwrap();
            finds(&opened.index.reader().unwrap(), "otan", "a");
        }
    }
}

/// A file that is written over while it is searched costs an answer, and the index is opened again.
#[test]
fn an_index_torn_while_it_is_searched_is_built_anew() {
    let said = |n: u32| format!("L'Otan étudie la demande numéro {n}");
    let papers = (0..300).map(|n| paper(&n.to_string(), &said(n), 0)).collect();
    let (folder, index) = filled(papers);
    let reader = index.reader().unwrap();
    finds(&reader, "numero 7 -otan", "");
    for extension in [".idx", ".pos", ".fast"] {
        let file = file_of(folder.path(), extension);
        let length = fs::metadata(&file).unwrap().len();
        // In place: a new file would leave the open one as it was.
        let mut torn = fs::OpenOptions::new().write(true).open(&file).unwrap();
        torn.write_all(&vec![0xff; length as usize]).unwrap();
    }
    let found = reader.search(&Query::parse("\"la demande\""), &Scope::new(Viewer::Reader));
    assert!(found.is_err());
    assert!(index.is_broken());
    index.doubt();
    drop(index);
    assert_eq!(Index::open(folder.path()).unwrap().cursor, None);
}

fn file_of(folder: &Path, name: &str) -> std::path::PathBuf {
    let index = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut files = fs::read_dir(index).unwrap().map(|file| file.unwrap().path());
    files
        .find(|file| {
            let file = file.file_name().unwrap().to_str().unwrap();
            file.ends_with(name) && !file.starts_with('.')
        })
        .unwrap()
}

/// Many segments, deletions and windows give what one segment gives.
#[test]
fn a_long_index_is_walked_to_its_end() {
    let body = |n: usize| format!("dépêche est numéro{n} {}", ["paire", "impaire"][n % 2]);
    let papers: Vec<_> = (0..10_000).map(|n| paper(&format!("p{n}"), &body(n), 0)).collect();
    let (_folder, mut index) = filled(papers);
    index.apply(&[Change::Delete(item("p9999"))]).unwrap();
    index.commit(2, 1).unwrap();
    let reader = index.reader().unwrap();
    finds(&reader, "numéro9998 -impaire", "p9998");
    finds(&reader, "numéro9999", "");
    finds(&reader, "est numéro5 numéro9998", "p5 p9998");
    let odd = search(&reader, "impaire", &Scope::new(Viewer::Reader));
    assert_eq!((odd.total, odd.hits.len()), (4_999, 10));
    let last = Scope { offset: 4_990, limit: 100, ..Scope::new(Viewer::Reader) };
    assert_eq!(search(&reader, "impaire", &last).hits.len(), 0);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn searching_never_panics(queries in proptest::collection::vec("\\PC{0,40}", 20)) {
        thread_local! {
            static READER: (tempfile::TempDir, Reader) = {
                let (folder, index) = filled(vec![
                    paper("a", "L'Otan étudie « la possibilité » d'aider -titre: 2016", 0),
                    english("b", "The quick brown fox"),
                ]);
                (folder, index.reader().unwrap())
            };
        }
        READER.with(|(_, reader)| {
            for query in &queries {
                for order in [Order::Relevance, Order::Recency, Order::Mixed] {
                    search(reader, query, &Scope { order, ..Scope::new(Viewer::Reader) });
                }
            }
        });
    }
}

/// The files of the index, but those that each commit writes anew.
fn segment_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let inside = |path: &Path| fs::read_dir(path).unwrap().map(|file| file.unwrap().path());
    let index = inside(folder).find(|path| path.is_dir()).unwrap();
    inside(&index).filter(|path| path.extension().is_some_and(|kind| kind == "term")).collect()
}

#[test]
fn a_purge_writes_segments_anew_without_what_was_deleted() {
    let (folder, mut index) = filled(vec![paper("a", "ornithorynque", 0), paper("b", "castor", 1)]);
    index.apply(&[Change::Put(paper("c", "loutre", 2))]).unwrap();
    index.commit(2, 1).unwrap();
    let reader = index.reader().unwrap();
    finds(&reader, "ornithorynque", "a");
    let before = segment_files(folder.path());
    index.apply(&[Change::Delete(item("a"))]).unwrap();
    index.commit(3, 1).unwrap();
    // Not found any more, and yet there.
    finds(&reader, "ornithorynque", "");
    assert!(reader.still_holds(&item("a")).unwrap());
    index.purge(&[item("a")]).unwrap();
    assert!(!reader.still_holds(&item("a")).unwrap());
    let after = segment_files(folder.path());
    assert_eq!(before.iter().filter(|file| after.contains(file)).count(), before.len() - 1);
    finds(&reader, "castor", "b");
    finds(&reader, "loutre", "c");
    // A segment of which nothing is left goes altogether.
    index.apply(&[Change::Delete(item("c"))]).unwrap();
    index.commit(4, 1).unwrap();
    index.purge_worn().unwrap();
    assert!(!reader.still_holds(&item("c")).unwrap());
    finds(&reader, "castor", "b");
    assert_eq!(index.cursor().map(|cursor| cursor.seq), Some(4));
    drop(index);
    assert_eq!(Index::open(folder.path()).unwrap().cursor, Some(4));
}

#[test]
fn while_it_is_made_anew_what_was_there_is_found() {
    let (_folder, mut index) = filled(vec![paper("a", "ornithorynque", 0)]);
    let reader = index.reader().unwrap();
    index.clear().unwrap();
    let many = (0..200).map(|n| Change::Put(paper(&n.to_string(), "castor", 1)));
    index.apply(&many.collect::<Vec<_>>()).unwrap();
    finds(&reader, "ornithorynque", "a");
    index.commit(9, 1).unwrap();
    finds(&reader, "ornithorynque", "");
    assert_eq!(search(&reader, "castor", &Scope::new(Viewer::Reader)).total, 200);
}
