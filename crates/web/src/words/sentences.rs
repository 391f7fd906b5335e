//! The sentences with numbers, names and times in them.

use std::borrow::Cow;

use depeche_search::{Ignored, Reason};
use depeche_store::Standing;

use super::{Language, Words};

/// Characters shown of a part of a query that was passed over.
const PASSED_OVER_CHARS: usize = 60;

/// The commonest forms of a query; all of it stands in `docs/recherche.md`.
static HELP_FRENCH: [(&str, &str); 9] = [
    (
        "préfète crue",
        "les articles qui ont le plus de ces mots\u{202f}; accents, majuscules et pluriels ne comptent pas",
    ),
    ("+crue +Meuse", "les deux mots"),
    ("\"conseil des ministres\"", "cette expression"),
    ("crue -Seine", "sans ce mot"),
    ("Meuse OU Moselle", "l’un ou l’autre"),
    ("inond*", "ce qui commence ainsi"),
    ("titre:crue", "dans le titre"),
    (
        "source:\"Le Monde\" agence:AFP",
        "de cette source, de cette agence\u{202f}; aussi rubrique, lieu, auteur, langue, type, urgence",
    ),
    (
        "depuis:7j",
        "depuis sept jours\u{202f}; aussi date:2026-11, date:2026-11-01/2026-11-24, avant:hier",
    ),
];

static HELP_ENGLISH: [(&str, &str); 9] = [
    (
        "prefect flood",
        "articles that have most of these words; accents, capitals and plurals do not matter",
    ),
    ("+flood +Meuse", "both words"),
    ("\"council of ministers\"", "this phrase"),
    ("flood -Seine", "without this word"),
    ("Meuse OR Moselle", "the one or the other"),
    ("flood*", "what begins so"),
    ("title:flood", "in the headline"),
    (
        "source:\"Le Monde\" agency:AFP",
        "of this source, of this agency; also section, place, author, lang, kind, urgency",
    ),
    (
        "since:7d",
        "for the last seven days; also date:2026-11, date:2026-11-01/2026-11-24, before:yesterday",
    ),
];

impl Words {
    /// `one` where this language counts `count` as one, else `many`; French counts 0 as one.
    fn plural<'a>(&self, count: usize, one: &'a str, many: &'a str) -> &'a str {
        let singular = count == 1 || (count == 0 && self.language == Language::French);
        if singular { one } else { many }
    }

    fn counted(&self, count: usize, french: [&str; 2], english: [&str; 2]) -> String {
        let [one, many] = match self.language {
            Language::French => french,
            Language::English => english,
        };
        format!("{} {}", self.number(count), self.plural(count, one, many))
    }

    /// A number as this language writes it: «12 345», “12,345”.
    pub(crate) fn number(&self, number: usize) -> String {
        let mark = match self.language {
            Language::French => '\u{202f}',
            Language::English => ',',
        };
        let digits = number.to_string();
        let mut written = String::with_capacity(digits.len() + digits.len() / 3 * 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                written.push(mark);
            }
            written.push(digit);
        }
        written
    }

    pub(crate) fn dispatches(&self, count: usize) -> String {
        self.counted(count, ["dépêche", "dépêches"], ["dispatch", "dispatches"])
    }

    pub(crate) fn articles(&self, count: usize) -> String {
        self.counted(count, ["article", "articles"], ["article", "articles"])
    }

    /// A source has moved, and was at another address before.
    pub(crate) fn moved(&self, address: &str, left: &str) -> String {
        match self.language {
            Language::French => {
                format!(" Elle était à {address} jusqu’à son déménagement ({left}).")
            }
            Language::English => format!(" It was at {address} until it moved ({left})."),
        }
    }

    /// A source said that it is gone for good.
    pub(crate) fn gone(&self, day: &str) -> String {
        match self.language {
            Language::French => {
                format!(
                    "Cette source a cessé de paraître le {day}. Reprendre l’interroge de nouveau."
                )
            }
            Language::English => {
                format!("This source ceased to appear on {day}. Resume asks it again.")
            }
        }
    }

    pub(crate) fn days_counted(&self, count: usize) -> String {
        self.counted(count, ["jour", "jours"], ["day", "days"])
    }

    /// How many dispatches and articles of how many sources a story has.
    pub(crate) fn extent(&self, dispatches: usize, items: usize, sources: usize) -> String {
        let dispatches = self.dispatches(dispatches);
        let (items, sources) = (self.articles(items), self.sources_counted(sources));
        match self.language {
            Language::French => format!("{dispatches}, {items} de {sources}"),
            Language::English => format!("{dispatches}, {items} from {sources}"),
        }
    }

    /// What happened to articles of a story, if anything did.
    pub(crate) fn happened(&self, corrected: usize, notices: usize) -> Option<String> {
        let french = ["corrigé", "corrigés"];
        let corrected =
            (corrected > 0).then(|| self.counted(corrected, french, ["corrected", "corrected"]));
        let french = ["annulé ou retiré", "annulés ou retirés"];
        let notices = (notices > 0)
            .then(|| self.counted(notices, french, ["killed or removed", "killed or removed"]));
        let all: Vec<String> = corrected.into_iter().chain(notices).collect();
        Some(all.join(", ")).filter(|text| !text.is_empty())
    }

    /// What a chart of days shows, for whoever does not see it.
    pub(crate) fn chart(&self, total: usize, most: usize) -> String {
        let (total, most) = (self.articles(total), self.number(most));
        match self.language {
            Language::French => format!("{total} en trente jours, {most} au plus en un jour"),
            Language::English => format!("{total} in thirty days, {most} at most in a day"),
        }
    }

    /// What stands under a chart of days.
    pub(crate) fn greatest(&self, most: usize) -> String {
        let (by_day, most) = (self.by_day, self.number(most));
        match self.language {
            Language::French => format!("{by_day}, {most} au plus"),
            Language::English => format!("{by_day}, {most} at most"),
        }
    }

    /// How far the index is while it is filled again, in whole per cent.
    pub(crate) fn search_filling(&self, per_cent: u64) -> String {
        match self.language {
            Language::French => format!(
                "La recherche se remplit\u{202f}: {per_cent}\u{202f}%. Ce qui manque encore apparaîtra bientôt."
            ),
            Language::English => format!(
                "Search is being filled: {per_cent}%. What is still missing will appear soon."
            ),
        }
    }

    /// From when on the index has nothing.
    pub(crate) fn search_behind(&self, since: &str) -> String {
        match self.language {
            Language::French => {
                format!("La recherche n’a pas encore ce qui est arrivé depuis\u{202f}: {since}.")
            }
            Language::English => format!("Search does not yet have what came since {since}."),
        }
    }

    /// A language by its name; one we have no name for by its tag.
    pub(crate) fn language_name<'a>(&self, tag: &'a str) -> &'a str {
        let [french, english] = match tag.split('-').next().unwrap_or_default() {
            "fr" => ["français", "French"],
            "en" => ["anglais", "English"],
            "de" => ["allemand", "German"],
            "es" => ["espagnol", "Spanish"],
            "it" => ["italien", "Italian"],
            "nl" => ["néerlandais", "Dutch"],
            "pt" => ["portugais", "Portuguese"],
            _ => [tag, tag],
        };
        match self.language {
            Language::French => french,
            Language::English => english,
        }
    }

    pub(crate) fn sources_counted(&self, count: usize) -> String {
        self.counted(count, ["source", "sources"], ["source", "sources"])
    }

    /// What was added by a click, and what happens to it.
    pub(crate) fn sources_added(&self, names: &[String]) -> String {
        match (self.language, names) {
            (Language::French, [name]) => {
                format!(
                    "«\u{202f}{name}\u{202f}» est ajoutée\u{202f}; elle est interrogée maintenant."
                )
            }
            (Language::English, [name]) => format!("“{name}” is added; it is being asked now."),
            (Language::French, _) => format!(
                "{} ajoutées\u{202f}; elles sont interrogées maintenant.",
                self.sources_counted(names.len())
            ),
            (Language::English, _) => {
                format!("{} added; they are being asked now.", self.sources_counted(names.len()))
            }
        }
    }

    /// What was to be added by a click and is listened to already.
    pub(crate) fn sources_known(&self, names: &[String]) -> String {
        match (self.language, names) {
            (Language::French, [name]) => format!("«\u{202f}{name}\u{202f}» est déjà suivie."),
            (Language::English, [name]) => format!("“{name}” is already listened to."),
            (Language::French, _) => {
                format!("{} sont déjà suivies.", self.sources_counted(names.len()))
            }
            (Language::English, _) => {
                format!("{} are already listened to.", self.sources_counted(names.len()))
            }
        }
    }

    pub(crate) fn opml_outcome(&self, added: usize, known: usize) -> String {
        match self.language {
            Language::French => format!(
                "{} {}, {} déjà {}.",
                self.sources_counted(added),
                self.plural(added, "ajoutée", "ajoutées"),
                self.number(known),
                self.plural(known, "connue", "connues"),
            ),
            Language::English => {
                format!(
                    "{} added, {} already known.",
                    self.sources_counted(added),
                    self.number(known)
                )
            }
        }
    }

    pub(crate) fn nothing_found(&self, query: &str) -> String {
        match self.language {
            Language::French => format!("Rien ne répond à «\u{202f}{query}\u{202f}»."),
            Language::English => format!("Nothing matches “{query}”."),
        }
    }

    /// A part of a query that was passed over, and why. A source is not passed over: what nobody has, nothing is from.
    pub(crate) fn passed_over(&self, ignored: &Ignored) -> String {
        let text: String = ignored.text.chars().take(PASSED_OVER_CHARS).collect();
        let why = match ignored.reason {
            Reason::Source => return self.no_source(&text),
            Reason::Field => "champ inconnu ici",
            Reason::Time => "ni date ni durée (2016-02-11, 2016-02/2016-04, 7j, hier)",
            Reason::Value => "valeur que ce champ ne peut avoir",
            Reason::Start => "trois lettres au moins avant l’étoile",
            Reason::Long => "trop long",
            Reason::Many => "il y en a trop",
            Reason::Deep => "trop de parenthèses",
            Reason::Saved => "aucune recherche enregistrée sous ce nom",
        };
        match self.language {
            Language::French => format!("Laissé de côté\u{202f}: «\u{202f}{text}\u{202f}» ({why})"),
            Language::English => format!("Passed over: “{text}” ({})", ignored.reason.told()),
        }
    }

    /// A source that a search names and that is not there.
    fn no_source(&self, name: &str) -> String {
        match self.language {
            Language::French => {
                format!(
                    "Aucune source ne s’appelle «\u{202f}{name}\u{202f}»\u{202f}: rien n’y répond."
                )
            }
            Language::English => format!("No source is called “{name}”: nothing answers to it."),
        }
    }

    /// How many articles were found, and how many rows they make where they are folded.
    pub(crate) fn articles_in(&self, articles: usize, rows: usize, by_story: bool) -> String {
        let folded = match by_story {
            true => self.counted(rows, ["sujet", "sujets"], ["story", "stories"]),
            false => self.dispatches(rows),
        };
        match self.language {
            Language::French => format!("{} en {folded}", self.articles(articles)),
            Language::English => format!("{} in {folded}", self.articles(articles)),
        }
    }

    /// The copy that a search found, where another one leads the row.
    pub(crate) fn copy_found(&self, source: &str) -> String {
        match self.language {
            Language::French => format!("copie trouvée\u{202f}: {source}"),
            Language::English => format!("copy found: {source}"),
        }
    }

    /// A word that no article holds, and the one that was taken in its place.
    pub(crate) fn took_instead(&self, typed: &str, used: &str) -> String {
        match self.language {
            Language::French => format!(
                "Rien pour «\u{202f}{typed}\u{202f}»\u{202f}; voici «\u{202f}{used}\u{202f}»."
            ),
            Language::English => format!("Nothing for “{typed}”; here is “{used}”."),
        }
    }

    /// A word that no article holds.
    pub(crate) fn none_with(&self, word: &str) -> String {
        match self.language {
            Language::French => format!("Aucun article avec «\u{202f}{word}\u{202f}»."),
            Language::English => format!("No article with “{word}”."),
        }
    }

    /// A search without one of its conditions.
    pub(crate) fn try_without(&self, condition: &str) -> String {
        match self.language {
            Language::French => format!("Sans la condition «\u{202f}{condition}\u{202f}»"),
            Language::English => format!("Without the condition “{condition}”"),
        }
    }

    /// What a bar of a histogram stands for.
    pub(crate) fn bar(&self, when: &str, count: usize) -> String {
        format!("{when}{} {}", crate::article::colon(self.language), self.articles(count))
    }

    /// What stands under a histogram.
    pub(crate) fn at_most(&self, most: usize) -> String {
        let most = self.number(most);
        match self.language {
            Language::French => format!("{most} au plus"),
            Language::English => format!("{most} at most"),
        }
    }

    /// How many other dispatches a story has.
    pub(crate) fn others_of_story(&self, others: usize) -> String {
        let counted = self.counted(others, ["autre", "autres"], ["other", "others"]);
        match self.language {
            Language::French => format!("{counted} du même sujet"),
            Language::English => format!("{counted} of the same story"),
        }
    }

    /// The title of a page of what is like an article.
    pub(crate) fn like_title(&self, headline: &str) -> String {
        format!("{} {headline}", self.like_heading)
    }

    /// The name of a search as a feed.
    pub(crate) fn feed_of(&self, query: &str) -> String {
        format!("{query} — Dépêche")
    }

    /// The commonest forms of a query, and what each means.
    pub(crate) fn help_lines(&self) -> &'static [(&'static str, &'static str)] {
        self.language.of(&HELP_FRENCH, &HELP_ENGLISH)
    }

    pub(crate) fn found_of(&self, query: &str) -> String {
        match self.language {
            Language::French => format!("{query} — Rechercher"),
            Language::English => format!("{query} — Search"),
        }
    }

    pub(crate) fn taken_from_killed(&self, agency: &str, when: &str) -> String {
        match self.language {
            Language::French => {
                format!(
                    "{agency}, dont ce texte est repris, a annulé sa dépêche ({when})\u{202f}: ne plus l’utiliser."
                )
            }
            Language::English => {
                format!(
                    "{agency}, which this text is taken from, has killed its dispatch ({when}): do not use it."
                )
            }
        }
    }

    pub(crate) fn taken_from_corrected(&self, agency: &str, when: &str) -> String {
        match self.language {
            Language::French => {
                format!("{agency}, dont ce texte est repris, a corrigé sa dépêche depuis ({when}).")
            }
            Language::English => {
                format!(
                    "{agency}, which this text is taken from, has corrected its dispatch since ({when})."
                )
            }
        }
    }

    pub(crate) fn newer_edition(&self, when: &str) -> String {
        let told = match self.language {
            Language::French => "Une édition plus récente de cette dépêche est parue",
            Language::English => "A newer edition of this dispatch came out",
        };
        self.at(told, when) + "."
    }

    pub(crate) fn killed_at(&self, when: &str) -> String {
        self.at(self.killed, when)
    }

    pub(crate) fn removed_at(&self, when: &str) -> String {
        self.at(self.removed, when)
    }

    pub(crate) fn corrected_at(&self, when: &str) -> String {
        let word = match self.language {
            Language::French => "corrigé",
            Language::English => "corrected",
        };
        self.at(word, when)
    }

    pub(crate) fn updated_at(&self, when: &str) -> String {
        let word = match self.language {
            Language::French => "nouvelle édition",
            Language::English => "new edition",
        };
        self.at(word, when)
    }

    /// A word and a time of day or a date: «Corrigé à 17:05», «Corrigé le 3 mars 2016 à 17:05».
    pub(crate) fn at(&self, word: &str, when: &str) -> String {
        let bare_time = when.len() == "16:41".len();
        let between = match (self.language, bare_time) {
            (Language::French, true) => "à",
            (Language::French, false) => "le",
            (Language::English, true) => "at",
            (Language::English, false) => "on",
        };
        format!("{word} {between} {when}")
    }

    /// Why a story stands on the front: who came to tell it, in how many hours, and who had it first.
    pub(crate) fn stands_here(
        &self,
        standing: &Standing,
        dispatches: usize,
        when: &str,
        first: &str,
    ) -> String {
        let hours = standing.hours;
        let independent = [
            ["source indépendante", "sources indépendantes"],
            ["independent source", "independent sources"],
        ];
        let came = match standing.voices {
            0 | 1 => self.sources_counted(standing.sources),
            voices => self.counted(voices, independent[0], independent[1]),
        };
        let span = match self.language {
            Language::French => format!("{came} en {hours}\u{202f}h"),
            Language::English => format!("{came} in {hours}\u{a0}h"),
        };
        let copies = self.counted(standing.copies, ["reprise", "reprises"], ["copy", "copies"]);
        let copies = (standing.copies > 0).then_some(copies);
        let first_word = self.language.of("première", "the first");
        let first = format!("{first_word} {when} ({first})");
        let parts = [Some(span), Some(self.dispatches(dispatches)), copies, Some(first)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What two stories have in common.
    pub(crate) fn in_common(&self, words: &[String]) -> String {
        let words = words.join(", ");
        match self.language {
            Language::French => format!("en commun\u{202f}: {words}"),
            Language::English => format!("in common: {words}"),
        }
    }

    pub(crate) fn headline_was(&self, headline: &str) -> String {
        match self.language {
            Language::French => format!("titre\u{202f}: «\u{202f}{headline}\u{202f}»"),
            Language::English => format!("headline: “{headline}”"),
        }
    }

    pub(crate) fn per_cent(&self, per_cent: usize) -> String {
        match self.language {
            Language::French => format!("{per_cent}\u{202f}%"),
            Language::English => format!("{per_cent}%"),
        }
    }

    /// What a relation means, in a sentence.
    pub(crate) fn verdict(&self, relation: &str) -> &'static str {
        match relation {
            "version" => self.verdict_version,
            "teaser" => self.verdict_teaser,
            "background" => self.verdict_background,
            _ => self.verdict_copy,
        }
    }

    /// Which version of an item it is.
    pub(crate) fn version_number(&self, number: u32) -> String {
        format!("version {number}")
    }

    /// How much of each of two texts the other has, in whole per cent.
    pub(crate) fn shares(&self, ours: u32, theirs: u32) -> String {
        match self.language {
            Language::French => format!(
                "{ours}\u{202f}% de ce texte se trouve dans l’autre, {theirs}\u{202f}% de l’autre dans celui-ci."
            ),
            Language::English => {
                format!("{ours}% of this text is in the other, {theirs}% of the other in this one.")
            }
        }
    }

    /// The longest passage in common.
    pub(crate) fn longest_run(&self, words: usize) -> String {
        let words = self.number(words);
        match self.language {
            Language::French => format!("Plus long passage commun\u{202f}: {words} mots."),
            Language::English => format!("Longest passage in common: {words} words."),
        }
    }

    /// How many words stayed, went and came.
    pub(crate) fn words_changed(&self, same: usize, left: usize, added: usize) -> String {
        let [same, left, added] = [same, left, added].map(|words| self.number(words));
        match self.language {
            Language::French => format!(
                "Mots en commun\u{202f}: {same}, retirés\u{202f}: {left}, ajoutés\u{202f}: {added}."
            ),
            Language::English => {
                format!("Words in common: {same}, taken out: {left}, added: {added}.")
            }
        }
    }

    pub(crate) fn words_counted(&self, count: usize) -> String {
        self.counted(count, ["mot", "mots"], ["word", "words"])
    }

    /// What an edition did to so many words.
    pub(crate) fn adds(&self, words: usize) -> String {
        format!("{} {}", self.language.of("ajoute", "adds"), self.words_counted(words))
    }

    pub(crate) fn cuts(&self, words: usize) -> String {
        format!("{} {}", self.language.of("coupe", "cuts"), self.words_counted(words))
    }

    pub(crate) fn changes_words(&self, words: usize) -> String {
        format!("{} {}", self.language.of("change", "changes"), self.words_counted(words))
    }

    /// Whole paragraphs that an edition left out.
    pub(crate) fn cuts_paragraphs(&self, count: usize) -> String {
        let french = ["paragraphe", "paragraphes"];
        let count = self.counted(count, french, ["paragraph", "paragraphs"]);
        format!("{} {count}", self.language.of("coupe", "cuts"))
    }

    /// How much of the text before an edition keeps, in whole per cent.
    pub(crate) fn keeps(&self, per_cent: usize) -> String {
        format!("{} {}", self.language.of("garde", "keeps"), self.per_cent(per_cent))
    }

    /// What leads to a comparison with the edition of another time, and of another outlet where one is named.
    pub(crate) fn compare_with(&self, outlet: Option<&str>, when: &str) -> String {
        let word = self.language.of("comparer avec", "compare with");
        match outlet {
            Some(outlet) => format!("{word} {outlet} ({when})"),
            None => format!("{word} {when}"),
        }
    }

    /// How many editions and copies are not shown; at least so many where not all were counted.
    pub(crate) fn editions_more(&self, count: usize, at_least: bool) -> String {
        let number = self.number(count);
        match (self.language, at_least) {
            (Language::French, false) => {
                format!("{number} {}", self.plural(count, "autre", "autres"))
            }
            (Language::French, true) => format!("plus de {number} autres"),
            (Language::English, false) => format!("{number} more"),
            (Language::English, true) => format!("more than {number} more"),
        }
    }

    /// How many of its items the line of a dispatch is made of, where that is not all of them.
    pub(crate) fn editions_cut(&self, most: usize) -> String {
        let most = self.number(most);
        match self.language {
            Language::French => {
                format!("Seuls les {most} premiers articles de cette dépêche sont listés.")
            }
            Language::English => {
                format!("Only the first {most} articles of this dispatch are listed.")
            }
        }
    }

    /// Words that are joined as this language joins them: «A, B et C».
    pub(crate) fn list<'a>(&self, parts: &[&'a str]) -> Cow<'a, str> {
        let and = match self.language {
            Language::French => " et ",
            Language::English => " and ",
        };
        match parts {
            [] => Cow::Borrowed(""),
            [one] => Cow::Borrowed(one),
            [first @ .., last] => Cow::Owned(format!("{}{and}{last}", first.join(", "))),
        }
    }
}
