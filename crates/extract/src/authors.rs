//! Persons out of bylines: names without titles, agencies, desks or the outlet itself.

use depeche_news::limits::extract::AUTHORS_MAX;
use depeche_text::{fold, squash};

use crate::facts::{Byline, Facts};
use crate::lines::{Beside, Line};
use crate::{dates, phrases};

/// The authors, and which evidence named them: the structured data first, bylines last.
pub(crate) fn choose(facts: &Facts, outlet: Option<&str>) -> (Vec<String>, &'static str) {
    let tries: [(&'static str, &dyn Fn() -> Vec<String>); 4] = [
        ("json-ld", &|| persons_of(&facts.linked.authors, outlet, Trust::Field)),
        ("meta", &|| in_metas(facts, outlet, Trust::Text)),
        ("microdata", &|| {
            let named = |(key, _): &&(String, String)| key == "author" || key == "creator";
            let values = facts.properties.iter().filter(named).map(|(_, value)| value);
            persons_of(values, outlet, Trust::Text)
        }),
        ("byline", &|| in_bylines(facts, outlet, Trust::Text)),
    ];
    first_of(&tries)
}

/// The authors where neither a field nor a line names one by more than a word: fields that do by one.
pub(crate) fn by_one_word(facts: &Facts, outlet: Option<&str>) -> (Vec<String>, &'static str) {
    first_of(&[
        ("meta", &|| in_metas(facts, outlet, Trust::Field)),
        ("byline", &|| in_bylines(facts, outlet, Trust::Field)),
    ])
}

fn first_of(tries: &[(&'static str, &dyn Fn() -> Vec<String>)]) -> (Vec<String>, &'static str) {
    let named = tries.iter().map(|(evidence, read)| (read(), *evidence));
    named.into_iter().find(|(names, _)| !names.is_empty()).unwrap_or_default()
}

/// How far a text is believed to be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It is there to name the author: one word may be a name, and small letters throughout.
    Field,
    /// It may be anything.
    Text,
}

/// The persons of the first meta element that names any.
fn in_metas(facts: &Facts, outlet: Option<&str>, trust: Trust) -> Vec<String> {
    let all = METAS.iter().map(|name| facts.all_metas(std::slice::from_ref(name)).collect());
    let all = all.chain(std::iter::once(labelled(facts).into_iter().collect::<Vec<&str>>()));
    all.map(|texts| persons(&texts, outlet, trust))
        .find(|names| !names.is_empty())
        .unwrap_or_default()
}

const METAS: &[&str] = &[
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "og:author",
    "article:author_name",
    "cxenseparse:author",
];

/// What a label of the social card calls the author: «Écrit par», `Written by`.
fn labelled(facts: &Facts) -> Option<&str> {
    let label = facts.first_meta(&["twitter:label1"])?;
    let label = format!("{} ", fold(label));
    let is_author = label.starts_with("verfasst von ")
        || label.starts_with("geschrieben von ")
        || label.starts_with("auteur ")
        || phrases::BYLINE_STARTS.contains(&label.as_str());
    is_author.then(|| facts.first_meta(&["twitter:data1"])).flatten()
}

/// The persons of the first marked byline that names any: those of its links where it has some, and those that stand
/// beside the page's furniture only where no other does.
fn in_bylines(facts: &Facts, outlet: Option<&str>, trust: Trust) -> Vec<String> {
    let named = |byline: &Byline| {
        let linked = persons_of(&byline.links, outlet, trust);
        if linked.is_empty() { persons(&[&byline.text], outlet, trust) } else { linked }
    };
    let of = |aside: bool| facts.bylines.iter().filter(move |byline| byline.aside == aside);
    let believed = |byline: &&Byline| trust == Trust::Text || byline.declared;
    let all = of(false).chain(of(true)).filter(believed);
    all.map(named).find(|names| !names.is_empty()).unwrap_or_default()
}

/// The authors in the lines around a story: after «par», «by», «von», on the same line or on the
/// next one.
pub(crate) fn in_lines(lines: &[String], outlet: Option<&str>) -> (Vec<String>, &'static str) {
    // «Par» alone, or «Written by»: the name stands by itself.
    let alone = |line: &str| line.len() < 20 && without_start(line).is_empty();
    let opens = |line: &str| {
        let folded = format!("{} ", fold(line));
        let long = phrases::NAME_STARTS.iter().filter(|start| start.contains(" de "));
        let starts =
            || phrases::BYLINE_STARTS.iter().chain(long).any(|start| folded.starts_with(start));
        line.len() < 120 && (starts() || alone(line))
    };
    let bylines = lines.iter().enumerate().filter(|(_, line)| opens(line));
    let bylines =
        bylines.filter_map(|(at, line)| if alone(line) { lines.get(at + 1) } else { Some(line) });
    let found = first_persons(bylines.map(String::as_str), outlet);
    let evidence = if found.is_empty() { "" } else { "line" };
    (found, evidence)
}

/// Who signs with nothing but the name: above the story beside a date or a credit, or alone under it.
///
/// Names of whom the story tells stand around it too, as tags and in captions: one that is in the story signs nothing.
pub(crate) fn alone(
    beside: &Beside,
    story: &str,
    outlet: Option<&str>,
) -> (Vec<String>, &'static str) {
    let story = fold(story);
    let told = |name: &String| story.contains(&fold(name));
    let named =
        |text: &str| Some(whole_names(text, outlet)).filter(|names| !names.iter().any(told));
    let is_dated = |text: &str| dates::prose(text, dates::Order::DayFirst).is_some();
    let dated = |line: &Line| {
        is_dated(&line.text())
            || line.parts.iter().any(|part| crate::credit::is_agency(&part.text, true))
    };
    let lines = &beside.above;
    let above = lines.iter().enumerate().filter(|(at, line)| {
        !line.doubtful && (dated(line) || lines.get(at + 1).is_some_and(dated))
    });
    let first = |line: &Line| line.apart().first().cloned().unwrap_or_default();
    let above = above.filter_map(|(_, line)| {
        let first = first(line);
        // «Jeanne Morel, 2 mai 2024»
        let before = first.split_once(',').filter(|(_, rest)| is_dated(rest));
        named(before.map_or(first.as_str(), |(name, _)| name))
    });
    let below =
        beside.below.iter().filter(|line| !line.doubtful).filter_map(|line| named(&line.text()));
    let found = above.chain(below).find(|names| !names.is_empty()).unwrap_or_default();
    let evidence = if found.is_empty() { "" } else { "signature" };
    (found, evidence)
}

/// The persons of a text that is nothing but their names.
fn whole_names(text: &str, outlet: Option<&str>) -> Vec<String> {
    let text = text.trim_matches(['(', ')', ' ', '.', ',']);
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    let names = persons(&[text], outlet, Trust::Text);
    let counted: usize = names.iter().map(|name| letters(name)).sum();
    let between = text.split_whitespace().filter(|word| listed("et and und y e", word));
    let between: usize = between.map(letters).sum();
    let plain = names.iter().all(|name| (2..=4).contains(&name.split(' ').count()));
    if plain && counted + between == letters(text) { names } else { Vec::new() }
}

/// The persons of the first line that names any.
fn first_persons<'a>(lines: impl Iterator<Item = &'a str>, outlet: Option<&str>) -> Vec<String> {
    lines
        .map(|line| persons(&[line], outlet, Trust::Text))
        .find(|names| !names.is_empty())
        .unwrap_or_default()
}

/// The persons that these lines name, each once.
pub(crate) fn persons(lines: &[&str], outlet: Option<&str>, trust: Trust) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let whole = |line: &str| if trust == Trust::Field { whole_name(line) } else { None };
    let named = |line: &&str| match whole(line) {
        Some(name) => vec![(name, true)],
        None => names(line).into_iter().map(|name| (name, false)).collect(),
    };
    for (name, whole) in lines.iter().flat_map(named) {
        let name = if whole { Some(name) } else { capitals(&name) };
        let Some(name) = name.filter(|name| is_person(name, outlet)) else { continue };
        let known = found.iter().any(|before| fold(before) == fold(&name));
        if !known && found.len() < AUTHORS_MAX {
            found.push(name);
        }
    }
    // Beside whole names, one word is a sign for one of them or a piece of it.
    if found.iter().any(|name| name.contains(' ')) {
        found.retain(|name| name.contains(' ') || is_unspaced(name));
    }
    found
}

fn persons_of<'a>(
    lines: impl IntoIterator<Item = &'a String>,
    outlet: Option<&str>,
    trust: Trust,
) -> Vec<String> {
    let lines: Vec<&str> = lines.into_iter().map(String::as_str).collect();
    persons(&lines, outlet, trust)
}

/// The names of one byline.
fn names(line: &str) -> Vec<String> {
    const BETWEEN: [&str; 13] = [
        " and ", " und ", " et ", " & ", " y ", " e ", " i ", " og ", " och ", " en ", " avec ",
        " with ", " mit ",
    ];
    let line = line.split('\n').map(squash).collect::<Vec<_>>().join(" \n ");
    let line = format!("{} ", without_start(&line));
    let parted = BETWEEN.iter().fold(line, |line, word| line.replace(word, " , "));
    let parted = [" - ", " -- "].iter().fold(parted, |line, sign| line.replace(sign, ","));
    let parted = without_brackets(&parted);
    parted
        .split([',', ';', '|', '/', '•', '·', '●', '(', ')', '–', '—', '\n'])
        .map(tidy)
        .filter(|name| !name.is_empty())
        .collect()
}

/// A text without what stands in brackets, unless that is all of it.
fn without_brackets(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let Some((_, after)) = after.split_once(')') else { break };
        kept.push_str(before);
        // «Jeanne (Jo) Morel» is one name, «Jeanne Morel (à Lyon), Paul Vidal» are two.
        rest = after;
    }
    kept.push_str(rest);
    if kept.trim().is_empty() { text.to_owned() } else { kept }
}

/// A line without «par», «by», «propos recueillis par» at its start.
fn without_start(line: &str) -> String {
    let mut line = line.trim().to_owned();
    // «Texte : propos recueillis par»
    for _ in 0..2 {
        let folded = format!("{} ", fold(&line));
        let all = phrases::BYLINE_STARTS.iter().chain(phrases::NAME_STARTS);
        let start = all.filter(|start| folded.starts_with(**start));
        match start.map(|start| start.chars().count()).max() {
            Some(start) => line = line.chars().skip(start).collect::<String>().trim().to_owned(),
            None => break,
        }
    }
    line
}

fn tidy(name: &str) -> String {
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
    squash(&without_start(name))
}

/// Words that no person's name has, folded.
const NO_PERSON: &str = "
    afp ap reuters dpa apa ansa efe belga ats sda aap pti ani tass xinhua kyodo anp ritzau ntb lusa
    sid kna epd keystone ard zdf ndr wdr bbc cnn
    agence agences agency agencies agentur agencia agenzia press presse prensa redaction redaktion
    redaccion redakcja redazione redactie redaktionen toimitus editorial editor editors staff desk
    newsroom news team admin administrator administrateur associated bloomberg times post journal
    magazine daily online reporter reporters correspondent correspondants correspondant
    correspondante journaliste journalistes writer writers www http https com contributor
    contributors guest updated published publie share twitter facebook follow more posts view all
    email minutes min ago service services network media medias tv radio blog web author authors autor
    autoren autorin unknown anonymous anonyme am pm uhr chief avec zeitung nachrichten gmbh wire inc
    llc ltd about comments comment commentaires commentaire kommentar kommentare read home contact
    jetzt profil photos video by on in at for from to and photo foto fotos bild director manager
    founder institute university research today sponsored sponsor beitrage artikel articles article
    alle uber mehr notre envoye envoyee envoyes speciaux rubrique lire voir suivre partager abonnes
    auteur auteurs copyright privacy policy board council committee group groupe company
";

/// Whether a name is that of an outlet's own desk: «La rédaction».
pub(crate) fn is_desk(name: &str) -> bool {
    const DESKS: &str =
        "redaction redaktion redaccion redazione redactie redakcja redaktionen toimitus editorial
        editors staff desk newsroom team admin web";
    fold(name).split(|c: char| !c.is_alphanumeric()).any(|word| listed(DESKS, word))
}

/// First words of what a paper, a programme or a heading is called, folded.
const ARTICLES: &str = "the le la les l el los las il lo der die das den une un ein eine a an";

/// Small words within a name, folded.
const PARTICLES: &str = "von van der den de del della di da do dos das du des la le zu zum zur ter ten te af av al el bin
    ben ibn bint y e ou und d l o";

/// Signs that no name has.
const FOREIGN: &str = "@:_?!\"“«©#=";

/// A field that is one word, or some in small letters: nobody else would be told of so.
fn whole_name(line: &str) -> Option<String> {
    let line = squash(line);
    let words = line.split(' ').count();
    let small = line.chars().all(|c| c.is_lowercase() || c == ' ' || c == '-');
    let host = line.trim_end_matches('.').contains('.');
    let foreign =
        line.contains(|c: char| c.is_ascii_digit() || ",;|/".contains(c) || FOREIGN.contains(c));
    let named = (words == 1 && !host) || (small && words <= 3);
    (named && !foreign && line.chars().count() > 1).then_some(line)
}

/// The start of a piece that reads like a name: capitals and the small words between them, at least two words.
fn capitals(piece: &str) -> Option<String> {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let capital = |word: &str| !word.chars().next().is_some_and(char::is_lowercase);
    let number = |word: &str| word.chars().any(|c| c.is_ascii_digit());
    let part_of_name = |(at, word): &(usize, &&str)| {
        // «Jeanne Morel August 12»
        let of_date = crate::dates::month(&fold(word)).is_some()
            && words.get(at + 1).is_some_and(|next| number(next));
        !number(word)
            && !of_date
            && !word.contains(|c: char| FOREIGN.contains(c))
            && (capital(word) || listed(PARTICLES, &fold(word)))
    };
    let mut taken = words.iter().enumerate().take_while(part_of_name).count();
    while taken > 0 && !words.get(taken - 1).is_some_and(|word| capital(word)) {
        taken -= 1;
    }
    let first_is_capital = words.first().is_some_and(|word| capital(word));
    let name = words.get(..taken)?.join(" ");
    (first_is_capital && (taken >= 2 || is_unspaced(&name))).then_some(name)
}

/// Whether what reads like a name is one of a person: no desk's, no paper's, not too long.
fn is_person(name: &str, outlet: Option<&str>) -> bool {
    let folded = fold(name);
    let of_a_desk =
        folded.split(|c: char| !c.is_alphanumeric()).any(|word| listed(NO_PERSON, word));
    let words = folded.split(' ').count();
    let of_a_paper =
        words > 1 && folded.split([' ', '\'']).next().is_some_and(|word| listed(ARTICLES, word));
    words <= 5
        && name.len() <= 60
        && !of_a_desk
        && !of_a_paper
        && outlet.is_none_or(|outlet| fold(outlet) != folded)
}

/// Whether a word is of a script without spaces between names.
fn is_unspaced(name: &str) -> bool {
    name.chars().any(|c| ('\u{2e80}'..='\u{ffef}').contains(&c))
}

/// Whether `wanted` is one of a list of words.
fn listed(list: &str, wanted: &str) -> bool {
    list.split_whitespace().any(|word| word == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        assert_eq!(persons(&[line], Some("Le Courrier"), Trust::Text), expected);
    }

    #[test]
    fn persons_are_named() {
        check("Par Jeanne Morel", &["Jeanne Morel"]);
        check("Jeanne Morel et Paul Vidal", &["Jeanne Morel", "Paul Vidal"]);
        check("By Ann O'Hara, Senior Reporter", &["Ann O'Hara"]);
        check("La rédaction avec AFP", &[]);
        check("AFP", &[]);
        check("Le Courrier", &[]);
        check("https://a.example/jeanne", &[]);
        check("", &[]);
        check("JEANNE MOREL / P. VIDAL", &["JEANNE MOREL", "P. VIDAL"]);
        check("Jean Le Goff", &["Jean Le Goff"]);
        check("Ludwig van der Rohe und Ann O'Hara", &["Ludwig van der Rohe", "Ann O'Hara"]);
        check("Par Jeanne Morel, envoyée spéciale à Beyrouth", &["Jeanne Morel"]);
        check(
            "Par Jeanne Dupont et Ali Ben Salah, envoyés spéciaux à Beyrouth",
            &["Jeanne Dupont", "Ali Ben Salah"],
        );
        check("De notre correspondante à Rome, Anna Bianchi", &["Anna Bianchi"]);
        check("Propos recueillis par Jeanne Morel", &["Jeanne Morel"]);
        check("Publié par Jeanne Morel le 3 mars 2015 à 18h42", &["Jeanne Morel"]);
        check("Jeanne Morel à Beyrouth", &["Jeanne Morel"]);
        check("Jeanne Morel avec AFP", &["Jeanne Morel"]);
        check("La rédaction", &[]);
        check("Le service politique", &[]);
        check("By Ann O'Hara - Mar 27, 2024", &["Ann O'Hara"]);
        check("Ann (Annie) O'Hara (London)", &["Ann O'Hara"]);
        check("Ann O'Hara\nSenior Research Executive", &["Ann O'Hara"]);
        check("Ann O'Hara August 12", &["Ann O'Hara"]);
        check("Hinterlasse einen Kommentar", &[]);
    }

    #[test]
    fn one_word_is_a_name_where_a_field_says_so() {
        let one = |lines: &[&str]| persons(lines, Some("Le Courrier"), Trust::Field);
        assert_eq!(one(&["Zach"]), ["Zach"]);
        assert_eq!(one(&["jsmith"]), ["jsmith"]);
        assert_eq!(one(&["Jeanne Morel", "jmo"]), ["Jeanne Morel"]);
        assert_eq!(one(&["courrier.example"]), [""; 0]);
        assert_eq!(one(&["viktor hedman"]), ["viktor hedman"]);
        assert_eq!(one(&["courrier.example, Lyon, France"]), [""; 0]);
        assert_eq!(one(&["admin"]), [""; 0]);
        assert_eq!(one(&["Camila Méndez en Territorio"]), ["Camila Méndez"]);
    }
}
