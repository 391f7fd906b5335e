//! Whom a story is from beside its outlet: an agency, another paper, an office.
//!
//! A headline has it in brackets; else it stands beside author and date, or under the story. A name
//! alone is believed only where its place leaves no other reading.

use depeche_text::{agency, fold, is_credit};

use crate::authors;
use crate::dates::{self, Order};
use crate::facts::Facts;
use crate::headline::{self, Outlet};
use crate::lines::{Beside, Line, Part};
use crate::phrases;

/// What is known when a credit is looked for.
pub(crate) struct Known<'a> {
    pub(crate) outlet: &'a Outlet,
    /// The outlet's name as it declares it.
    pub(crate) own: Option<&'a str>,
    pub(crate) authors: &'a [String],
    /// Names that are no credit though they stand beside author and date: section, keywords, the place.
    pub(crate) labels: Vec<&'a str>,
    /// Whether the page is French. Elsewhere roles, degrees and places stand where French outlets print the credit, and only
    /// agencies that are known are believed.
    pub(crate) french: bool,
    /// The agency in the dateline of the story, which makes its name sure wherever it stands.
    pub(crate) dateline: Option<&'a str>,
}

/// The credit in the lines beside a story.
pub(crate) fn in_lines(beside: &Beside, bylines: &[Line], known: &Known) -> Option<String> {
    let above = known.above(&beside.above, false);
    above
        .or_else(|| bylines.iter().find_map(|line| known.above(std::slice::from_ref(line), true)))
        .or_else(|| beside.below.iter().find_map(|line| known.below(line)))
        .or_else(|| beside.last.as_deref().and_then(|text| known.at_end(text)))
}

/// The credit that another form of the headline has in brackets, or that stands in the heading in an element of its own.
pub(crate) fn in_forms(facts: &Facts, headline: &str, french: bool) -> Option<String> {
    let wanted = headline::letters(headline);
    let headings = facts.headings.iter().filter(|heading| heading.level <= 2 && !heading.aside);
    let own = headings.clone().find_map(|heading| {
        let (last, before) = heading.parts.split_last()?;
        let last = last.trim_matches(['(', ')', '[', ']', ' ']);
        let rest: String = before.iter().map(|part| headline::letters(part)).collect();
        (rest == wanted && is_agency(last, french)).then_some(last)
    });
    let social = facts.first_meta(&["og:title"]);
    let forms = headings.map(|heading| heading.text.as_str()).chain(social);
    let mut split = forms.map(depeche_text::split_credit);
    let credited = || split.find(|split| headline::letters(split.headline) == wanted)?.credit;
    own.or_else(credited).map(str::to_owned)
}

/// A French headline and the credit that stands in it otherwise than in round brackets at its end: in an element of its
/// own, after a dash, before it, as «source : préfecture».
pub(crate) fn in_headline(
    facts: &Facts,
    headline: &str,
    beside: &Beside,
) -> Option<(String, String)> {
    let own = || {
        let wanted = headline::letters(headline);
        let whole = |heading: &&crate::facts::Heading| headline::letters(&heading.text) == wanted;
        let heading = facts.headings.iter().find(whole)?;
        let part = heading.parts.last().filter(|_| heading.parts.len() > 1);
        let bracketed = part.filter(|part| part.starts_with(['(', '[']) || is_told(part, beside));
        let found = heading.source.as_ref().or(bracketed)?;
        let rest = headline
            .strip_suffix(found.as_str())
            .or_else(|| headline.strip_prefix(found.as_str()))?;
        Some((rest, found.as_str()))
    };
    let dashed = || {
        let mut parted =
            [" – ", " — ", " - ", " | "].iter().filter_map(|sign| headline.rsplit_once(sign));
        // «- avec Mbappé» is the headline's own.
        parted.find(|(_, tail)| {
            let agency = tail.trim_start_matches("avec ");
            is_told(tail, beside) && (agency == *tail || is_agency(agency, true))
        })
    };
    let before = || {
        let (credit, rest) = headline.strip_prefix(['(', '['])?.split_once([')', ']'])?;
        (is_told(credit, beside) || is_agency(credit, true)).then_some((rest, credit))
    };
    let source = || {
        let (rest, tail) = headline.strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
        Some((rest, source_of(tail)?))
    };
    let (rest, credit) = own().or_else(dashed).or_else(before).or_else(source)?;
    let signs = |c: char| c.is_whitespace() || "–—-|:,".contains(c);
    let credit = credit.trim_matches(['(', ')', '[', ']', ' ']);
    let rest = rest.trim_matches(signs);
    (is_credit(credit) && rest.len() > credit.len()).then(|| (rest.to_owned(), credit.to_owned()))
}

/// Whether a text is a credit by its letters, or the agency in the dateline of the story.
fn is_told(text: &str, beside: &Beside) -> bool {
    let bare = text.trim_matches(['(', ')', '[', ']', ' ']);
    is_listed(bare)
        || (bare.to_lowercase().starts_with("avec ") && is_credit(bare))
        || (depeche_text::is_organisation(bare) && is_credit(bare))
        || in_dateline(beside).is_some_and(|agency| agency == bare)
}

/// The agency in the dateline of a story: «LYON, 3 mars (HP) - ».
pub(crate) fn in_dateline(beside: &Beside) -> Option<&str> {
    let text = beside.first.as_deref()?;
    let (start, _) = text.split_once(" - ").or(text.split_once(" – "))?;
    let (_, agency) = start.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    (start.len() < 80).then_some(agency)
}

/// A headline without the credit that is known from beside it, in whatever brackets or after a dash.
pub(crate) fn without<'a>(headline: &'a str, credit: &str) -> &'a str {
    let bare = headline.trim_end_matches([')', ']']);
    let rest = bare.strip_suffix(credit).map(str::trim_end);
    let rest = rest.and_then(|rest| rest.strip_suffix(['(', '[', '–', '—', '|']));
    rest.map(str::trim_end).filter(|rest| rest.len() > credit.len()).unwrap_or(headline)
}

/// Whether a name is an agency's by its letters.
pub(crate) fn is_agency(name: &str, french: bool) -> bool {
    is_listed(name) || (french && is_initials(name))
}

/// Whether a declared author is an agency or a paper, or several, on a French page also by their letters.
pub(crate) fn names_agency(name: &str, french: bool) -> bool {
    let mut names = name.split(", ").map(str::trim);
    let body = |name: &str| depeche_text::is_organisation(name) || is_agency(name, true);
    let mut told = || names.any(body) || fold(name).starts_with("avec ");
    is_agency(name, french) || (french && is_credit(name) && told())
}

fn is_listed(name: &str) -> bool {
    // A map is no agency, nor is what folds to nothing.
    let written = name.len() > 4 || name == "dpa" || !name.contains(char::is_lowercase);
    if !written || !name.contains(char::is_alphabetic) {
        return false;
    }
    let folded = fold(name);
    AGENCIES.split('|').any(|known| known.trim() == folded)
        || agency::ending_credit(name).is_some_and(|whole| whole == name)
}

/// Agencies beside those of the French wires, folded.
const AGENCIES: &str = "
    afp|agence france-presse|associated press|the associated press|the canadian press|
    la presse canadienne|presse canadienne|keystone-ats|ats|belga|dpa|apa|sda|ansa|efe|europa press|
    lusa|tt|ritzau|ntb|pap|ctk|mti|anp|xinhua|kyodo|pti|ians|ani|bloomberg|bloomberg news|reuters|
    thomson reuters|upi|sid|kna|epd|agencia efe|agenzia ansa|press association|pa media|
    australian associated press|aap|agence belga|afp relaxnews|relaxnews|aps|map|anadolu|interfax|
    ria novosti|tass|ukrinform|yonhap|jiji press|vna|ians news|reuters health|
";

/// Two to four capitals that are no word of a page's own.
fn is_initials(name: &str) -> bool {
    const WORDS: &str = " AM PM OK TV ID PDF RSS FAQ MAJ ABO NEW FR EN DE ES IT PT NL USA US UK EU UE ET CET CEST EST EDT
        PST PDT GMT BST UTC IST MEZ CT MT HD VIP SMS APP WEB VOD AMP PRO MIN SHARE NEWS LIVE TOP PR CEO MD PHD CFP RN MA MS BA ";
    (2..=4).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_uppercase())
        && !WORDS.split_whitespace().any(|word| word == name)
}

/// Whether an item of a line says that its author writes from elsewhere: «correspondance», «envoyé spécial à Kiev».
fn is_posting(item: &str) -> bool {
    const POSTS: [&str; 7] = [
        "correspondan",
        "envoye special",
        "envoyee special",
        "envoyes speciaux",
        "notre envoye",
        "de notre correspond",
        "a notre correspond",
    ];
    let folded = fold(item);
    POSTS.iter().any(|post| folded.starts_with(post))
}

/// What a piece of a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// A person who wrote it, the outlet, its desk.
    Name,
    Date,
    /// «Par», «Publié», a section, what nobody could be called.
    Label,
    /// A credit by its letters.
    Sure(String),
    /// A credit where its neighbours leave nothing else.
    Maybe(String),
}

impl Known<'_> {
    /// The credit above a story; `strong` where the lines are bylines by their names.
    fn above(&self, lines: &[Line], strong: bool) -> Option<String> {
        let read: Vec<Vec<Segment>> = lines.iter().map(|line| self.segments(line)).collect();
        let tells = |at: usize| {
            read.get(at).is_some_and(|line| {
                line.iter().any(|one| matches!(one, Segment::Name | Segment::Date))
            })
        };
        let alone = |at: usize| {
            let nobody = |one: &&Segment| **one != Segment::Label;
            let own = read.get(at).is_some_and(|line| line.iter().filter(nobody).count() == 1);
            let line = lines.get(at).filter(|line| own && !line.doubtful);
            line.is_some_and(|line| {
                source_of(&line.text()).is_some() || self.is_alone(&line.text())
            })
        };
        let near = |at: usize| {
            strong || tells(at) || tells(at + 1) || at > 0 && tells(at - 1) || alone(at)
        };
        let sure = read.iter().enumerate().filter(|(at, _)| near(*at)).find_map(|(_, line)| {
            line.iter().find_map(|one| match one {
                Segment::Sure(credit) => Some(credit.clone()),
                _ => None,
            })
        });
        let own_line = |at: usize| match read.get(at..at + 2)? {
            // The author, the credit and the date, each in a line of its own.
            [name, credit] if name.as_slice() == [Segment::Name] => match credit.as_slice() {
                [Segment::Maybe(credit)] if tells(at + 2) => Some(credit.clone()),
                _ => None,
            },
            _ => None,
        };
        sure.or_else(|| read.iter().find_map(|line| between(line)))
            .or_else(|| (0..read.len()).find_map(own_line))
    }

    /// The credit that a line under the story is: in brackets, set apart, or by its letters.
    fn below(&self, line: &Line) -> Option<String> {
        let text = line.text();
        if let Some(owner) = owner(&text).filter(|owner| !self.is_name(owner)) {
            let body = owner.split(", ").any(|name| self.is_body(name));
            let credit = body || (self.french && owner.starts_with("avec "));
            return credit.then(|| owner.to_owned());
        }
        let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        let bare = inner.unwrap_or(&text).trim_end_matches('.').trim();
        let rest = self.without_name(bare).unwrap_or(bare);
        let apart = inner.is_some() || !line.doubtful;
        let sourced = line.parts.len() == 1 && line.parts.iter().any(|part| part.sourced);
        match self.segment(rest, sourced) {
            Segment::Sure(credit) if apart || is_listed(rest) || credit != rest => Some(credit),
            Segment::Maybe(credit) if inner.is_some() => Some(credit),
            _ if line.doubtful => None,
            _ => match self.segments(line).as_slice() {
                [Segment::Sure(credit), Segment::Date]
                | [Segment::Date, Segment::Sure(credit)]
                | [Segment::Name, Segment::Sure(credit), ..] => Some(credit.clone()),
                _ => None,
            },
        }
    }

    /// The agency in brackets after a story's last sentence.
    fn at_end(&self, text: &str) -> Option<String> {
        let (story, credit) = text.trim_end().strip_suffix(')')?.rsplit_once('(')?;
        let rest = self.without_name(credit).unwrap_or(credit);
        let ended = crate::blocks::ends_sentence(story.trim_end());
        match self.segment(rest, false) {
            Segment::Sure(credit) if ended => Some(credit),
            _ => None,
        }
    }

    fn segments(&self, line: &Line) -> Vec<Segment> {
        line.parts.iter().flat_map(|part| self.of_part(part)).collect()
    }

    fn of_part(&self, part: &Part) -> Vec<Segment> {
        if let Some(source) =
            source_of(&part.text).filter(|source| self.french && is_credit(source))
        {
            return vec![Segment::Sure(source.to_owned())];
        }
        // «La rédaction avec HP»
        let mut text = part.text.replace(" avec ", "\u{1}avec ");
        for sign in [" – ", " - ", " — ", " / ", "|", "•", "·", "(", ")", "●", "\n"] {
            text = text.replace(sign, "\u{1}");
        }
        let pieces = text.split('\u{1}').map(str::trim).filter(|piece| !piece.is_empty());
        pieces.flat_map(|piece| self.parted(piece, part.sourced)).collect()
    }

    /// A piece, parted at commas where some of it is a name or a date: «HP, Méridienne» is one credit.
    fn parted(&self, piece: &str, sourced: bool) -> Vec<Segment> {
        if let Some(rest) = self.without_name(piece).filter(|rest| is_credit(rest)) {
            return vec![Segment::Name, self.segment(rest, sourced)];
        }
        let mut items: Vec<&str> = piece.split(',').map(str::trim).collect();
        // «Jeanne Morel et HP»
        if let [only] = items.as_slice()
            && let Some((name, rest)) = only.split_once(" et ")
            && (self.is_name(name) || self.is_body(rest))
        {
            items = vec![name.trim(), rest.trim()];
        }
        // «Lyon, correspondance»
        if let [_, post] = items.as_slice()
            && is_posting(post)
            && !items.iter().any(|item| self.is_name(item))
        {
            return vec![Segment::Label];
        }
        let other = |item: &&str| {
            matches!(self.segment(item, false), Segment::Name | Segment::Date | Segment::Label)
        };
        if items.len() > 1 && items.iter().any(&other) {
            let mut found = Vec::new();
            let rest: Vec<&str> = items.iter().copied().filter(|item| !other(item)).collect();
            found.extend(
                items.iter().filter(|item| other(item)).map(|item| self.segment(item, false)),
            );
            if !rest.is_empty() {
                found.insert(found.len().min(1), self.segment(&rest.join(", "), sourced));
            }
            return found;
        }
        match self.without_name(piece) {
            Some(rest) => vec![Segment::Name, self.segment(rest, sourced)],
            None => vec![self.segment(piece, sourced)],
        }
    }

    /// What follows the author's or the outlet's name in a text that begins with it.
    fn without_name<'a>(&self, text: &'a str) -> Option<&'a str> {
        // The name that its host gives is a word like others.
        let names = self.own.into_iter().chain(self.authors.iter().map(String::as_str));
        let names: Vec<String> = names.map(fold).collect();
        let is_name = |start: &str| names.contains(&fold(start));
        let ends = text.match_indices(' ').map(|(at, _)| at).take(5);
        let mut parted = ends.filter_map(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
        parted.find(|(start, _)| is_name(start)).map(|(_, rest)| rest.trim())
    }

    /// Whether a name is that of an agency or a paper by its letters, or of the agency in the story's dateline.
    fn is_body(&self, name: &str) -> bool {
        is_agency(name, self.french)
            || (self.french && depeche_text::is_organisation(name) && is_credit(name))
            || self.dateline.is_some_and(|agency| agency == name)
    }

    /// Whether a line is nothing but a credit.
    fn is_alone(&self, text: &str) -> bool {
        let bare = text.trim_matches(['(', ')', '[', ']', ' ', '.']);
        let names = bare.strip_prefix("avec ").unwrap_or(bare);
        let names = names.strip_prefix("l'").or_else(|| names.strip_prefix("l’")).unwrap_or(names);
        names.split(", ").any(|name| self.is_body(name)) || names != bare
    }

    /// The agency or paper that «Par HP» or «Publié le 3 mars par HP» names.
    fn by<'b>(&self, text: &'b str) -> Option<&'b str> {
        let parted = text.rsplit_once(" par ").or_else(|| text.rsplit_once("Par "));
        parted
            .map(|(_, name)| name.trim())
            .filter(|name| name.split(", ").any(|name| self.is_body(name)) && !self.is_name(name))
    }

    fn is_name(&self, text: &str) -> bool {
        let folded = fold(text);
        let bare = phrases::BYLINE_STARTS.iter().find_map(|start| folded.strip_prefix(start));
        let bare = bare.unwrap_or(&folded).trim();
        self.outlet.is(text)
            || self.authors.iter().any(|author| fold(author) == bare)
            || authors::is_desk(text)
    }

    fn segment(&self, text: &str, sourced: bool) -> Segment {
        let text = text.trim_matches([',', ':', ';', ' ', '.', '\u{a0}']);
        let text = self.by(text).unwrap_or(text);
        let folded = fold(text);
        if text.is_empty() || is_posting(text) {
            return Segment::Label;
        }
        if self.is_name(text) {
            return Segment::Name;
        }
        let digits = text.contains(|c: char| c.is_ascii_digit());
        if dates::prose(text, Order::DayFirst).is_some() || (digits && !is_credit(text)) {
            return Segment::Date;
        }
        if is_listed(text) {
            return Segment::Sure(text.to_owned());
        }
        if !self.french {
            return Segment::Label;
        }
        if let Some(source) = source_of(text).filter(|source| is_credit(source)) {
            return Segment::Sure(source.to_owned());
        }
        let label = self.labels.iter().any(|label| fold(label) == folded);
        if label || !is_credit(text) || is_role(&folded) || phrases::is_furniture_line(&folded) {
            return Segment::Label;
        }
        let mut names = text.split([',', '/']).flat_map(|name| name.split(" et ")).map(str::trim);
        // «préfecture», but not «de notre correspondante», who is a person
        let office = text.starts_with(char::is_lowercase) && !folded.starts_with("de ");
        let with = office || folded.starts_with("avec ");
        if sourced || with || names.any(|name| self.is_body(name)) {
            return Segment::Sure(text.to_owned());
        }
        Segment::Maybe(text.to_owned())
    }
}

/// Whether a paragraph is nothing but the credit: «(HP)», «Source : HP», «© HP 2024».
pub(crate) fn is_only(paragraph: &str, credit: &str) -> bool {
    let bare = |text: &str| -> String {
        let text = owner(text).or_else(|| source_of(text)).unwrap_or(text);
        headline::letters(text.strip_prefix("Par ").unwrap_or(text))
    };
    paragraph.len() < credit.len() + 24 && bare(paragraph) == headline::letters(credit)
}

/// A name that stands alone between the author or the outlet and the date.
fn between(line: &[Segment]) -> Option<String> {
    let mut told: Vec<&Segment> = line.iter().filter(|one| **one != Segment::Label).collect();
    told.dedup();
    let dated = told.contains(&&Segment::Date);
    match told.as_slice() {
        [Segment::Name, Segment::Maybe(credit)] => Some(credit.clone()),
        [Segment::Name, Segment::Maybe(credit), Segment::Date, ..] if dated => Some(credit.clone()),
        _ => None,
    }
}

/// Whose rights a line under the story tells of: «© HP 2024», «Copyright HP».
fn owner(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['(', ' ']);
    let text = text.strip_prefix("Copyright").unwrap_or(text).trim_start();
    let rest = text.strip_prefix('©').or_else(|| text.strip_prefix("(c)"))?;
    let year = |c: char| c.is_ascii_digit() || " ,-–".contains(c);
    let rest = rest.trim_matches(year);
    let end = rest.find(|c: char| ".-–(0123456789".contains(c)).unwrap_or(rest.len());
    // «HP, Méridienne», but not «HP, tous droits réservés»
    let small = rest.match_indices(',').map(|(at, _)| at).find(|at| {
        let next = rest.get(at + 1..).unwrap_or_default().trim_start();
        !next.starts_with(char::is_uppercase)
    });
    let end = small.map_or(end, |small| small.min(end));
    rest.get(..end).map(str::trim).filter(|owner| !owner.is_empty())
}

/// What a line calls its source: «Source : HP».
fn source_of(text: &str) -> Option<&str> {
    let (label, source) = text.split_once(':')?;
    matches!(fold(label).trim(), "source" | "sources" | "quelle" | "fuente" | "fonte" | "bron")
        .then(|| source.trim())
}

/// Whether words say what somebody does, or call upon the reader: they stand where credits do.
fn is_role(folded: &str) -> bool {
    const WORDS: &str = " redacteur redactrice redakteur redakteurin journaliste journalist journalists reporter editor
        correspondent correspondant correspondante korrespondent chef chief head director directeur directrice manager
        senior staff writer contributor author auteur autor autorin redaktion photographe photographer fotograf professeur
        professor president ceo founder publie published updated posted modifie mis lecture reading read reserve abonnes
        abonne partager share suivre follow ecouter listen commenter comments commentaires opinion tribune analyse
        chronique editorial reportage interview portrait podcast video photo photos exclusif premium gratuit politique
        politics sport sports culture archives archive illustration reagir mots economie economy societe monde world news actualites actualite local sante health
        science tech technologie business by par von and und et envoye special envoyee mise
        updates last comment twitter facebook email linkedin print ";
    folded
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .is_none_or(|first| first.is_empty() || WORDS.split_whitespace().any(|word| word == first))
        || folded
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| WORDS.split_whitespace().take(40).any(|role| role == word))
}

#[cfg(test)]
mod tests {
    use crate::{Hints, article};

    const STORY: &str = "<p>Un lac de trente mille mètres cubes s'est formé sous le glacier des Rouies-Blanches, ont \
        constaté mardi les ingénieurs du parc, qui veulent le vider avant l'été.</p><p>Les communes de la vallée ont été \
        prévenues et les sentiers fermés, a précisé le préfet dans un message aux habitants.</p><p>« Nous n'avions rien vu \
        venir, la poche est apparue en moins de deux saisons », a expliqué le chef du service, Paul Ardent.</p>";

    #[track_caller]
    fn check(heading: &str, above: &str, below: &str, credit: &str, authors: &[&str]) {
        let page = format!(
            "<html lang=fr><meta charset=utf-8><meta property=og:site_name content='Le Courrier'>\
            <title>Un lac caché sera vidangé - Le Courrier</title><h1>{heading}</h1>{above}<div>{STORY}{below}</div>"
        );
        let found = article(page.as_bytes(), &Hints::default()).article;
        assert_eq!(found.headline, "Un lac caché sera vidangé");
        assert_eq!(found.credit.as_deref().unwrap_or_default(), credit, "{heading}{above}{below}");
        assert_eq!(found.authors, authors, "{heading}{above}{below}");
    }

    #[test]
    fn credits_beside_a_story() {
        let lake = "Un lac caché sera vidangé";
        let morel = ["Jeanne Morel"];
        for (above, credit, authors) in [
            ("<p>Par Jeanne Morel – HP</p>", "HP", &morel[..]),
            ("<p><b>Jeanne Morel</b><span>HP</span> Mis à jour le 12.03.2020</p>", "HP", &morel),
            (
                "<p>Par <a>Jeanne Morel</a><span>avec Méridienne</span></p>",
                "avec Méridienne",
                &morel,
            ),
            (
                "<p><span>Le Courrier</span><span>HP, Méridienne</span> 12/03/2020</p>",
                "HP, Méridienne",
                &[],
            ),
            ("<p>La rédaction avec HP, le 12 mars 2020</p>", "avec HP", &[]),
            ("<p>HP, publié le 12 mars 2020 à 10h12</p>", "HP", &[]),
            ("<p>Jeanne Morel, 12 mars 2020</p>", "", &morel),
            (
                "<p>Par Jeanne Morel (Lyon, correspondance)</p><p>Publié le 12/03/2020</p>",
                "",
                &morel,
            ),
            ("<p>Par Jeanne Morel, envoyée spéciale à Lyon, avec HP</p>", "avec HP", &morel),
            ("<p>Par Jeanne Morel, journaliste, 12 mars 2020</p>", "", &morel),
            ("<p>Société | 12 mars 2020 | PDF</p>", "", &[]),
        ] {
            check(lake, above, "", credit, authors);
        }
    }

    #[test]
    fn credits_and_signatures_under_a_story() {
        let lake = "Un lac caché sera vidangé";
        for (below, credit, authors) in [
            ("<p>(avec Méridienne)</p>", "avec Méridienne", &[][..]),
            ("<p><i>Source : préfecture</i></p>", "préfecture", &[]),
            ("<p>(Le Courrier HP)</p>", "HP", &[]),
            ("<div align=right><b>Jeanne Morel</b></div>", "", &["Jeanne Morel"]),
            // Of whom the story tells, he did not write it.
            ("<p>Paul Ardent</p>", "", &[]),
            ("<p>© Le Courrier 2020</p>", "", &[]),
        ] {
            check(lake, "", below, credit, authors);
        }
    }

    #[test]
    fn credits_of_a_headline() {
        for (heading, credit) in [
            ("Un lac caché sera vidangé (avec HP)", "avec HP"),
            ("Un lac caché sera vidangé [HP]", "HP"),
            ("Un lac caché sera vidangé <em>(Jeanne Morel)</em>", "Jeanne Morel"),
            ("Un lac caché sera vidangé <span class=source>préfecture</span>", "préfecture"),
            ("Un lac caché sera vidangé (source : préfecture)", "préfecture"),
            ("Un lac caché sera vidangé", ""),
        ] {
            check(heading, "", "", credit, &[]);
        }
    }
}
