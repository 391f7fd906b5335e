//! The line of a dispatch: its editions, copies and versions in time order, what each is and what it did to the text
//! (docs/design/030-editions.md). The article page and what a row opens in place are drawn from it.

mod effects;
mod events;

use std::sync::Arc;

use askama::Template;
use depeche_news::{
    ItemId, Signal,
    jiff::{Timestamp, civil::Date},
    slug,
};
use depeche_store::{ArticleView, COPIES_MAX, CopyLine, Error, Store, TextView};
use depeche_text::{agency::Mark, typeset};

pub(crate) use effects::Remembered;

use crate::{
    App,
    comparison::{Evidence, items_href, version_href},
    dates,
    list::{foreign, href, notice_line},
    page::Visit,
    words::Words,
};
use effects::{Done, Effect, Pair, TEXT_BYTES_MAX, Text, effect};
pub(crate) use events::goes_on;
use events::{Event, Marked, events, original, shown};

/// Editions shown before the line is unfolded: what a screen of a laptop has room for.
const SHOWN: usize = 20;

/// Texts looked at for the longest: those that are kept in the most bytes, which also hold what its agency says of it.
const LONGEST_OF: usize = 6;

/// Adds to an article's address what unfolds its line.
const ALL: &str = "editions=toutes";

/// The line as it is drawn.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) editions: Vec<Edition>,
    pub(crate) more: Option<More>,
}

/// One edition, copy or version, ready to be drawn.
pub(crate) struct Edition {
    /// The day, where it is another than that of the edition before.
    pub(crate) day: Option<String>,
    pub(crate) when: String,
    pub(crate) exact: String,
    pub(crate) source: String,
    pub(crate) href: Option<String>,
    /// Says that it is what the page shows.
    pub(crate) here: Option<&'static str>,
    /// What it is.
    pub(crate) what: String,
    /// The language of its desk's words, where that is not the page's.
    pub(crate) language: Option<String>,
    pub(crate) marks: Vec<&'static str>,
    pub(crate) event: Option<String>,
    /// What it did to the text.
    pub(crate) did: String,
    /// What its desk says that it adds.
    pub(crate) said: Option<String>,
    pub(crate) compared: Option<(String, String)>,
}

/// What is not shown.
pub(crate) struct More {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
}

/// What a row opens in place.
#[derive(Template)]
#[template(path = "editions.html")]
pub(crate) struct Fragment {
    pub(crate) line: Line,
}

/// The line of the dispatch of an article, of which `read` is on the page; made where the store is read.
pub(crate) fn line(
    app: &App,
    visit: &Visit,
    store: &Store,
    view: &ArticleView,
    read: Option<&ItemId>,
) -> Result<Line, Error> {
    let items = items(view);
    let mut all = events(&items);
    if all.len() < 2 {
        return Ok(Line::default());
    }
    let known = Known { app, visit, store };
    let marked = Marked {
        first: items.first().map(|item| &item.item),
        original: original(&items).map(|item| &item.item),
        longest: longest(&known, &items, &all)?,
    };
    let unfolded = read.is_some() && visit.query.split('&').any(|part| part == ALL);
    let places = shown(&all, &marked, read, SHOWN);
    let mut chosen: Vec<Event<'_>> = places.iter().filter_map(|at| all.get(*at)).copied().collect();
    let effects = known.nearest_effects(&mut chosen)?;
    for (at, event) in places.iter().zip(chosen) {
        if let Some(place) = all.get_mut(*at) {
            *place = event;
        }
    }
    let told = |at: usize| places.binary_search(&at).ok().and_then(|at| effects.get(at)?.clone());
    let drawing = Drawing { app, visit, view, marked, read };
    let places = if unfolded { (0..all.len()).collect() } else { places.clone() };
    let lines = places.iter().filter_map(|at| Some((all.get(*at)?, told(*at))));
    let lines: Vec<_> =
        lines.map(|(event, told)| drawing.edition(event, told.as_deref())).collect();
    let left = all.len() - lines.len();
    let day = view.at.to_zoned_datetime(app.settings.zone.clone()).date();
    Ok(Line {
        editions: with_days(lines, visit, day),
        more: more(visit.words(), view, left, unfolded),
    })
}

/// The items of the dispatch in the order they lead it.
fn items(view: &ArticleView) -> Vec<&CopyLine> {
    let mut items: Vec<&CopyLine> = view.copies.iter().collect();
    if let Some(own) = &view.own {
        let place = (own.lead_at, own.item.as_str());
        let at = items.partition_point(|item| (item.lead_at, item.item.as_str()) < place);
        items.insert(at, own);
    }
    items
}

fn more(w: &Words, view: &ArticleView, left: usize, unfolded: bool) -> Option<More> {
    let page = || href("article", view.item.as_str(), &slug(&view.article.headline));
    match (left, unfolded) {
        (0, false) => None,
        (_, true) if view.more_copies => {
            Some(More { text: w.editions_cut(COPIES_MAX), href: None })
        }
        (_, true) => Some(More {
            text: w.editions_fewer.to_owned(),
            href: Some(format!("{}#copies", page())),
        }),
        (left, false) => Some(More {
            text: w.editions_more(left, view.more_copies),
            href: Some(format!("{}?{ALL}#copies", page())),
        }),
    }
}

/// The longest text there is, where some are shorter.
fn longest<'a>(
    known: &Known<'_>,
    items: &[&'a CopyLine],
    all: &[Event<'a>],
) -> Result<Option<&'a ItemId>, Error> {
    let mut texts: Vec<&CopyLine> = items.iter().copied().filter(|item| item.size > 0).collect();
    // Sorting keeps the order of those of one size: of several as long the first is meant.
    texts.sort_by_key(|item| std::cmp::Reverse(item.size));
    texts.truncate(LONGEST_OF);
    let latest = |event: &&Event<'_>| event.number == event.of.number;
    let of = |item: &&&'a CopyLine| all.iter().filter(latest).find(|e| e.of.item == item.item);
    let candidates: Vec<Event<'a>> = texts.iter().filter_map(|item| of(&item)).copied().collect();
    let effects = known.effects(&candidates)?;
    let words = |at: usize| match effects.get(at) {
        Some(Some(effect)) => effect.words,
        // What is too long to be read for this is the longest, whatever it is.
        _ => candidates.get(at).map_or(0, |event| event.of.size),
    };
    let counted: Vec<usize> = (0..candidates.len()).map(words).collect();
    let (Some(most), Some(least)) = (counted.iter().max(), counted.iter().min()) else {
        return Ok(None);
    };
    if most == least && texts.len() == items.len() {
        return Ok(None);
    }
    let as_long = candidates.iter().zip(&counted).filter(|(_, words)| *words == most);
    Ok(as_long.map(|(event, _)| event).min_by_key(|event| event.at).map(|event| &event.of.item))
}

/// Where what editions did is looked up, or worked out.
struct Known<'a> {
    app: &'a App,
    visit: &'a Visit,
    store: &'a Store,
}

impl Known<'_> {
    /// What each of these editions is and did, as far as its texts may be read.
    fn effects(&self, events: &[Event<'_>]) -> Result<Vec<Option<Arc<Effect>>>, Error> {
        let pairs: Vec<Pair> = events.iter().map(pair).collect();
        let mut effects: Vec<Option<Arc<Effect>>> =
            pairs.iter().map(|pair| self.app.effects.get(pair)).collect();
        let missing = pairs.iter().zip(&effects).filter(|(_, effect)| effect.is_none());
        let mut wanted: Vec<(ItemId, u32)> = missing
            .flat_map(|((text, before), _)| [Some(text), before.as_ref()])
            .flatten()
            .map(|text| (text.item.clone(), text.number))
            .collect();
        if wanted.is_empty() {
            return Ok(effects);
        }
        wanted.sort_unstable();
        wanted.dedup();
        let (viewer, now) = (self.visit.viewer, self.visit.now);
        let texts = self.store.texts(viewer, now, &wanted, TEXT_BYTES_MAX)?;
        let found = |wanted: &Text| {
            texts.iter().find(|text| text.item == wanted.item && text.number == wanted.number)
        };
        for (pair, slot) in pairs.into_iter().zip(&mut effects).filter(|(_, slot)| slot.is_none()) {
            *slot = self.worked_out(pair, found);
        }
        Ok(effects)
    }

    /// What each of these did; what was held against two texts is told of the one that it changed least, which becomes its
    /// base.
    fn nearest_effects<'a>(
        &self,
        events: &mut [Event<'a>],
    ) -> Result<Vec<Option<Arc<Effect>>>, Error> {
        let mut effects = self.effects(events)?;
        let twice: Vec<_> =
            events.iter_mut().zip(&mut effects).filter(|(e, _)| e.agency.is_some()).collect();
        let others: Vec<Event<'a>> =
            twice.iter().map(|(event, _)| Event { base: event.agency, ..**event }).collect();
        let found = self.effects(&others)?;
        let changed = |effect: &Option<Arc<Effect>>| effect.as_ref().and_then(|e| e.changed());
        for (((event, effect), other), theirs) in twice.into_iter().zip(others).zip(found) {
            if changed(&theirs).is_some_and(|new| changed(effect).is_none_or(|old| new < old)) {
                (*event, *effect) = (other, theirs);
            }
        }
        Ok(effects)
    }

    fn worked_out<'t>(
        &self,
        pair: Pair,
        found: impl Fn(&Text) -> Option<&'t TextView>,
    ) -> Option<Arc<Effect>> {
        let before = pair.1.as_ref().and_then(&found);
        let made = Arc::new(effect(before, found(&pair.0)?));
        self.app.effects.put(pair, Arc::clone(&made));
        Some(made)
    }
}

fn pair(event: &Event<'_>) -> Pair {
    let text = |of: &CopyLine, number| Text { item: of.item.clone(), number, stamp: of.stamp };
    (text(event.of, event.number), event.base.map(|(base, number)| text(base, number)))
}

/// What all lines of a page are drawn with.
struct Drawing<'a> {
    app: &'a App,
    visit: &'a Visit,
    view: &'a ArticleView,
    marked: Marked<'a>,
    read: Option<&'a ItemId>,
}

impl Drawing<'_> {
    fn edition(&self, event: &Event<'_>, effect: Option<&Effect>) -> (Date, Edition) {
        let (w, item) = (self.visit.words(), event.of);
        let at = event.at.to_zoned_datetime(self.app.settings.zone.clone());
        let here = self.read == Some(&item.item);
        let theirs = effect.and_then(|effect| effect.language.as_deref());
        let edition = Edition {
            day: None,
            when: dates::time(&at),
            exact: dates::exact(&at),
            source: item.source.name.clone(),
            href: (!here).then(|| href("article", item.item.as_str(), &slug(&item.headline))),
            here: (here && !event.revises).then_some(w.edition_here),
            what: self.what(event, effect),
            language: foreign(theirs, self.visit.language),
            marks: if event.revises { Vec::new() } else { self.marks(&item.item) },
            event: self.corrected(event),
            did: did(event, effect, w),
            said: effect
                .and_then(|effect| effect.updated_with.as_deref())
                .map(|said| typeset(said, theirs).into_owned()),
            compared: self.compared(event),
        };
        (at.date(), edition)
    }

    fn marks(&self, item: &ItemId) -> Vec<&'static str> {
        let (w, marked) = (self.visit.words(), &self.marked);
        let named = [
            (marked.original, w.edition_original),
            (marked.first, w.edition_first),
            (marked.longest, w.edition_longest),
        ];
        named.into_iter().filter(|(of, _)| *of == Some(item)).map(|(_, word)| word).collect()
    }

    fn corrected(&self, event: &Event<'_>) -> Option<String> {
        // One that came to correct another says so by what it is.
        let since = |at: &Timestamp| *at > event.of.lead_at && !event.revises;
        let at = event.of.corrected_at.filter(since).filter(|_| event.of.notice.is_none())?;
        let zone = &self.app.settings.zone;
        Some(self.visit.words().corrected_at(&dates::short(
            self.visit.language,
            at,
            event.at,
            zone,
        )))
    }

    /// The page that holds it against the text before, which is named where it is not the first.
    fn compared(&self, event: &Event<'_>) -> Option<(String, String)> {
        let (w, (base, number)) = (self.visit.words(), event.base?);
        if event.revises {
            return Some((version_href(&event.of.item, event.number), w.see_change.to_owned()));
        }
        let zone = &self.app.settings.zone;
        let when = || dates::short(self.visit.language, base.lead_at, event.at, zone);
        let word = match self.marked.first == Some(&base.item) {
            true => w.compare.to_owned(),
            false => {
                // Several may have come in one minute.
                let another = base.source.id != event.of.source.id;
                w.compare_with(another.then_some(base.source.name.as_str()), &when())
            }
        };
        let unless_latest =
            |item: &CopyLine, number: u32| (number != item.number).then_some(number);
        let ours = (&event.of.item, unless_latest(event.of, event.number));
        let theirs = (&base.item, unless_latest(base, number));
        Some((items_href(ours, theirs), word))
    }

    /// What an edition is, by its desk's words or else by ours.
    fn what(&self, event: &Event<'_>, effect: Option<&Effect>) -> String {
        let w = self.visit.words();
        if let Some(notice) = &event.of.notice {
            return notice_line(notice, self.view.at, w, &self.app.settings.zone);
        }
        let labels = effect.map(|effect| effect.labels.as_slice()).unwrap_or_default();
        let mut parts: Vec<&str> =
            labels.iter().map(|(mark, word)| desk_word(*mark, word, w)).collect();
        let ours = match event.revises {
            true => revision(event, w),
            false => relation(event, effect, &self.marked, w),
        };
        // These say less than any word of its desk.
        let is_little = [w.version_update, w.edition_version, w.edition_next].contains(&ours)
            || (ours == w.edition_urgent && labels.iter().any(|(mark, _)| is_urgent(*mark)));
        if !ours.is_empty() && (parts.is_empty() || !is_little) && !parts.contains(&ours) {
            parts.push(ours);
        }
        parts.join(", ")
    }
}

/// Whether a desk's word says that it is urgent, in whatever degree.
fn is_urgent(mark: Mark) -> bool {
    matches!(mark, Mark::Flash | Mark::Alert | Mark::Urgent)
}

/// A word of a desk as the page says it; the form of a text is told in the desk's own.
fn desk_word<'a>(mark: Mark, word: &'a str, w: &Words) -> &'a str {
    match mark {
        Mark::Flash => w.edition_flash,
        Mark::Alert => w.edition_alert,
        Mark::Urgent => w.edition_urgent,
        Mark::Correction => w.version_correction,
        Mark::Kill => w.version_kill,
        Mark::Update => w.version_update,
        Mark::Form | Mark::Embargo | Mark::Advisory => word,
    }
}

fn revision(event: &Event<'_>, w: &Words) -> &'static str {
    match event.signal {
        _ if event.late => w.version_late,
        Some(Signal::Correction) => w.version_correction,
        Some(Signal::Kill) => w.version_kill,
        Some(Signal::Advisory) => w.version_advisory,
        Some(Signal::Update) | None => w.version_update,
    }
}

fn relation(
    event: &Event<'_>,
    effect: Option<&Effect>,
    marked: &Marked<'_>,
    w: &Words,
) -> &'static str {
    let founds = event.base.is_none() || marked.original == Some(&event.of.item);
    let urgent = event.of.urgency.is_some_and(|urgency| urgency.is_urgent());
    match event.of.relation.as_str() {
        "teaser" => w.edition_teaser,
        _ if event.signal == Some(Signal::Correction) => w.version_correction,
        "original" if founds => {
            if urgent {
                w.edition_urgent
            } else {
                ""
            }
        }
        _ if event.is_own && !effect.is_some_and(Effect::is_nothing) => w.edition_next,
        "original" => w.copy_original,
        "version" => w.edition_version,
        _ => w.edition_copy,
    }
}

/// What an edition did to the text that it is held against, the gravest first.
fn did(event: &Event<'_>, effect: Option<&Effect>, w: &Words) -> String {
    let mut parts: Vec<String> = Vec::new();
    match effect.map(|effect| (effect, &effect.done)) {
        Some((effect, Some(Done::Changed { .. }))) => parts.extend(changes(event, effect, w)),
        Some((_, Some(Done::Anew))) => parts.push(w.edition_anew.to_owned()),
        _ => parts.extend(share(event, w)),
    }
    if let Some(effect) = effect.filter(|effect| effect.words > 0 && !event.revises) {
        parts.insert(0, w.words_counted(effect.words));
    }
    parts.join(", ")
}

fn changes(event: &Event<'_>, effect: &Effect, w: &Words) -> Vec<String> {
    let Some(Done::Changed { same, left, added, paragraphs, figures, headline }) = &effect.done
    else {
        return Vec::new();
    };
    let (same, left, added, paragraphs) = (*same, *left, *added, *paragraphs);
    let mut parts: Vec<String> =
        figures.iter().map(|(old, new)| format!("{old} → {new}")).collect();
    let kept = (same * 100).checked_div(same + left).unwrap_or(100);
    match (left, added) {
        (0, 0) => parts.push(w.copy_copy.to_owned()),
        // The figures alone, each with the word after it.
        _ if left == added && left <= figures.len() * 2 => {}
        (_, _) if event.of.relation == "teaser" && !event.revises => parts.push(w.keeps(kept)),
        (left, added) if left == added => parts.push(w.changes_words(left)),
        (left, added) => {
            parts.extend((added > 0).then(|| w.adds(added)));
            parts.extend((paragraphs > 0).then(|| w.cuts_paragraphs(paragraphs)));
            parts.extend((left > 0 && paragraphs == 0).then(|| w.cuts(left)));
            parts.extend((left > 0 && kept < 99).then(|| w.keeps(kept)));
        }
    }
    if *headline && event.is_own {
        parts.push(w.headline_was(&typeset(&effect.headline, effect.language.as_deref())));
    }
    parts
}

/// How much of the text it is held against it has, as it was found when it was placed.
fn share(event: &Event<'_>, w: &Words) -> Option<String> {
    let (base, _) = event.base.filter(|_| !event.revises)?;
    let placed = event.of.related_to.as_ref() == Some(&base.item);
    let evidence = Evidence::of(event.of.evidence.as_deref().filter(|_| placed));
    let per_cent = (evidence.theirs?.clamp(0.0, 1.0) * 100.0).round() as usize;
    (per_cent < 99).then(|| w.keeps(per_cent))
}

/// The editions, with the date of each that is of another day than the one before, or the article on the page.
fn with_days(lines: Vec<(Date, Edition)>, visit: &Visit, first: Date) -> Vec<Edition> {
    let mut day = first;
    let line = |(date, mut edition): (Date, Edition)| {
        edition.day = (day != date).then(|| dates::day(visit.language, date));
        day = date;
        edition
    };
    lines.into_iter().map(line).collect()
}
