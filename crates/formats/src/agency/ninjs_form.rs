//! The form of an item of ninjs: which of its fields are not what they may be.

use depeche_news::limits::formats::{
    AGENCY_LIST_MAX, AGENCY_PROBLEMS_MAX, AGENCY_VALUE_CHARS_MAX, NINJS_ASSOCIATIONS_DEEP_MAX,
};
use depeche_news::{Problem, jiff::civil};
use serde_json::Value;

use super::{ninjs::field, tell};
use crate::dates::date;

/// What a field may be.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Text,
    Number,
    List,
    Object,
    /// A list, or an object by key as version 1 has it.
    Keyed,
    Date,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Anything: read, and of no fixed form among providers.
    Any,
}

const TYPES: &[&str] = &[
    "text",
    "audio",
    "video",
    "picture",
    "graphic",
    "composite",
    "component",
    "event",
    "planning",
];
const EXTENTS: &[&str] = &["complete", "incomplete", "full", "partial"];
const STATUSES: &[&str] = &["usable", "withheld", "canceled"];

/// The fields of versions 1 to 3, in small letters.
const FIELDS: [(&str, Form); 99] = [
    ("uri", Form::Text),
    ("guid", Form::Text),
    ("type", Form::Word(TYPES)),
    ("mimetype", Form::Text),
    ("representationtype", Form::Word(EXTENTS)),
    ("profile", Form::Text),
    ("version", Form::Text),
    ("firstcreated", Form::Date),
    ("versioncreated", Form::Date),
    ("contentcreated", Form::Date),
    ("embargoed", Form::Date),
    ("embargoeduntil", Form::Date),
    ("expires", Form::Date),
    ("pubstatus", Form::Word(STATUSES)),
    ("urgency", Form::Number),
    ("copyrightholder", Form::Text),
    ("copyrightnotice", Form::Text),
    ("usageterms", Form::Text),
    ("ednote", Form::Text),
    ("language", Form::Text),
    ("person", Form::List),
    ("people", Form::List),
    ("organisation", Form::List),
    ("organisations", Form::List),
    ("place", Form::List),
    ("places", Form::List),
    ("subject", Form::List),
    ("subjects", Form::List),
    ("event", Form::List),
    ("events", Form::Keyed),
    ("object", Form::List),
    ("objects", Form::List),
    ("infosource", Form::List),
    ("infosources", Form::List),
    ("genre", Form::List),
    ("genres", Form::List),
    ("trustindicator", Form::List),
    ("trustindicators", Form::List),
    ("title", Form::Text),
    ("byline", Form::Text),
    ("by", Form::Text),
    ("headline", Form::Text),
    ("headlines", Form::List),
    ("descriptions", Form::List),
    ("bodies", Form::List),
    ("slugline", Form::Text),
    ("located", Form::Text),
    ("charcount", Form::Number),
    ("wordcount", Form::Number),
    ("renditions", Form::Keyed),
    ("associations", Form::Keyed),
    ("altids", Form::Keyed),
    ("$standard", Form::Object),
    ("standard", Form::Object),
    ("rightsinfo", Form::Object),
    ("digitalsourcetype", Form::Object),
    ("eventdetails", Form::Object),
    ("plannedcoverage", Form::List),
    ("advice", Form::List),
    ("advices", Form::List),
    // What providers add, and is read.
    ("source", Form::Any),
    ("provider", Form::Any),
    ("authors", Form::Any),
    ("bylines", Form::Any),
    ("creditline", Form::Any),
    ("dateline", Form::Any),
    ("datelinelocation", Form::Any),
    ("keywords", Form::Any),
    ("keyword", Form::Any),
    ("signal", Form::Any),
    ("signals", Form::Any),
    ("links", Form::Any),
    ("services", Form::Any),
    ("service", Form::Any),
    ("firstpublished", Form::Any),
    ("id", Form::Any),
    ("evolvedfrom", Form::Any),
    ("rewrite_of", Form::Any),
    ("translated_from", Form::Any),
    ("translation_of", Form::Any),
    ("contentmodified", Form::Any),
    ("transmissiondate", Form::Any),
    ("priority", Form::Any),
    ("rewritten_by", Form::Any),
    ("rewrite_sequence", Form::Any),
    ("coverage_id", Form::Any),
    ("event_id", Form::Any),
    ("assignment_id", Form::Any),
    ("readtime", Form::Any),
    ("extra", Form::Any),
    ("annotations", Form::Any),
    ("attachments", Form::Any),
    ("products", Form::Any),
    ("poi", Form::Any),
    ("refs", Form::Any),
    ("syndicated_from", Form::Any),
    ("contact_info", Form::Any),
    ("$schema", Form::Any),
    ("name", Form::Any),
];

/// Unknown fields that are named; an interface of its own has dozens.
const UNKNOWN_NAMED: usize = 8;

/// What is wrong with an item, as far as it is told.
#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn push(&mut self, problem: Problem) {
        tell(&mut self.0, AGENCY_PROBLEMS_MAX, problem);
    }

    fn extend(&mut self, problem: Option<Problem>) {
        problem.into_iter().for_each(|problem| self.push(problem));
    }
}

/// What is wrong with an item and with what is associated with it.
pub(super) fn problems(item: &Value) -> Vec<Problem> {
    let mut found = Found::default();
    let mut ahead = vec![(item, 0)];
    while let Some((value, depth)) = ahead.pop() {
        fields(value, &mut found);
        rights(value, &mut found);
        details(value, &mut found);
        parts(value, &mut found);
        if depth < NINJS_ASSOCIATIONS_DEEP_MAX {
            associations(value, &mut found);
            let inside = field(value, "associations").map(inner).unwrap_or_default();
            ahead.extend(inside.into_iter().map(|inner| (inner, depth + 1)));
        }
    }
    found.0
}

/// As much of a foreign name or value as is told.
fn told(text: &str) -> String {
    text.chars().take(AGENCY_VALUE_CHARS_MAX).collect()
}

/// The objects in a list, or in an object by key: as many as are looked at.
fn inner(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => {
            values.iter().filter(|value| value.is_object()).take(AGENCY_LIST_MAX).collect()
        }
        Value::Object(fields) => {
            fields.values().filter(|value| value.is_object()).take(AGENCY_LIST_MAX).collect()
        }
        _ => Vec::new(),
    }
}

fn fields(value: &Value, found: &mut Found) {
    let (mut unknown, mut more) = (Vec::new(), 0_usize);
    for (name, value) in value.as_object().into_iter().flatten() {
        let lower = name.to_ascii_lowercase();
        match FIELDS.iter().find(|(known, _)| *known == lower) {
            Some((_, form)) => found.extend(form_of(name, *form, value)),
            None if is_extended(&lower) => {
                found.extend(form_of(name, Form::Text, value));
            }
            None if unknown.len() < UNKNOWN_NAMED => unknown.push(told(name)),
            None => more += 1,
        }
    }
    if !unknown.is_empty() {
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        found.push(Problem::new("unknown_field", format!("{}{more}", unknown.join(", "))));
    }
}

/// Whether a field is one of ninjs, in any of its versions.
pub(super) fn is_known(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_extended(&lower) || FIELDS.iter().any(|(known, _)| *known == lower)
}

/// A field that version 1 lets providers add: a name of its own and a role.
fn is_extended(name: &str) -> bool {
    let role = ["description_", "body_", "headline_"].iter().find_map(|p| name.strip_prefix(p));
    let plain = |role: &str| role.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    role.is_some_and(|role| !role.is_empty() && plain(role))
}

fn form_of(name: &str, form: Form, value: &Value) -> Option<Problem> {
    let kind = match value {
        Value::Null => return None,
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    let text = value.as_str();
    let fits = match form {
        Form::Text => value.is_string() || value.is_i64() && name == "version",
        Form::Number => value.is_number() || text.is_some_and(|text| text.parse::<f64>().is_ok()),
        Form::List => value.is_array(),
        Form::Object => value.is_object(),
        Form::Keyed => value.is_array() || value.is_object(),
        Form::Date | Form::Word(_) => value.is_string(),
        Form::Any => true,
    };
    if !fits {
        return Some(Problem::new("wrong_type", format!("{} is {kind}", told(name))));
    }
    match (form, text) {
        (Form::Word(words), Some(text)) if !words.contains(&text) => {
            let word = if words == STATUSES { "unknown_status" } else { "unknown_value" };
            Some(Problem::new(word, format!("{} {:?}", told(name), told(text))))
        }
        (Form::Text, Some(text)) if name == "uri" && text.trim().is_empty() => {
            Some(Problem::new("missing_guid", "uri is empty"))
        }
        _ => None,
    }
}

/// A date as ISO 8601 has it: a year first; a year and a month are one too.
fn is_date(text: &str) -> bool {
    let text = text.trim();
    let year = text.get(..4).is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()));
    let short = match text.len() {
        4 => format!("{text}-01-01").parse::<civil::Date>().is_ok(),
        7 => format!("{text}-01").parse::<civil::Date>().is_ok(),
        _ => false,
    };
    year && (short || date(text).is_some())
}

/// Rights are named by an address or written out, not both.
fn rights(value: &Value, found: &mut Found) {
    let Some(rights) = field(value, "rightsinfo").filter(|rights| rights.is_object()) else {
        return;
    };
    let (linked, written) = (field(rights, "linkedrights"), field(rights, "encodedrights"));
    if linked.is_some() && written.is_some() {
        found.push(Problem::new("conflict", "linkedrights beside encodedrights"));
    }
    for (name, part) in [("linkedrights", linked), ("encodedrights", written)] {
        found.extend(part.and_then(|part| form_of(name, Form::Text, part)));
    }
}

/// The dates of an event are known or expected, not both; and each coverage is planned with an urgency.
fn details(value: &Value, found: &mut Found) {
    let dates = field(value, "eventdetails").and_then(|details| field(details, "dates"));
    for (known, expected) in [("startdate", "expectedstartdate"), ("enddate", "expectedenddate")] {
        let (known, expected) =
            dates.map_or((None, None), |dates| (field(dates, known), field(dates, expected)));
        if known.is_some() && expected.is_some() {
            found
                .push(Problem::new("conflict", "a date that is known beside one that is expected"));
        }
        for date in [known, expected].into_iter().flatten() {
            found.extend(form_of("a date of the event", Form::Date, date));
            if let Some(text) = date.as_str().filter(|text| !is_date(text)) {
                found.push(Problem::new(
                    "unreadable_date",
                    format!("of the event {:?}", told(text)),
                ));
            }
        }
    }
    let is_event = field(value, "type").and_then(Value::as_str) == Some("event");
    if is_event && field(value, "renditions").is_some() {
        found.push(Problem::new("conflict", "an event with renditions"));
    }
    for coverage in field(value, "plannedcoverage").map(inner).unwrap_or_default() {
        found.extend(field(coverage, "urgency").and_then(urgency));
    }
    found.extend(field(value, "urgency").and_then(urgency));
}

fn urgency(value: &Value) -> Option<Problem> {
    let number = value.as_f64()?;
    let good = (0.0..=9.0).contains(&number) && number.fract() == 0.0;
    (!good).then(|| Problem::new("bad_urgency", format!("urgency {number}")))
}

/// What stands in lists: each with the parts that it must have.
fn parts(value: &Value, found: &mut Found) {
    for (name, needed) in [("headlines", "value"), ("bodies", "value"), ("descriptions", "value")] {
        for part in field(value, name).map(inner).unwrap_or_default() {
            if field(part, needed).is_none() {
                found.push(Problem::new("missing_field", format!("{needed} in {name}")));
            }
        }
    }
    for name in ["place", "places"] {
        for place in field(value, name).map(inner).unwrap_or_default() {
            let shape = field(place, "geojson").or_else(|| field(place, "geometry_geojson"));
            let typed = |shape: &Value| {
                field(shape, "type")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| GEOMETRIES.contains(&kind))
            };
            if shape.is_some_and(|shape| !typed(shape)) {
                found.push(Problem::new("unknown_value", format!("geojson in {name}")));
            }
        }
    }
    for name in ["infosource", "infosources", "subject", "subjects", "genre", "genres"] {
        for part in field(value, name).map(inner).unwrap_or_default() {
            for key in ["scheme", "code", "name"] {
                found.extend(field(part, key).and_then(|value| form_of(key, Form::Text, value)));
            }
        }
    }
    for name in ["advice", "advices"] {
        for advice in field(value, name).map(inner).unwrap_or_default() {
            for key in ["importance", "lifetime"] {
                let Some(part) = field(advice, key) else { continue };
                found.extend(form_of(key, Form::Object, part));
                if part.is_object() && field(part, "code").or_else(|| field(part, "uri")).is_none()
                {
                    found.push(Problem::new("missing_field", format!("code in {key}")));
                }
            }
        }
    }
}

/// Shapes that `GeoJSON` has.
const GEOMETRIES: [&str; 9] = [
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
    "Feature",
    "FeatureCollection",
];

/// In a list each association is named and identified; by key, the key names it.
fn associations(value: &Value, found: &mut Found) {
    let Some(Value::Array(list)) = field(value, "associations") else { return };
    for one in list.iter().filter(|one| one.is_object()).take(AGENCY_LIST_MAX) {
        for needed in ["name", "uri"] {
            if field(one, needed).is_none() {
                found.push(Problem::new("missing_field", format!("{needed} of an association")));
            }
        }
    }
}
