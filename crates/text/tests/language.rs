//! The recogniser of languages over headlines of our own, which it was not learned from.

use depeche_text::{language, recognise};
use proptest::prelude::*;

const HEADLINES: &str = include_str!("language/headlines.tsv");

/// What is found today is 0.976; names and close neighbours (Croatian and Serbian) are most of the rest.
const FLOOR: f64 = 0.97;

#[test]
fn our_own_headlines_are_recognised() {
    let lines =
        HEADLINES.lines().map(|line| line.split_once('\t').expect("a tag, a tab, a headline"));
    let (mut right, mut all) = (0, 0);
    for (tag, headline) in lines {
        let told = recognise(headline).map(|told| told.language);
        all += 1;
        right += usize::from(told == Some(tag));
        if told != Some(tag) {
            println!("{tag} said to be {told:?}: {headline}");
        }
    }
    assert!(right as f64 >= FLOOR * all as f64, "{right} of {all}");
}

#[test]
fn a_right_declaration_settles_what_is_close() {
    let wrong = HEADLINES
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(tag, headline)| language(headline, Some(tag)).as_deref() != Some(tag));
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[track_caller]
fn check(text: &str, declared: Option<&str>, expected: Option<&str>) {
    assert_eq!(language(text, declared).as_deref(), expected, "{text}");
}

#[test]
fn a_wrong_declaration_is_overruled() {
    check("Grève des transports : ce qui vous attend jeudi dans la région", Some("en"), Some("fr"));
    check("Les députés adoptent la loi sur la fin de vie", Some("nl-BE"), Some("fr"));
    check("Ministers clash over the cost of the new railway", Some("fr"), Some("en"));
    check("Правительство отложило решение", Some("fr"), Some("ru"));
    check("정부, 연금 개혁 결정 또 연기", Some("en"), Some("ko"));
}

#[test]
fn names_and_little_text_leave_the_source_its_word() {
    check("Macron – Merkel", Some("de"), Some("de"));
    check("PSG-OM 3-0", Some("fr"), Some("fr"));
    check("Paris", Some("en"), Some("en"));
    check("Live", None, None);
    check("12 345", None, None);
    check("", Some("pt-BR"), Some("pt"));
}

#[test]
fn capitals_and_missing_accents_do_not_hide_a_language() {
    check("LES SYNDICATS APPELLENT A LA GREVE GENERALE", None, Some("fr"));
    check("Les syndicats appellent a la greve generale", None, Some("fr"));
    check("DER BUNDESTAG STIMMT UBER DAS GESETZ AB", None, Some("de"));
    check("ПРАВИТЕЛЬСТВО ОТЛОЖИЛО РЕШЕНИЕ", None, Some("ru"));
    // Accents on their own, as some desks send them.
    check("L\u{2019}e\u{301}te\u{301} sera chaud et sec", None, Some("fr"));
}

#[test]
fn a_script_that_we_do_not_know_is_no_language() {
    check("საქართველოს მთავრობა", None, None);
    check("ქართული Google", Some("ka"), Some("ka"));
}

proptest! {
    #[test]
    fn nothing_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..2000), text in "\\PC{0,300}") {
        let mangled = String::from_utf8_lossy(&bytes).into_owned();
        for text in [mangled, text] {
            if let Some(told) = recognise(&text) {
                prop_assert!((0.0..=1.0).contains(&told.probability) && !told.language.is_empty());
            }
            prop_assert_eq!(language(&text, Some("fr")).map(|tag| tag.len()), Some(2));
        }
    }
}
