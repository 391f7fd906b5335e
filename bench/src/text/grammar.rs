//! Sentences as agencies write them, about a subject that has words and persons of its own.

use super::{
    lexicon::{Lexicon, capital},
    random::Random,
};

/// Words that a subject comes back to.
const SUBJECT_NOUNS: usize = 40;
/// How often a noun is one of them.
const SUBJECT_SHARE: f64 = 0.5;

/// What pieces of one story have in common.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    nouns: Vec<usize>,
    persons: Vec<String>,
    places: Vec<String>,
    pub(crate) section: &'static str,
}

const SECTIONS: [&str; 10] = [
    "Monde",
    "Politique",
    "Économie",
    "Société",
    "Sport",
    "Culture",
    "Sciences",
    "Justice",
    "Santé",
    "Région",
];

impl Subject {
    pub(crate) fn new(words: &Lexicon, random: &mut Random) -> Self {
        Self {
            nouns: (0..SUBJECT_NOUNS).map(|_| words.draw_noun(random)).collect(),
            persons: (0..5).map(|_| words.person(random)).collect(),
            places: (0..3).map(|_| words.place(random)).collect(),
            section: random.word(&SECTIONS),
        }
    }

    /// A place of the story, as a dateline names it.
    pub(crate) fn place(&self) -> &str {
        &self.places[0]
    }
}

const DETERMINERS: [(&str, bool); 14] = [
    ("le ", false),
    ("la ", false),
    ("les ", true),
    ("un ", false),
    ("une ", false),
    ("des ", true),
    ("ce ", false),
    ("cette ", false),
    ("son ", false),
    ("sa ", false),
    ("ses ", true),
    ("leurs ", true),
    ("plusieurs ", true),
    ("l'", false),
];
const LINKS: [&str; 12] = [
    " de ", " du ", " des ", " de la ", " à ", " pour ", " dans ", " sur ", " avec ", " contre ",
    " en ", " par ",
];
const AUXILIARIES: [&str; 8] =
    ["a ", "ont ", "avait ", "est ", "sont ", "aurait ", "sera ", "a été "];
const MODALS: [&str; 8] =
    ["doit ", "peut ", "veut ", "devrait ", "pourrait ", "va ", "ne doit pas ", "souhaite "];
const OPENINGS: [&str; 16] = [
    "Selon ",
    "D'après ",
    "Pour ",
    "Après ",
    "Avec ",
    "Malgré ",
    "En dépit de ",
    "À l'issue de ",
    "Face à ",
    "Depuis ",
    "Au lendemain de ",
    "Dans ",
    "Par ailleurs, ",
    "De son côté, ",
    "Dans le même temps, ",
    "En revanche, ",
];
const JOINTS: [&str; 14] = [
    ", alors que ",
    ", tandis que ",
    ", et ",
    ", mais ",
    " parce que ",
    " lorsque ",
    ", où ",
    ", selon ",
    ", a indiqué ",
    " après que ",
    ", dont ",
    ", qui ",
    ", tout en ",
    " pour que ",
];
const SAID: [&str; 20] = [
    "a déclaré",
    "a affirmé",
    "a-t-il ajouté",
    "a souligné",
    "a indiqué",
    "a expliqué",
    "a précisé",
    "a estimé",
    "a réagi",
    "a assuré",
    "a regretté",
    "a promis",
    "a reconnu",
    "a dénoncé",
    "a rappelé",
    "a conclu",
    "a annoncé",
    "a prévenu",
    "a répondu",
    "a confié",
];
const OFFICES: [&str; 14] = [
    "le ministre de l'Intérieur",
    "la présidente de la région",
    "le porte-parole du gouvernement",
    "le maire",
    "la préfète",
    "un responsable syndical",
    "le chef de la diplomatie",
    "l'avocate de la famille",
    "le procureur de la République",
    "la directrice générale",
    "un témoin",
    "le sélectionneur",
    "un chercheur",
    "la secrétaire d'État",
];
const PHRASES: [&str; 24] = [
    "selon une source proche du dossier",
    "a-t-on appris de source policière",
    "dans la nuit de lundi à mardi",
    "en fin de matinée",
    "selon un bilan provisoire",
    "d'ici à la fin de l'année",
    "au cours d'une conférence de presse",
    "à l'Assemblée nationale",
    "pour la première fois depuis dix ans",
    "sous couvert de l'anonymat",
    "sans faire de victime",
    "à quelques semaines du scrutin",
    "par rapport à l'an dernier",
    "en première lecture",
    "dans un entretien accordé au quotidien régional",
    "sur fond de tensions",
    "au terme de longues négociations",
    "en garde à vue",
    "dans un communiqué publié mercredi",
    "aux alentours de 18 heures",
    "à l'échelle européenne",
    "devant le tribunal correctionnel",
    "en raison des intempéries",
    "à huis clos",
];
const DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MEASURES: [&str; 10] = [
    " euros",
    " %",
    " millions d'euros",
    " personnes",
    " kilomètres",
    " emplois",
    " habitants",
    " tonnes",
    " blessés",
    " voix",
];

/// Writes about one subject.
pub(crate) struct Writer<'a> {
    pub(crate) words: &'a Lexicon,
    pub(crate) random: &'a mut Random,
    pub(crate) subject: &'a Subject,
}

impl Writer<'_> {
    pub(crate) fn headline(&mut self) -> String {
        let mut text = match self.random.below(4) {
            0 => format!("{} : ", capital(&self.noun(false))),
            1 => format!("{} : ", self.random.one(&self.subject.places)),
            _ => String::new(),
        };
        self.noun_phrase(&mut text);
        self.verb_phrase(&mut text);
        capital(&text)
    }

    pub(crate) fn subhead(&mut self) -> String {
        let noun = self.noun(true);
        capital(&format!("{noun} {}", self.words.adjective(self.random, true)))
    }

    /// A paragraph of about so many bytes.
    pub(crate) fn paragraph(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 200);
        while text.len() < bytes {
            if !text.is_empty() {
                text.push(' ');
            }
            match self.random.chance(0.2) {
                true => self.quotation(&mut text),
                false => self.sentence(&mut text),
            }
        }
        text
    }

    pub(crate) fn sentence(&mut self, text: &mut String) {
        let start = text.len();
        if self.random.chance(0.3) {
            let opening = self.random.word(&OPENINGS);
            text.push_str(opening);
            if !opening.ends_with(", ") {
                self.noun_phrase(text);
                text.push_str(", ");
            }
        }
        self.clause(text);
        while self.random.chance(0.35) {
            let joint = self.random.word(&JOINTS);
            text.push_str(joint);
            self.clause(text);
        }
        let first = text[start..].chars().next().map_or(0, char::len_utf8);
        let upper = text[start..start + first].to_uppercase();
        text.replace_range(start..start + first, &upper);
        text.push('.');
    }

    fn quotation(&mut self, text: &mut String) {
        text.push_str("« ");
        let mut said = String::new();
        self.sentence(&mut said);
        text.push_str(said.trim_end_matches('.'));
        text.push_str(" », ");
        text.push_str(self.random.word(&SAID));
        text.push(' ');
        let person = self.random.one(&self.subject.persons).clone();
        text.push_str(&person);
        if self.random.chance(0.4) {
            text.push_str(", ");
            text.push_str(self.random.word(&OFFICES));
        }
        text.push('.');
    }

    fn clause(&mut self, text: &mut String) {
        match self.random.chance(0.15) {
            true => {
                let person = self.random.one(&self.subject.persons).clone();
                text.push_str(&person);
            }
            false => self.noun_phrase(text),
        }
        self.verb_phrase(text);
        match self.random.below(10) {
            0 | 1 => {
                text.push(' ');
                text.push_str(self.random.word(&PHRASES));
            }
            2 => text.push_str(&format!(" {}", self.random.word(&DAYS))),
            3 => self.date(text),
            4 => text.push_str(&format!(" à {}", self.random.one(&self.subject.places))),
            5 => self.figure(text),
            _ => {}
        }
    }

    fn noun_phrase(&mut self, text: &mut String) {
        let (determiner, plural) = *self.random.one(&DETERMINERS);
        text.push_str(determiner);
        let noun = self.noun(plural);
        text.push_str(&noun);
        if self.random.chance(0.3) {
            text.push(' ');
            text.push_str(&self.words.adjective(self.random, plural));
        }
        if self.random.chance(0.4) {
            text.push_str(self.random.word(&LINKS));
            let noun = self.noun(plural);
            text.push_str(&noun);
        }
    }

    fn verb_phrase(&mut self, text: &mut String) {
        text.push(' ');
        match self.random.below(3) {
            0 => text.push_str(&self.words.verb(self.random, false)),
            1 => {
                text.push_str(self.random.word(&AUXILIARIES));
                text.push_str(&self.words.participle(self.random));
            }
            _ => {
                text.push_str(self.random.word(&MODALS));
                text.push_str(&self.words.infinitive(self.random));
            }
        }
        if self.random.chance(0.75) {
            text.push(' ');
            self.noun_phrase(text);
        }
    }

    fn noun(&mut self, plural: bool) -> String {
        let at = match self.random.chance(SUBJECT_SHARE) {
            // The first of a subject's words are its commonest.
            true => self.subject.nouns[self.random.zipf(SUBJECT_NOUNS, 3.0)],
            false => self.words.draw_noun(self.random),
        };
        self.words.noun(at, plural)
    }

    fn date(&mut self, text: &mut String) {
        let (day, month) = (self.random.between(1, 28), self.random.word(&MONTHS));
        match self.random.chance(0.4) {
            true => {
                text.push_str(&format!(" le {day} {month} {}", self.random.between(1990, 2026)))
            }
            false => text.push_str(&format!(" le {day} {month}")),
        }
    }

    fn figure(&mut self, text: &mut String) {
        let figure = match self.random.below(3) {
            0 => format!(" de {},{}", self.random.between(0, 99), self.random.between(1, 9)),
            1 => format!(" de {}.{:03}", self.random.between(1, 900), self.random.between(0, 999)),
            _ => format!(" de {}", self.random.between(2, 500)),
        };
        text.push_str(&figure);
        text.push_str(self.random.word(&MEASURES));
    }
}
