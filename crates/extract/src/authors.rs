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

/// Whom a page declares as a person who is called what the site is: blogs are named after who writes them.
pub(crate) fn of_the_same_name(facts: &Facts) -> (Vec<String>, &'static str) {
    first_of(&[
        ("json-ld", &|| persons_of(&facts.linked.authors, None, Trust::Text)),
        ("meta", &|| in_metas(facts, None, Trust::Text)),
    ])
}

/// The organisations that a page which is no paper's declares as its authors where nobody else signs: an association, an
/// office or a firm that speaks for itself. Agencies are credits, and desks are nobody.
pub(crate) fn organisations(facts: &Facts, outlet: Option<&str>) -> (Vec<String>, &'static str) {
    if facts.linked.news {
        return Default::default();
    }
    let declared = facts.linked.organisations.iter().chain(&facts.linked.authors);
    // Initials and what calls itself an agency or a paper are credits on French pages.
    let french = facts.language.as_deref().is_some_and(|language| language.starts_with("fr"));
    let credited = |name: &str| french && crate::credit::names_agency(name.trim(), true);
    let linked = declared.filter(|name| is_organisation(name) && !credited(name));
    let linked: Vec<String> = linked.cloned().collect();
    let metas = || facts.all_metas(&["author", "dcterms.creator", "dc.creator"]);
    // Many systems write the site's name there that never says who wrote.
    let own = |name: &str| outlet.is_some_and(|outlet| fold(outlet) == fold(name));
    // Firms that build sites sign there too.
    let built = |name: &str| {
        let last = fold(name.rsplit(' ').next().unwrap_or_default());
        listed("gmbh inc llc ltd ag sarl sas bv", last.trim_end_matches('.'))
    };
    let named = |name: &&str| {
        is_organisation(name)
            && !credited(name)
            && !own(name)
            && !built(name)
            && !name.contains([',', ';'])
    };
    first_of(&[
        ("json-ld", &|| linked.iter().take(AUTHORS_MAX).cloned().collect()),
        ("meta", &|| metas().filter(named).take(1).map(str::to_owned).collect()),
    ])
}

/// Whether a declared name may be one of an organisation that signs.
fn is_organisation(name: &str) -> bool {
    const NOBODY: &str = "admin administrator administrateur user guest author authors unknown anonymous anonyme contributor
        contributors reporter reporters writer writers editor redakteur super root webmaster";
    let folded = fold(name);
    let mut words = folded.split(|c: char| !c.is_alphanumeric());
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    letters > 1
        && name.len() <= 60
        && name.split_whitespace().count() <= 8
        && !name.contains(|c: char| "@:/<>{}|".contains(c))
        && !with_agency(name)
        && !name.split(' ').any(is_host)
        && !is_desk(name)
        && !words.any(|word| listed(NOBODY, word))
}

/// Whether a name is an agency's or has one in it: «Le Courrier avec AFP».
fn with_agency(name: &str) -> bool {
    let parted = [" et ", " avec ", " and ", " with ", " und ", " mit ", "/"]
        .iter()
        .fold(name.to_owned(), |name, word| name.replace(word, ","));
    parted.split(',').any(|part| crate::credit::is_agency(part.trim(), false))
}

/// `courrier.example`
fn is_host(word: &str) -> bool {
    let (name, end) = word.trim_end_matches(',').rsplit_once('.').unwrap_or_default();
    name.len() > 2 && end.len() > 1 && end.chars().all(char::is_lowercase)
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
        let text = || {
            if trust == Trust::Field { without_start(&byline.text) } else { byline.text.clone() }
        };
        if linked.is_empty() { persons(&[&text()], outlet, trust) } else { linked }
    };
    // Under the headline, elsewhere in the page, among its furniture.
    let place = |byline: &Byline| (byline.aside, !byline.head);
    let places = [(false, false), (false, true), (true, true)];
    let of = |wanted| facts.bylines.iter().filter(move |byline| place(byline) == wanted);
    let opened = |byline: &Byline| without_start(&byline.text).len() < squash(&byline.text).len();
    let believed = |byline: &&Byline| trust == Trust::Text || byline.declared || opened(byline);
    // Who is declared and no person, an agency or a desk, leaves the signatures elsewhere to other stories.
    let unsigned = !facts.linked.authors.is_empty() || !facts.linked.organisations.is_empty();
    let places = places.into_iter().filter(|(aside, _)| !unsigned || !aside);
    let all = places.flat_map(of).filter(believed);
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

/// Who is named by one word after «par», «by», «von» in the lines around a story.
pub(crate) fn one_word_in_lines(
    lines: &[String],
    outlet: Option<&str>,
) -> (Vec<String>, &'static str) {
    let one = |line: &String| {
        let folded = format!("{} ", fold(line));
        let opens = phrases::BYLINE_STARTS.iter().any(|start| folded.starts_with(start));
        let rest = without_start(line);
        let name =
            rest.split(['@', '|', ',', '·', '•', '(', '\n']).next().unwrap_or_default().trim();
        let capital = name.starts_with(char::is_uppercase);
        let names = || persons(&[name], outlet, Trust::Field);
        (opens && capital && !name.contains(' ') && line.len() < LINE_OF_ONE_WORD_BYTES_MAX)
            .then(names)
    };
    let found = lines.iter().filter_map(one).find(|names| !names.is_empty()).unwrap_or_default();
    let evidence = if found.is_empty() { "" } else { "line" };
    (found, evidence)
}

/// Longest line that is a name of one word with its «par» and its hour.
const LINE_OF_ONE_WORD_BYTES_MAX: usize = 60;

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
        .split([
            ',', ';', '|', '/', '•', '·', '●', '(', ')', '–', '—', '\n', '、', '，', '）', '（',
        ])
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
    ajansi ajansı commons tests inhalt library related topics statement person sarl sas ag kg
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
const ARTICLES: &str =
    "zum zur vom the le la les l el los las il lo der die das den une un ein eine a an";

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
    // `jeanne_m`, `marcheur1984`
    // «HP» and «avec HP» are credits.
    let initials = line.len() <= 4 && line.chars().all(|c| c.is_ascii_uppercase());
    if initials || fold(&line).starts_with("avec ") {
        return None;
    }
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let signs = line.chars().filter(|c| !c.is_alphabetic()).count();
    let sign = words == 1
        && line.starts_with(char::is_alphabetic)
        && line
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .chars()
            .all(|c| c.is_alphabetic() || c == '_')
        && letters >= 3.max(signs);
    let named = (words == 1 && !host) || (small && words <= 3);
    let foreign = foreign && !sign;
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
    // «HiFi-Trends. Zudem»: a sentence ends within; initials and «Prof.» do not end one.
    let ends = words.iter().take(taken).position(|word| word.ends_with('.') && word.len() > 5);
    taken = ends.map_or(taken, |at| at + 1);
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
        check("HiFi-Trends. Zudem", &[]);
        check("Zum Inhalt", &[]);
        check("责编：牛镛、岳弘彬", &["牛镛", "岳弘彬"]);
    }

    #[track_caller]
    fn declared(page: &str, outlet: &str, expected: &[&str]) {
        let tree = crate::tree::parse(page);
        let facts = Facts::of(&crate::blocks::Page::new(&tree));
        let outlet = Some(outlet);
        let tries = [
            choose(&facts, outlet).0,
            by_one_word(&facts, outlet).0,
            of_the_same_name(&facts).0,
            organisations(&facts, outlet).0,
        ];
        let found = tries.into_iter().find(|names| !names.is_empty()).unwrap_or_default();
        assert_eq!(found, expected, "{page}");
    }

    fn linked(kind: &str, author: &str) -> String {
        format!(
            "<script type='application/ld+json'>{{\"@type\":\"{kind}\",\"headline\":\"La crue\",\"author\":{author}}}</script>"
        )
    }

    #[test]
    fn who_speaks_for_itself_signs() {
        let own = r#"{"@type":"Organization","name":"Secours de la Meuse"}"#;
        declared(&linked("Article", own), "Secours de la Meuse", &["Secours de la Meuse"]);
        declared(&linked("NewsArticle", own), "Secours de la Meuse", &[]);
        for nobody in ["La rédaction", "AFP", "Le Courrier avec AFP", "courrier.example", "admin"]
        {
            let author = format!(r#"{{"@type":"Organization","name":"{nobody}"}}"#);
            declared(&linked("Article", &author), "Le Courrier", &[]);
        }
        let meta = |name: &str| format!("<meta name=author content='{name}'>");
        declared(&meta("Ligue de la Meuse"), "Meuse", &["Ligue de la Meuse"]);
        declared(&meta("Toiles et Pages SARL"), "Meuse", &[]);
    }

    #[test]
    fn a_site_may_be_called_what_its_author_is() {
        let person = r#"{"@type":"Person","name":"Jeanne Morel"}"#;
        declared(&linked("NewsArticle", person), "Jeanne Morel", &["Jeanne Morel"]);
        let paper = r#"{"@type":"Person","name":"Le Courrier"}"#;
        declared(&linked("NewsArticle", paper), "Le Courrier", &[]);
    }

    #[test]
    fn cards_of_other_stories_name_nobody() {
        let author = |name: &str| format!("<span itemprop=author>{name}</span>");
        let page = format!(
            "<article itemscope><h1>La crue</h1>{}</article><div itemscope>{}</div>",
            author("Jeanne Morel"),
            author("Paul Vidal"),
        );
        declared(&page, "Le Courrier", &["Jeanne Morel"]);
    }

    #[test]
    fn bylines_of_one_word() {
        declared("<p class=author>von <a class=username>Ulrike</a></p>", "Blog", &["Ulrike"]);
        declared("<p class=byline>Par Zoé</p>", "Blog", &["Zoé"]);
        declared("<a href=/author/vinci/>tlow_84</a>", "Blog", &["tlow_84"]);
        declared("<p class=author>Culture</p>", "Blog", &[]);
        let line = |line: &str| one_word_in_lines(&[line.to_owned()], None).0;
        assert_eq!(line("Posted by Konstantin @ 12:00 am"), ["Konstantin"]);
        assert_eq!(line("Par Konstantin le Grand de Verdun"), [""; 0]);
        assert_eq!(line("Par email"), [""; 0]);
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
