//! Text messages as agencies' wires carried them, and some still do: IPTC 7901 and ANPA-1312.
//!
//! Both are text between control characters: start of header, start of text, end of text, end of
//! transmission. They are found by these, so they are read before the text is cleaned of them.

use depeche_news::limits::formats::{
    AGENCY_ITEMS_MAX, WIRE_HEADER_BYTES_MAX, WIRE_REFERENCE_BYTES_MAX,
};
use depeche_news::{Moment, Relation, Signal, Topic, jiff::civil};
use depeche_text::agency::{DeskLine, Mark, desk_line, label_mark, opening_embargo};

use super::{AgencyItem, CORRECTS, KILLS, add, code_of};
use crate::dates::century;
use crate::{Content, Document};

const SOH: char = '\u{1}';
const STX: char = '\u{2}';
const ETX: char = '\u{3}';
const EOT: char = '\u{4}';

/// Which of the two a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// IPTC 7901.
    Iptc7901,
    /// ANPA-1312.
    Anpa1312,
}

/// Says by its header whether a text is a wire message.
pub(crate) fn wire(bytes: &[u8]) -> Option<Wire> {
    let start = bytes.get(..WIRE_HEADER_BYTES_MAX).unwrap_or(bytes);
    let at = start.iter().position(|b| !matches!(b, b' ' | b'\r' | b'\n' | 0x16 | 0))?;
    let header = start.get(at..)?.strip_prefix(&[SOH as u8])?;
    let letters = header.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let digits = header.iter().skip(letters).take_while(|b| b.is_ascii_digit()).count();
    if !(1..=6).contains(&letters) || !(1..=6).contains(&digits) {
        return None;
    }
    let after = header.get(letters + digits)?;
    match after {
        0x1f => Some(Wire::Anpa1312),
        b' ' | b'\r' | b'\n' => Some(Wire::Iptc7901),
        _ => None,
    }
}

/// Reads the messages of a wire; `None` where the bytes are none.
pub(crate) fn read(bytes: &[u8], charset: Option<&str>) -> Option<Document> {
    let wire = wire(bytes)?;
    let format = match wire {
        Wire::Iptc7901 => IPTC7901,
        Wire::Anpa1312 => ANPA1312,
    };
    let decoded = depeche_text::decode(bytes, &[charset]);
    let mut document = Document { format: Some(format.to_owned()), ..Document::default() };
    for message in decoded.text.split(SOH).skip(1).take(AGENCY_ITEMS_MAX + 1) {
        let message = Message::of(message);
        if !message.ends {
            document.lost("a message ends before its end");
        }
        let draft = match wire {
            Wire::Iptc7901 => iptc7901(&message),
            Wire::Anpa1312 => anpa1312(&message),
        };
        add(&mut document, draft, None);
    }
    if decoded.damaged {
        let problem = depeche_news::Problem::new("damaged_text", decoded.encoding);
        document.problems.push(problem);
    }
    Some(document)
}

/// One message in its parts.
struct Message<'m> {
    header: &'m str,
    text: &'m str,
    trailer: &'m str,
    /// Its end is there: that of its text, and what is sent behind it, which ends with a line.
    ends: bool,
}

impl<'m> Message<'m> {
    fn of(message: &'m str) -> Self {
        let (message, sent) = message.split_once(EOT).map_or((message, false), |(m, _)| (m, true));
        let (header, rest) = message.split_once(STX).unwrap_or_else(|| {
            // Lost on the way: the header ends with its first line.
            message.split_once('\n').unwrap_or((message, ""))
        });
        let (text, trailer) = rest.split_once(ETX).unwrap_or((rest, ""));
        let ends = rest.contains(ETX) && (sent || trailer.ends_with(['\n', '\r', '<']));
        Self { header, text, trailer, ends }
    }
}

fn iptc7901(message: &Message<'_>) -> AgencyItem {
    let mut draft = AgencyItem::numbered_daily();
    let mut lines = message.header.lines().map(clean).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let slugline = lines.map(|line| line.trim_end_matches('/').to_owned()).collect::<Vec<_>>();
    draft.entry.slugline = Some(slugline.join("/")).filter(|line| !line.is_empty());
    let mut words = first.split_whitespace();
    let number = words.next().unwrap_or_default();
    draft.urgency(words.next().unwrap_or_default());
    let category = words.next().filter(|word| word.bytes().all(|b| b.is_ascii_alphabetic()));
    draft.subject(category_topic(category, IPTC7901));
    sent(&mut draft, message.trailer, iptc_date(message.trailer));
    identify(&mut draft, IPTC7901, number);
    let (head, text) = headed(message.text);
    heading(&mut draft, &head);
    body(&mut draft, paragraphs(text));
    refer(&mut draft, IPTC7901, number, message.text);
    draft
}

fn category_topic(category: Option<&str>, scheme: &str) -> Topic {
    Topic {
        scheme: category.map(|_| scheme.to_owned()),
        code: category.map(str::to_owned),
        ..Topic::default()
    }
}

/// Whether a guid is made of a number that is given each day anew, and its day.
pub fn is_numbered_daily(guid: &str) -> bool {
    let format = guid.split_once(':').map(|(format, _)| format);
    matches!(format, Some(IPTC7901 | ANPA1312))
}

/// What the two formats are called.
const IPTC7901: &str = "iptc7901";
const ANPA1312: &str = "anpa1312";

/// A message is numbered each day anew: its number and its day identify it. Without a day its text does.
fn identify(draft: &mut AgencyItem, format: &str, number: &str) {
    let day = draft.entry.updated.map(|at| at.to_string());
    let day = day.as_deref().and_then(|day| day.get(..10));
    draft.entry.guid = day.map(|day| format!("{format}:{number}:{day}"));
}

/// Notes which message a kill or a correction is about, where its text names one, and only one, by its number in the
/// same service: `Prière d'annuler la dépêche arf0501`. It was sent on the same day or, before midnight, the day
/// before; who knows what came in finds out.
fn refer(draft: &mut AgencyItem, format: &str, number: &str, text: &str) {
    let rel = match draft.entry.signal {
        Some(Signal::Kill) => KILLS,
        Some(Signal::Correction) => CORRECTS,
        _ => return,
    };
    let day = draft.entry.updated.map(|at| at.to_string());
    let day = day.as_deref().and_then(|day| day.get(..10)?.parse::<civil::Date>().ok());
    let (Some(digits), Some(day)) = (referred(number, text), day) else { return };
    let service = number.trim_end_matches(|c: char| c.is_ascii_digit());
    let days = [Some(day), day.yesterday().ok()];
    let links = days.into_iter().flatten().map(|day| Relation {
        rel: Some(rel.to_owned()),
        target: format!("{format}:{service}{digits}:{day}"),
        title: None,
    });
    draft.desk_list(|desk| &mut desk.links, links);
}

/// The digits of the one other message of its service that a text names.
fn referred<'t>(number: &str, text: &'t str) -> Option<&'t str> {
    let start = text.get(..text.floor_char_boundary(WIRE_REFERENCE_BYTES_MAX))?;
    let service = number.trim_end_matches(|c: char| c.is_ascii_digit());
    let words = start.split(|c: char| !c.is_alphanumeric());
    let digits = words.filter_map(|word| {
        let (letters, digits) = word.split_at_checked(service.len())?;
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let is_other = !number.ends_with(digits) || number.len() != word.len();
        (is_number && is_other && letters.eq_ignore_ascii_case(service)).then_some(digits)
    });
    let mut named: Vec<&str> = digits.collect();
    named.dedup();
    match named.as_slice() {
        [one] if !service.is_empty() => Some(one),
        _ => None,
    }
}

/// Notes when a message was sent, as its trailer says.
fn sent(draft: &mut AgencyItem, trailer: &str, written: Option<String>) {
    let at: Option<Moment> = match written {
        Some(written) => draft.date("sent", &written),
        None => None,
    };
    if at.is_none() && !clean(trailer).is_empty() {
        draft.bad("unreadable_date", "sent", &clean(trailer));
    }
    draft.entry.published = at;
    draft.entry.updated = at;
}

/// `131137 GMT Nov 13`: day, hour and minute in one number, then zone, month and year.
fn iptc_date(trailer: &str) -> Option<String> {
    let trailer = clean(trailer);
    let mut words = trailer.split_whitespace();
    let digits = words.next().filter(|word| word.len() == 6)?;
    let (day, hour, minute) = (digits.get(..2)?, digits.get(2..4)?, digits.get(4..6)?);
    let rest: Vec<&str> = words.collect();
    let (zone, month, year) = match rest.as_slice() {
        [zone, month, year, ..] => (*zone, *month, *year),
        [month, year] => ("GMT", *month, *year),
        _ => return None,
    };
    Some(format!("{day} {month} {year} {hour}:{minute} {zone}"))
}

/// The lines above the text and the text: what stands before the first line that ends with `=`, or before the
/// first empty line.
fn headed(text: &str) -> (Vec<String>, &str) {
    let mut head = Vec::new();
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        let plain = clean(line);
        if plain.is_empty() && head.is_empty() {
            rest = after;
            continue;
        }
        // A text that is indented has begun.
        if plain.is_empty()
            || (line.starts_with("   ") && !head.is_empty())
            || head.len() >= HEAD_MAX
        {
            break;
        }
        rest = after;
        let ends = plain.ends_with('=');
        head.push(plain.trim_end_matches('=').trim_end().to_owned());
        if ends {
            break;
        }
    }
    (head, rest)
}

/// Lines above a text: marks, three of headline, the byline.
const HEAD_MAX: usize = 8;

/// Sorts the lines above a text: words of the desk, the headline, by whom.
fn heading(draft: &mut AgencyItem, head: &[String]) {
    let mut headline = Vec::new();
    for (at, line) in head.iter().enumerate() {
        let folded = depeche_text::fold(line);
        let by = ["by ", "par ", "von "].iter().any(|word| folded.starts_with(word));
        let last = at + 1 == head.len();
        if by && !headline.is_empty() {
            draft.entry.byline = Some(line.clone());
        } else if is_embargo(line) || (headline.is_empty() && !last && is_label(line)) {
            label(draft, line);
        } else {
            headline.push(line.as_str());
        }
    }
    let headline = depeche_text::squash(&headline.join(" "));
    draft.entry.title = Some(headline).filter(|headline| !headline.is_empty());
}

/// A short line in capitals or brackets above a headline; that of an embargo may be long.
fn is_label(line: &str) -> bool {
    if matches!(desk_line(line), Some((DeskLine::Embargo(_), _))) {
        return true;
    }
    let bracketed = line.starts_with('(') && line.ends_with(')');
    let capitals = !line.chars().any(char::is_lowercase) && line.chars().any(char::is_alphabetic);
    line.chars().count() <= LABEL_CHARS_MAX && (bracketed || capitals)
}

/// An embargo with its end, wherever it stands above a text.
fn is_embargo(line: &str) -> bool {
    opening_embargo(line).is_some_and(|(_, rest)| rest.is_empty())
}

/// `(CORRECTION - AJOUTE UNE DECLARATION)` has 37.
const LABEL_CHARS_MAX: usize = 48;

/// Keeps a word of the desk, and what it means for the item.
fn label(draft: &mut AgencyItem, line: &str) {
    draft.desk_list(|desk| &mut desk.labels, [line.to_owned()]);
    if let Some(code) = label_mark(line).and_then(code_of) {
        draft.signal(code);
    }
}

/// Paragraphs stand between empty lines, or start with a line that is indented.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let indented = line.starts_with("  ") || line.starts_with('\t');
        let plain = clean(line);
        if plain.is_empty() {
            open = false;
            continue;
        }
        match paragraphs.last_mut().filter(|_| open && !indented) {
            Some(last) => {
                last.push(' ');
                last.push_str(&plain);
            }
            None => paragraphs.push(plain),
        }
        open = true;
    }
    paragraphs
}

/// Puts paragraphs into the body; what is not for publication goes to the notes.
fn body(draft: &mut AgencyItem, paragraphs: Vec<String>) {
    let mut body: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for paragraph in paragraphs {
        let folded = depeche_text::fold(&paragraph);
        let private = [
            "not for publication",
            "not intended for publication",
            "pas destine a la publication",
            "pas destinees a la publication",
            "ne pas publier",
        ];
        // «NOT FOR PUBLICATION BEFORE …» says until when, and what follows it is the text.
        let private = private.iter().any(|words| folded.contains(words))
            && opening_embargo(&paragraph).is_none();
        if !notes.is_empty() || private {
            notes.push(paragraph);
        } else if paragraph.chars().any(char::is_alphanumeric) {
            body.push(paragraph);
        }
    }
    let in_notes = notes.pop_if(|last| is_initials(last));
    let signature = in_notes.or_else(|| body.pop_if(|last| is_initials(last)));
    draft.desk().signature = signature;
    draft.note(Some(notes.join("\n")).filter(|notes| !notes.is_empty()));
    let value = body.join("\n\n");
    let content = Content { value, media_type: Some("text/plain".to_owned()) };
    let content = (!content.value.is_empty()).then_some(content);
    draft.entry_list(|entry| &mut entry.content, content);
}

/// Who wrote and who edited: `dpa wsz jln npr`, `abc-def/gh`.
fn is_initials(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let short =
        |word: &str| (2..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let several = line.split_whitespace().count() > 1;
    depeche_text::agency::is_signature(line) || (several && words.all(short))
}

/// A line without control characters and the spaces around it.
fn clean(line: &str) -> String {
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    depeche_text::squash(&line)
}

fn anpa1312(message: &Message<'_>) -> AgencyItem {
    let mut draft = AgencyItem::numbered_daily();
    let (number, rest) = message.header.split_once('\u{1f}').unwrap_or((message.header, ""));
    let line = rest.split_once('\n').map_or("", |(_, line)| line);
    let mut codes = line.split_whitespace();
    let (priority, category) = (codes.next(), codes.next());
    let category = category.and_then(|code| code.get(..1)).filter(|code| code.is_ascii());
    draft.subject(category_topic(category, ANPA1312));
    let words = clean(line).rsplit(' ').next().and_then(|words| words.parse::<u32>().ok());
    draft.entry.urgency = anpa_urgency(priority.unwrap_or_default(), words);
    sent(&mut draft, message.trailer, anpa_date(message.trailer));
    identify(&mut draft, ANPA1312, number);
    anpa_text(&mut draft, message.text);
    refer(&mut draft, ANPA1312, number, message.text);
    draft
}

/// A flash has a few words; the same letter stands on long features.
fn anpa_urgency(priority: &str, words: Option<u32>) -> Option<depeche_news::Urgency> {
    let number = match priority {
        "f" if words.is_some_and(|words| words <= FLASH_WORDS_MAX) => 1,
        "b" => 2,
        "u" => 3,
        "r" | "d" | "a" => 4,
        _ => return None,
    };
    depeche_news::Urgency::new(number)
}

/// Words of a flash: a sentence.
const FLASH_WORDS_MAX: u32 = 40;

/// `AP-WF-11-13-13 1509GMT<`: month, day and year, then the time.
fn anpa_date(trailer: &str) -> Option<String> {
    let trailer = clean(trailer);
    let (days, time) = trailer.trim_end_matches('<').rsplit_once(' ')?;
    let numbers: Vec<&str> = days.rsplit('-').take(3).collect();
    let [year, day, month] = numbers.as_slice() else { return None };
    let digits: String = time.chars().take_while(char::is_ascii_digit).collect();
    let (hour, minute) = (digits.get(..2)?, digits.get(2..4)?);
    let zone = time.get(digits.len()..).filter(|zone| !zone.is_empty()).unwrap_or("GMT");
    let year = century(year.parse().ok()?);
    Some(format!("{year}-{month}-{day}T{hour}:{minute}:00 {zone}"))
}

/// The lines above the text begin with `^` and end with `<` or, those of the byline, with `=`; the text is
/// indented.
fn anpa_text(draft: &mut AgencyItem, text: &str) {
    let mut text_lines: Vec<String> = Vec::new();
    let mut head = true;
    let mut slugline_had = false;
    for line in text.lines() {
        let above = head && line.trim_start().starts_with('^');
        head &= above || clean(line).is_empty();
        let ends = clean(line).ends_with(['<', '=']);
        if !above || (slugline_had && draft.entry.title.is_some() && !ends) {
            text_lines.push(typeset(line.trim_start_matches('^')));
            continue;
        }
        let plain = typeset(line.trim_start().trim_start_matches('^'));
        if !slugline_had {
            slugline_had = true;
            anpa_keyword(draft, &plain);
        } else {
            anpa_head(draft, line, plain);
        }
    }
    let joined = text_lines.join("\n\n");
    body(draft, paragraphs(&joined));
}

/// `BC-LT--Argentina-Cancer, 1st Ld-Writethru,466`: the slugline, the words of the desk, the count of words.
fn anpa_keyword(draft: &mut AgencyItem, line: &str) {
    let mut parts = line.split(',').map(str::trim).filter(|part| !part.is_empty());
    draft.entry.slugline = parts.next().map(str::to_owned);
    for part in parts.filter(|part| part.bytes().any(|b| !b.is_ascii_digit())) {
        label(draft, part);
    }
    // `AM-KILL--Otan`: in the slugline only that is more than a word.
    if label_mark(line) == Some(Mark::Kill) {
        draft.signal("kill");
    }
}

fn anpa_head(draft: &mut AgencyItem, line: &str, plain: String) {
    let folded = depeche_text::fold(&plain);
    let starts = |word: &str| folded.starts_with(word);
    if clean(line).ends_with('=') {
        match &mut draft.entry.byline {
            Some(byline) if !starts("by ") && !starts("par ") => {
                byline.push_str(", ");
                byline.push_str(&plain);
            }
            byline if starts("by ") || starts("par ") => *byline = Some(plain),
            _ => draft.headline(None, Some(plain)),
        }
    } else if starts("eds:")
        || starts("ap photo")
        || starts("editor's note")
        || starts("a l'attention")
    {
        draft.note(Some(plain));
    } else if draft.entry.title.is_none() {
        draft.entry.title = Some(plain);
    } else if draft.entry.summary.is_none() {
        draft.entry.summary = Some(plain);
    } else {
        draft.note(Some(plain));
    }
}

/// A line in the letters of today: quotes and dashes, without the marks of the typesetter at its end.
fn typeset(line: &str) -> String {
    let line = clean(line);
    let line = line.trim_end_matches(['<', '=']).trim_end();
    line.replace("``", "“").replace("''", "”").replace(" _ ", " — ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates::date;

    fn read_one(text: &str) -> (crate::Entry, Vec<String>) {
        let mut document = read(text.as_bytes(), None).unwrap();
        let problems = document.problems.iter().map(|problem| problem.word.clone()).collect();
        (document.items.remove(0), problems)
    }

    #[test]
    fn a_message_is_known_by_its_header() {
        assert_eq!(wire(b"\x01hpf0123 4 i 211\r\n\x02"), Some(Wire::Iptc7901));
        assert_eq!(wire(b"\x16\x16\x01W2870\x1f_asian\r\n"), Some(Wire::Anpa1312));
        for other in [&b"\x01"[..], b"hpf0123 4 i 211\r\n", b"\x01abc\x02", b"\x01\x02\x03", b""] {
            assert_eq!(wire(other), None);
        }
    }

    #[test]
    fn a_cut_message_is_read_and_it_is_said() {
        let (entry, problems) =
            read_one("\x01hpf0123 3 i 9\r\nOtan/\r\n\x02Le pont rouvre =\r\n\r\n   Le pont");
        assert_eq!(entry.title.as_deref(), Some("Le pont rouvre"));
        assert_eq!(entry.content[0].value, "Le pont");
        assert_eq!(problems, ["incomplete", "missing_guid"]);
    }

    #[test]
    fn the_moment_of_sending_is_read_in_every_form() {
        for (trailer, expected) in [
            ("131137 GMT Nov 13 \r\n", "2013-11-13T11:37:00+00:00"),
            ("111541 GMT FEV 16", "2016-02-11T15:41:00+00:00"),
            ("111541 FEV 2016", "2016-02-11T15:41:00+00:00"),
        ] {
            let at = iptc_date(trailer).and_then(|written| date(&written));
            assert_eq!(at.map(|at| at.to_string()).as_deref(), Some(expected));
        }
        for (trailer, expected) in [
            ("AP-WF-11-13-13 1509GMT<", "2013-11-13T15:09:00+00:00"),
            ("AP-WF-02-03-16 1509EST<", "2016-02-03T15:09:00-05:00"),
        ] {
            let at = anpa_date(trailer).and_then(|written| date(&written));
            assert_eq!(at.map(|at| at.to_string()).as_deref(), Some(expected));
        }
        let (_, problems) =
            read_one("\x01hpf0123 3 i 9\r\n\x02Le pont =\r\n\r\n   Un\x03demain\x04");
        assert!(problems.contains(&"unreadable_date".to_owned()), "{problems:?}");
    }

    #[test]
    fn a_kill_may_name_the_message_it_is_about() {
        let named = |label: &str, text: &str| {
            let text = format!(
                "\x01hpf0123 3 i 9\r\n\x02{label}\r\nLe pont =\r\n\r\n   {text}\x03011541 GMT MAR 16\x04"
            );
            let links = read_one(&text).0.desk.unwrap().links;
            links
                .iter()
                .map(|l| format!("{} {}", l.rel.as_deref().unwrap(), l.target))
                .collect::<Vec<_>>()
        };
        let none: Vec<String> = Vec::new();
        assert_eq!(
            named("ANNULE", "Prière d'annuler la dépêche HPF0117 (hpf0117)."),
            ["kills iptc7901:hpf0117:2016-03-01", "kills iptc7901:hpf0117:2016-02-29"]
        );
        assert_eq!(named("CORRECTION", "Lire 12 dans hpf0117.").len(), 2);
        assert_eq!(named("ANNULE", "Prière d'annuler hpf0117 et hpf0118."), none);
        assert_eq!(named("ANNULE", "Prière d'annuler abc0117, hpf 0117 et hpf0123."), none);
        assert_eq!(named("URGENT", "Comme dit dans hpf0117."), none);
    }

    #[test]
    fn a_word_of_the_desk_says_what_the_message_is() {
        let signal = |label: &str| {
            let text = format!(
                "\x01hpf1 3 i 9\r\n\x02{label}\r\nLe pont =\r\n\r\n   Un\x03111541 GMT FEV 16\x04"
            );
            let entry = read_one(&text).0;
            (entry.signal, entry.status, entry.title)
        };
        use depeche_news::Status;
        let title = Some("Le pont".to_owned());
        assert_eq!(
            signal("ANNULATION"),
            (Some(Signal::Kill), Some(Status::Canceled), title.clone())
        );
        assert_eq!(signal("(CORRECTION)"), (Some(Signal::Correction), None, title.clone()));
        assert_eq!(signal("1ST LEAD"), (Some(Signal::Update), None, title.clone()));
        assert_eq!(signal("PAPIER GENERAL"), (None, None, title));
    }
}
