//! Nuxt's payload (`__NUXT_DATA__`): one flat list, in which objects and lists name the places of their values.

use depeche_news::limits::extract::{STATE_BYTES_MAX, STATE_VALUES_MAX};
use serde_json::{Map, Value};

/// Deepest value that is put together; a page's data is some twenty deep.
const DEPTH_MAX: usize = 48;

/// What may still be put together out of all lists of a page. Every place that is named costs a value, whatever stands there, and every text its bytes:
/// a list of a kilobyte that names itself would fill any memory.
pub(super) struct Room {
    values: usize,
    bytes: usize,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { values: STATE_VALUES_MAX, bytes: STATE_BYTES_MAX }
    }

    /// Takes a value and bytes; nothing where there is no room for them.
    fn take(&mut self, bytes: usize) -> Option<()> {
        self.values = self.values.checked_sub(1)?;
        self.bytes = self.bytes.checked_sub(bytes)?;
        Some(())
    }
}

/// The value that a flat list stands for; nothing where it is no such list. What is named twice stands twice, up to the
/// limits of values and bytes.
pub(super) fn read(flat: &Value, room: &mut Room) -> Option<Value> {
    let flat = flat.as_array()?;
    flat.first()?;
    at(flat, 0, DEPTH_MAX, room)
}

/// The value of a place; nothing once the room is gone.
fn at(flat: &[Value], place: usize, depth: usize, room: &mut Room) -> Option<Value> {
    let value = flat.get(place).filter(|_| depth > 0).unwrap_or(&Value::Null);
    room.take(value.as_str().map_or(0, str::len))?;
    let named = |place: &Value, room: &mut Room| match place.as_u64() {
        Some(place) => at(flat, usize::try_from(place).unwrap_or(usize::MAX), depth - 1, room),
        None => room.take(0).map(|()| Value::Null),
    };
    let listed = |places: &[Value], room: &mut Room| -> Value {
        places.iter().map_while(|place| named(place, room)).collect()
    };
    Some(match value {
        Value::Array(places) => match places.as_slice() {
            // ["Reactive", place], ["Date", "2026-…"], ["Set", place, …]
            [Value::String(kind), day, ..] if kind == "Date" => {
                room.take(day.as_str().map_or(0, str::len))?;
                day.as_str().map_or(Value::Null, Value::from)
            }
            [Value::String(_), place] => named(place, room).unwrap_or_default(),
            [Value::String(_), places @ ..] => listed(places, room),
            places => listed(places, room),
        },
        Value::Object(places) => {
            let fields = places.iter().map_while(|(name, place)| {
                room.take(name.len())?;
                Some((name.clone(), named(place, room)?))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        plain => plain.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(value: &Value) -> usize {
        match value {
            Value::Array(all) => 1 + all.iter().map(count).sum::<usize>(),
            _ => 1,
        }
    }

    /// Each of these lists alone is put together to all that there is room for.
    #[test]
    fn all_lists_of_a_page_share_the_room() {
        let list = vec!["0"; 800].join(",");
        let flat: Value = serde_json::from_str(&format!("[[{list}]]")).unwrap();
        let mut room = Room::new();
        let made = (0..1_000).filter_map(|_| read(&flat, &mut room)).map(|made| count(&made));
        assert!(made.sum::<usize>() <= STATE_VALUES_MAX);
    }
}
