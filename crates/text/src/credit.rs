//! Separates a headline from the credit an outlet puts in brackets at its end.

use crate::fold;

/// A headline and whom it is credited to, as in `L'Otan se réunit (AFP)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credited<'a> {
    /// The headline without its credit.
    pub headline: &'a str,
    /// The agency, person or office in brackets, without them.
    pub credit: Option<&'a str>,
}

/// Longest credit we believe in. "(de notre envoyée spéciale à Bruxelles)" is 39 bytes; anything
/// much longer is part of the sentence.
const CREDIT_BYTES_MAX: usize = 48;

/// Most words of a credit; "de notre correspondant à New York" has six.
const CREDIT_WORDS_MAX: usize = 6;

/// Splits `title` at its last bracket, square ones only where an agency or office stands in them; a title without one
/// is all headline. A kind of content
/// («vidéo»), a score, a span of years, a place or a party in brackets is no credit and stays.
pub fn split_credit(title: &str) -> Credited<'_> {
    let title = title.trim();
    let whole = Credited { headline: title, credit: None };

    let round = title.strip_suffix(')').and_then(|inner| inner.rsplit_once('('));
    let square = || {
        let parted = title.strip_suffix(']').and_then(|inner| inner.rsplit_once('['));
        parted.filter(|(_, credit)| is_plain_credit(credit.trim()))
    };
    let Some((headline, credit)) = round.or_else(square) else { return whole };
    let stands_apart = headline.contains(char::is_whitespace);
    let (headline, credit) = (headline.trim_end(), credit.trim());

    let believable = !headline.is_empty() && stands_apart && is_credit(credit);
    if believable { Credited { headline, credit: Some(credit) } } else { whole }
}

/// Whether a text is a credit whatever brackets it is in: square ones hold remarks of any kind, so an agency it must be
/// by its letters, by «avec» or by its office.
fn is_plain_credit(text: &str) -> bool {
    let small = text.starts_with(char::is_lowercase);
    let initials = (2..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
    let remark = listed(REMARKS, &fold(text));
    let named = crate::agency::AGENCIES.contains(&text) || is_organisation(text);
    (small || initials || named) && !remark
}

/// What stands in square brackets in capitals and is nobody, folded.
const REMARKS: &str = "
    pdf|faq|ama|nsfw|diy|gif|hd|dvd|live|maj|abo|exclu|video|photo|photos|tuto|test|direct|update|
    poll|quiz|audio|infog|avis|guide|rumeur|op-ed|review|watch|
";

/// Whether «avec» in a credit names agencies by one word each, and not the guests of a broadcast.
fn is_with(text: &str) -> bool {
    let Some(names) = text.strip_prefix("avec ").or_else(|| text.strip_prefix("Avec ")) else {
        return false;
    };
    let mut names = names.split([',', '/']).flat_map(|name| name.split(" et ")).map(str::trim);
    let agency = |name: &str| {
        let name = name.strip_prefix("l'").or_else(|| name.strip_prefix("l’")).unwrap_or(name);
        !name.contains(' ') && name.starts_with(char::is_uppercase)
            || matches!(name, "agence" | "agences")
            || is_organisation(name)
            || crate::agency::AGENCIES.contains(&name)
    };
    names.all(agency)
}

/// Whether a text may be whom a story is credited to: a name or an office, and no kind of content, score, place or party.
pub fn is_credit(text: &str) -> bool {
    let words = text.split_whitespace().count();
    if text.len() > CREDIT_BYTES_MAX || !(1..=CREDIT_WORDS_MAX).contains(&words) {
        return false;
    }
    if text.contains(['?', '!', ':', '%', '€', '$', '"', '«', ';', ')']) {
        return false;
    }
    let folded = fold(text);
    if is_with(text) {
        return true;
    }
    if listed(NO_CREDITS, &folded) {
        return false;
    }
    if text.contains(|c: char| c.is_ascii_digit()) {
        return listed(NUMBERED, &folded);
    }
    let named = text.starts_with(char::is_uppercase) && text.chars().any(char::is_alphabetic);
    let office = folded.split([' ', '\'']).next().is_some_and(|first| listed(OFFICES, first));
    // A kind of content keeps being one with more words: "vidéo exclusive", "Photos et vidéo".
    let kind =
        folded.split([' ', '/', ',', '+', '-']).next().is_some_and(|first| listed(KINDS, first));
    (named || office) && !kind
}

/// Whether a name of two words or more says itself that it is no person's: «Agence Méridienne», «Hexagone Presse».
pub fn is_organisation(name: &str) -> bool {
    let folded = fold(name);
    let capitals = name.split([' ', '\'', '’']).any(|word| word.starts_with(char::is_uppercase));
    let mut words = folded.split([' ', '\'', '-']);
    capitals && words.clone().count() > 1 && words.any(|word| listed(ORGANISATIONS, word))
}

/// Words in names of agencies, papers and broadcasters, folded.
const ORGANISATIONS: &str = "
    agence|agences|agency|agencia|agenzia|agentur|presse|press|news|nachrichten|media|medias|radio|television|tele|tv|
    journal|wire|newswire|depeches|informations|hebdo|gazette|
";

/// Whether `wanted` is one of a list, whose entries are parted by `|`.
fn listed(list: &str, wanted: &str) -> bool {
    list.split('|').any(|entry| entry.trim() == wanted)
}

/// Kinds of content and remarks of the desk, folded; also where more words follow.
const KINDS: &str = "
    video|videos|photo|photos|audio|podcast|podcasts|infographie|infographies|diaporama|maj|
    actualise|actualisation|mis|mise|direct|live|replay|portfolio|carte|cartes|sondage|quiz|test|
    critique|exclusif|interview|entretien|analyse|opinion|tribune|portrait|reportage|dossier|
    verbatim|document|suite|fin|vo|vostfr|updated|update|images|bilan|corrige|episode|
";

/// Sources that are written with a number.
const NUMBERED: &str = "
    tf1|france 2|france 3|france 5|france 24|rmc bfm 2|rtl2|20 minutes|europe 1|
";

/// First words of credits in small letters: offices and sources.
const OFFICES: &str = "
    police|gendarmerie|ministere|ministre|source|sources|officiel|presse|media|medias|procureur|
    parquet|prefecture|prefet|gouvernement|armee|avocat|avocats|justice|ong|institut|etude|
    president|presidence|elysee|agence|pompiers|syndicat|syndicats|tv|de|d|television|mairie|
";

/// Places and parties that French headlines put in brackets, folded.
const NO_CREDITS: &str = "
    ain|aisne|allier|alpes-de-haute-provence|hautes-alpes|alpes-maritimes|ardeche|ardennes|ariege|
    aube|aude|aveyron|bouches-du-rhone|calvados|cantal|charente|charente-maritime|cher|correze|
    corse-du-sud|haute-corse|corse|cote-d'or|cotes-d'armor|creuse|dordogne|doubs|drome|eure|
    eure-et-loir|finistere|gard|haute-garonne|gers|gironde|herault|ille-et-vilaine|indre|
    indre-et-loire|isere|jura|landes|loir-et-cher|loire|haute-loire|loire-atlantique|loiret|lot|
    lot-et-garonne|lozere|maine-et-loire|manche|marne|haute-marne|mayenne|meurthe-et-moselle|
    meuse|morbihan|moselle|nievre|nord|oise|orne|pas-de-calais|puy-de-dome|pyrenees-atlantiques|
    hautes-pyrenees|pyrenees-orientales|bas-rhin|haut-rhin|rhone|haute-saone|saone-et-loire|
    sarthe|savoie|haute-savoie|paris|seine-maritime|seine-et-marne|yvelines|deux-sevres|somme|
    tarn|tarn-et-garonne|var|vaucluse|vendee|vienne|haute-vienne|vosges|yonne|
    territoire de belfort|essonne|hauts-de-seine|seine-saint-denis|val-de-marne|val-d'oise|
    guadeloupe|martinique|guyane|la reunion|mayotte|france|belgique|suisse|allemagne|italie|
    espagne|royaume-uni|etats-unis|syrie|irak|ukraine|russie|lr|ps|rn|fn|lfi|pcf|eelv|lrem|modem|
    ump|udi|upr|npa|pc|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(title: &str, headline: &str, credit: &str) {
        let credit = (!credit.is_empty()).then_some(credit);
        assert_eq!(split_credit(title), Credited { headline, credit });
    }

    #[track_caller]
    fn whole(title: &str) {
        check(title, title, "");
    }

    #[test]
    fn credit_is_split_off() {
        check("L'Otan se réunit (AFP)", "L'Otan se réunit", "AFP");
        check("L'Otan étudie (Ashton Carter)", "L'Otan étudie", "Ashton Carter");
        check("Grève levée (de notre envoyé spécial)", "Grève levée", "de notre envoyé spécial");
        check("Deux blessés (source policière)", "Deux blessés", "source policière");
        check("Budget voté (France 24)", "Budget voté", "France 24");
        check("Budget voté (avec HP)", "Budget voté", "avec HP");
        check("Budget voté (HP, Méridienne)", "Budget voté", "HP, Méridienne");
        check("Budget voté [AFP]", "Budget voté", "AFP");
        check("Budget voté [avec Méridienne]", "Budget voté", "avec Méridienne");
        check("Budget voté [préfecture]", "Budget voté", "préfecture");
    }

    #[test]
    fn other_brackets_stay() {
        whole("L'Otan (29 pays) se réunit");
        whole("(AFP)");
        whole("");
        whole("Séisme (vidéo)");
        whole("Séisme [vidéo]");
        whole("Séisme [PDF]");
        whole("Séisme [Exclusive Report]");
        whole("Le film (avec Jeanne Morel)");
        whole("Le film (avec une interview)");
        whole("PSG-OM (3-0)");
        whole("Untel est mort (1932-2016)");
        whole("Le défilé en images (photos)");
        whole("Remaniement (MAJ)");
        whole("Remaniement (Mis à jour)");
        whole("Le bilan (2016)");
        whole("Incendie à Roubaix (Nord)");
        whole("Le maire(s)");
        whole("Ils ont gagné (et ce n'est pas fini)");
        whole("Le score )(");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(title in "\\PC{0,40}[(]?\\PC{0,20}[)]?") {
            let split = split_credit(&title);
            proptest::prop_assert!(title.contains(split.headline));
            proptest::prop_assert!(split.credit.is_none_or(|credit| title.contains(credit)));
        }
    }
}
