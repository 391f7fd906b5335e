//! What the French stemmer misses in short words and in words without accents.
//!
//! It takes an `s` off only behind some letters and only far enough from the start («lois», «élus», «détenus» keep theirs),
//! and knows feminines by their accents («blessée», «première»), which are folded before. Here number and gender of such
//! words are undone first, on both sides: what is indexed and what is sought. A form may become one that is no word, which
//! harms nobody as long as no other word becomes the same.

use std::borrow::Cow;

/// Words in -us that are no plurals, or whose rest is another word.
const US: &[&str] = &[
    "plus",
    "nous",
    "vous",
    "tous",
    "sous",
    "dessous",
    "abus",
    "obus",
    "jesus",
    "opus",
    "virus",
    "refus",
    "campus",
    "corpus",
    "processus",
    "versus",
    "focus",
    "bonus",
    "sinus",
];

/// Words in -is that are no plurals and whose rest is another word, or that a stemmer knows with their feminine.
const IS: &[&str] = &[
    "paris",
    "avis",
    "pris",
    "permis",
    "promis",
    "compris",
    "appris",
    "surpris",
    "repris",
    "admis",
    "soumis",
    "commis",
    "remis",
    "transmis",
    "acquis",
    "requis",
    "conquis",
    "assis",
    "depuis",
    "puis",
    "suis",
    "tapis",
    "souris",
    "gris",
    "tunis",
    "denis",
    "louis",
    "devis",
    "indecis",
    "precis",
    "compromis",
    "emis",
    "omis",
    "demis",
    "entrepris",
    "exquis",
    "epris",
    "debris",
    "colis",
    "logis",
    "maquis",
    "sursis",
    "mepris",
];

/// Words in -ers that are no plurals.
const ERS: &[&str] = &["vers", "envers", "divers", "univers", "travers", "pervers", "revers"];

/// Words whose plurals are formed in a way of their own, and in -ois, of which most have a feminine in -oise.
const ODD: &[(&str, &str)] = &[
    ("lois", "loi"),
    ("rois", "roi"),
    ("emplois", "emploi"),
    ("tournois", "tournoi"),
    ("convois", "convoi"),
    ("envois", "envoi"),
    ("renvois", "renvoi"),
    ("beffrois", "beffroi"),
    ("parois", "paroi"),
    ("octrois", "octroi"),
    ("essais", "essai"),
    ("delais", "delai"),
    ("balais", "balai"),
    ("deblais", "deblai"),
    ("remblais", "remblai"),
    ("travaux", "travail"),
    ("baux", "bail"),
    ("vitraux", "vitrail"),
    ("coraux", "corail"),
    ("soupiraux", "soupirail"),
    ("aieux", "aieul"),
    ("yeux", "oeil"),
    ("cieux", "ciel"),
    ("feux", "feu"),
    ("jeux", "jeu"),
    ("enjeux", "enjeu"),
    ("lieux", "lieu"),
    ("milieux", "milieu"),
    ("voeux", "voeu"),
    ("aveux", "aveu"),
    ("neveux", "neveu"),
    ("cheveux", "cheveu"),
    ("adieux", "adieu"),
    ("essieux", "essieu"),
    ("bijoux", "bijou"),
    ("cailloux", "caillou"),
    ("choux", "chou"),
    ("genoux", "genou"),
    ("hiboux", "hibou"),
    // The year is no Anne: an `e` more than the stemmer takes off.
    ("annee", "anneee"),
    ("annees", "anneee"),
    ("voies", "voie"),
];

/// The form that is given to the stemmer; of a folded word.
pub(super) fn prepared(form: &str) -> Cow<'_, str> {
    if let Some((_, rest)) = ODD.iter().find(|(odd, _)| *odd == form) {
        return (*rest).into();
    }
    let singular = singular(form);
    masculine(singular)
}

/// A word of four letters at least without the `s` that the stemmer leaves.
fn singular(form: &str) -> &str {
    let Some(rest) = form.strip_suffix('s').filter(|rest| rest.len() >= 3) else { return form };
    let exceptions = match () {
        () if rest.ends_with("ai") || rest.ends_with("oi") || rest.ends_with("ou") => return form,
        () if rest.ends_with('u') => US,
        () if rest.ends_with('i') => IS,
        () if rest.ends_with("er") => ERS,
        // Behind an e the stemmer takes it off, and then the e; what is feminine has to lose both first.
        () if rest.ends_with("ee") || rest.ends_with("iere") || rest.ends_with("gere") => &[],
        () => return form,
    };
    if exceptions.contains(&form) { form } else { rest }
}

/// A word without the feminine that is told by an accent.
fn masculine(form: &str) -> Cow<'_, str> {
    if let Some(rest) = form.strip_suffix("ee").filter(|rest| rest.len() >= 2) {
        return format!("{rest}e").into();
    }
    for (feminine, ending) in [("iere", "ier"), ("gere", "ger")] {
        if let Some(rest) = form.strip_suffix(feminine).filter(|rest| rest.len() >= 2) {
            return format!("{rest}{ending}").into();
        }
    }
    form.into()
}

#[cfg(test)]
mod tests {
    use super::super::{Family, chain::stem};

    #[test]
    fn number_and_gender_do_not_matter() {
        for same in [
            "elu elus elue elues",
            "loi lois",
            "feu feux",
            "jeu jeux",
            "lieu lieux",
            "travail travaux",
            "voie voies",
            "leve levee leves levees",
            "blesse blessee blesses blessees",
            "detenu detenus detenue detenues",
            "premier premiere premiers premieres",
            "policier policiere policiers policieres",
            "etranger etrangere etrangers etrangeres",
            "uni unis unie unies",
            "bleu bleus bleue bleues",
            "annee annees",
            "armee armees",
            "emploi emplois",
            "ennemi ennemis",
            "national nationale nationaux nationales",
        ] {
            let stems: Vec<String> =
                same.split(' ').map(|form| stem(Family::French, form, form)).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{same}: {stems:?}");
        }
    }

    #[test]
    fn other_words_stay_apart() {
        for (one, other) in [
            ("paris", "pari"),
            ("mois", "moi"),
            ("fois", "foi"),
            ("annee", "anne"),
            ("colere", "col"),
            ("abus", "abu"),
            ("souris", "sourire"),
        ] {
            let stem = |form| stem(Family::French, form, form);
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }
}
