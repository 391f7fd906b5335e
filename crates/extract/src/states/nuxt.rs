//! Nuxt's payload (`__NUXT_DATA__`): one flat list, in which objects and lists name the places of their values.

use depeche_news::limits::extract::STATE_VALUES_MAX;
use serde_json::{Map, Value};

/// Deepest value that is put together; a page's data is some twenty deep.
const DEPTH_MAX: usize = 48;

/// The value that a flat list stands for; nothing where it is no such list. What is named twice stands twice, up to the
/// limit of values.
pub(super) fn read(flat: &Value) -> Option<Value> {
    let flat = flat.as_array()?;
    let mut room = STATE_VALUES_MAX;
    flat.first()?;
    Some(at(flat, 0, DEPTH_MAX, &mut room))
}

fn at(flat: &[Value], place: usize, depth: usize, room: &mut usize) -> Value {
    let Some(value) = flat.get(place).filter(|_| depth > 0 && *room > 0) else {
        return Value::Null;
    };
    *room -= 1;
    let named = |place: &Value, room: &mut usize| match place.as_u64() {
        Some(place) => at(flat, usize::try_from(place).unwrap_or(usize::MAX), depth - 1, room),
        None => Value::Null,
    };
    match value {
        Value::Array(places) => match places.first() {
            // ["Reactive", place], ["Date", "2026-…"], ["Set", place, …]
            Some(Value::String(kind)) if kind == "Date" => {
                places.get(1).cloned().unwrap_or_default()
            }
            Some(Value::String(_)) if places.len() == 2 => {
                places.get(1).map_or(Value::Null, |place| named(place, room))
            }
            Some(Value::String(_)) => {
                places.iter().skip(1).map(|place| named(place, room)).collect()
            }
            _ => places.iter().map(|place| named(place, room)).collect(),
        },
        Value::Object(places) => {
            let fields = places.iter().map(|(name, place)| (name.clone(), named(place, room)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        plain => plain.clone(),
    }
}
