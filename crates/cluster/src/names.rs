//! What goes by a name in the window: items, the dispatches they founded, the stories these began.
//!
//! A dispatch has the identity of the item that founded it, and a story that of its first dispatch:
//! one record of 60 bytes is all three, and it stays as long as one of them does.

use std::{
    hash::{BuildHasher, RandomState},
    io::{self, Read, Write},
};

use rustc_hash::FxHashMap;

use crate::{
    snapshot::{NotRestored, Reading, Writing},
    words::hash,
};

/// No name, no text.
pub(crate) const NONE: u32 = u32::MAX;

/// One identity, and what the window holds under it. Names refer to each other by number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    id: [u8; ID_BYTES],
    /// Whether the identity has another form than ours and stands in `Names::spelled`.
    spelled: bool,
    /// Members of this dispatch that lead.
    pub(crate) leaders: u8,
    /// As an item: its dispatch; `NONE` while there is no such item.
    pub(crate) dispatch: u32,
    /// As an item that leads: the text that later ones are compared with.
    pub(crate) text: u32,
    /// As an item, also one that has left its story behind: when it was published.
    pub(crate) at: Second,
    /// As an item: when it came in.
    pub(crate) came: Second,
    /// As an item: its neighbours in the order of coming in, and those in its dispatch.
    links: [Link; 2],
    /// As a dispatch: its first item; `NONE` while it has none.
    first: u32,
    /// As a dispatch with items: its story.
    pub(crate) tale: u32,
    /// As a story: its dispatches with items here; and their members that lead.
    pub(crate) dispatches: u32,
    pub(crate) texts: u32,
}

/// The neighbours of an item in one order.
#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    after: u32,
}

/// The two orders items stand in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// As they came in.
    Arrival,
    /// As they came into their dispatch. A ring: the last one comes before the first.
    Dispatch,
}

/// Seconds since 1970, up to 2106; earlier is 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Second(u32);

impl Second {
    pub(crate) fn new(seconds: i64) -> Self {
        Self(seconds.clamp(0, i64::from(u32::MAX)) as u32)
    }

    pub(crate) fn as_i64(self) -> i64 {
        i64::from(self.0)
    }
}

/// Bytes of an identity of ours, which is written with two hexadecimal digits each.
const ID_BYTES: usize = 10;

/// All names, each under its number and found by its identity.
#[derive(Debug)]
pub(crate) struct Names {
    names: Vec<Name>,
    free: Vec<u32>,
    /// Numbers where the hash of their identity says, or behind.
    slots: Vec<u32>,
    /// Where that is no provider can know, who could choose its identities to stand together.
    seed: RandomState,
    spelled: FxHashMap<u32, Box<str>>,
    /// The first item to come in and the last.
    oldest: u32,
    newest: u32,
    items: usize,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            free: Vec::new(),
            slots: vec![NONE; 64],
            seed: RandomState::new(),
            spelled: FxHashMap::default(),
            oldest: NONE,
            newest: NONE,
            items: 0,
        }
    }
}

impl std::ops::Index<u32> for Names {
    type Output = Name;

    fn index(&self, number: u32) -> &Name {
        &self.names[number as usize]
    }
}

impl std::ops::IndexMut<u32> for Names {
    fn index_mut(&mut self, number: u32) -> &mut Name {
        &mut self.names[number as usize]
    }
}

impl Name {
    /// Whether there is an item under this name.
    pub(crate) fn is_item(&self) -> bool {
        self.dispatch != NONE
    }

    /// Whether there is a dispatch with items under this name.
    pub(crate) fn is_dispatch(&self) -> bool {
        self.first != NONE
    }

    /// Whether it is item, dispatch or story.
    fn is_used(&self) -> bool {
        self.is_item() || self.is_dispatch() || self.dispatches > 0
    }
}

/// Identities.
impl Names {
    /// The number of an identity, if there is anything under it.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let packed = packed(id);
        let mut at = self.home(&packed.unwrap_or_else(|| hashed(id)));
        while self.slots[at] != NONE {
            let number = self.slots[at];
            let name = &self[number];
            let same = match packed {
                Some(bytes) => !name.spelled && name.id == bytes,
                None => name.spelled && self.spelled.get(&number).is_some_and(|text| **text == *id),
            };
            if same {
                return Some(number);
            }
            at = self.after(at);
        }
        None
    }

    /// The number of an identity, given if it has none.
    pub(crate) fn intern(&mut self, id: &str) -> u32 {
        if let Some(number) = self.find(id) {
            return number;
        }
        let bytes = packed(id);
        let name = Name::new(bytes.unwrap_or_else(|| hashed(id)), bytes.is_none());
        let number = match self.free.pop() {
            Some(number) => {
                self[number] = name;
                number
            }
            None => {
                self.names.push(name);
                self.names.len() as u32 - 1
            }
        };
        if name.spelled {
            self.spelled.insert(number, id.into());
        }
        if (self.len() + 1) * 5 > self.slots.len() * 4 {
            let wider = vec![NONE; self.slots.len() / 2 * 3];
            let taken = std::mem::replace(&mut self.slots, wider);
            taken.into_iter().filter(|&taken| taken != NONE).for_each(|taken| self.put(taken));
        }
        self.put(number);
        number
    }

    /// The identity of a name.
    pub(crate) fn spelling(&self, number: u32) -> String {
        match self.spelled.get(&number) {
            Some(text) => text.to_string(),
            None => spelt(&self[number].id),
        }
    }

    /// Frees the number of a name that is neither item nor dispatch nor story any more.
    pub(crate) fn release(&mut self, number: u32) {
        let name = self[number];
        if name.is_used() {
            return;
        }
        let mut at = self.home(&name.id);
        while self.slots[at] != number {
            if self.slots[at] == NONE {
                return;
            }
            at = self.after(at);
        }
        self.close_gap(at);
        self.spelled.remove(&number);
        self.free.push(number);
    }

    /// The bytes taken, identities of another form apart.
    pub(crate) fn bytes(&self) -> usize {
        self.names.capacity() * size_of::<Name>()
            + (self.free.capacity() + self.slots.capacity()) * 4
    }

    /// How many names there are.
    fn len(&self) -> usize {
        self.names.len() - self.free.len()
    }

    fn put(&mut self, number: u32) {
        let mut at = self.home(&self[number].id);
        while self.slots[at] != NONE {
            at = self.after(at);
        }
        self.slots[at] = number;
    }

    /// Moves the numbers behind a gap up, as far as each may go.
    fn close_gap(&mut self, mut gap: usize) {
        let count = self.slots.len();
        let mut at = self.after(gap);
        while self.slots[at] != NONE {
            let from_home = (at + count - self.home(&self[self.slots[at]].id)) % count;
            if from_home >= (at + count - gap) % count {
                self.slots[gap] = self.slots[at];
                gap = at;
            }
            at = self.after(at);
        }
        self.slots[gap] = NONE;
    }

    /// Where a number would stand if nothing were in its way.
    fn home(&self, id: &[u8; ID_BYTES]) -> usize {
        let spread = self.seed.hash_one(id) >> 32;
        ((spread * self.slots.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }
}

/// Items, and the orders they stand in.
impl Names {
    /// How many items there are.
    pub(crate) fn items(&self) -> usize {
        self.items
    }

    /// The item that came in first of those still here.
    pub(crate) fn oldest(&self) -> Option<u32> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    /// Makes a name that is none yet an item: the last to come in, the last of its dispatch.
    pub(crate) fn enter(&mut self, item: u32, dispatch: u32) {
        self.items += 1;
        self[item].dispatch = dispatch;
        self[item].link(Order::Arrival).before = self.newest;
        match self.newest {
            NONE => self.oldest = item,
            newest => self[newest].link(Order::Arrival).after = item,
        }
        self.newest = item;
        let first = self[dispatch].first;
        if first == NONE {
            self[dispatch].first = item;
            *self[item].link(Order::Dispatch) = Link { before: item, after: item };
            return;
        }
        let last = self[first].links[Order::Dispatch as usize].before;
        *self[item].link(Order::Dispatch) = Link { before: last, after: first };
        self[last].link(Order::Dispatch).after = item;
        self[first].link(Order::Dispatch).before = item;
    }

    /// Takes an item out of both orders; its name stays.
    pub(crate) fn leave(&mut self, item: u32) {
        self.items -= 1;
        let [arrival, ring] = self[item].links;
        match arrival.before {
            NONE => self.oldest = arrival.after,
            before => self[before].link(Order::Arrival).after = arrival.after,
        }
        match arrival.after {
            NONE => self.newest = arrival.before,
            after => self[after].link(Order::Arrival).before = arrival.before,
        }
        let dispatch = self[item].dispatch;
        if ring.after == item {
            self[dispatch].first = NONE;
        } else {
            self[ring.before].link(Order::Dispatch).after = ring.after;
            self[ring.after].link(Order::Dispatch).before = ring.before;
            if self[dispatch].first == item {
                self[dispatch].first = ring.after;
            }
        }
        let name = &mut self[item];
        name.dispatch = NONE;
        name.links = [Link::NOWHERE; 2];
    }

    /// The items of a dispatch in the order they came in.
    pub(crate) fn items_of(&self, dispatch: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.names.get(dispatch as usize).map_or(NONE, |name| name.first);
        let next = move |&item: &u32| {
            let after = self[item].links[Order::Dispatch as usize].after;
            (after != first).then_some(after)
        };
        std::iter::successors((first != NONE).then_some(first), next)
    }
}

/// Names in a snapshot: each with its identity, the story of its dispatch and when it was published, and then the items
/// in the order they came in. All else follows from that and from the texts.
impl Names {
    /// Writes the names without a gap between them, and gives the number each has there.
    pub(crate) fn write(&self, out: &mut Writing<'_, impl Write>) -> io::Result<Vec<u32>> {
        let mut used = 0;
        let number = |name: &Name| {
            used += u32::from(name.is_used());
            if name.is_used() { used - 1 } else { NONE }
        };
        let numbers: Vec<u32> = self.names.iter().map(number).collect();
        let there = |name: u32| numbers.get(name as usize).copied().unwrap_or(NONE);
        out.u64(u64::from(used))?;
        for (number, name) in (0..).zip(&self.names).filter(|(_, name)| name.is_used()) {
            match self.spelled.get(&number) {
                Some(text) => {
                    out.u32(text.len() as u32)?;
                    out.bytes(text.as_bytes())?;
                }
                None => {
                    out.u32(OUR_ID)?;
                    out.bytes(&name.id)?;
                }
            }
            out.u32(if name.is_dispatch() { there(name.tale) } else { NONE })?;
            out.u32(name.at.0)?;
        }
        let next = |&item: &u32| {
            let after = self[item].links[Order::Arrival as usize].after;
            (after != NONE).then_some(after)
        };
        let items = std::iter::successors(self.oldest(), next);
        out.rows(
            self.items,
            items.map(|item| {
                let Name { dispatch, at, came, .. } = self[item];
                [there(item), there(dispatch), at.0, came.0]
            }),
        )?;
        Ok(numbers)
    }

    /// Reads what [`Names::write`] wrote, at most so many items.
    pub(crate) fn read(
        from: &mut Reading<'_, impl Read>,
        items_max: usize,
    ) -> Result<Self, NotRestored> {
        let mut names = Self::default();
        let count = from.count(NAMES_PER_ITEM_MAX * items_max)? as u32;
        let mut tales = Vec::new();
        for number in 0..count {
            let id = match from.u32()? {
                OUR_ID => spelt(&from.bytes()?),
                length => from.text(length as usize)?,
            };
            if names.intern(&id) != number {
                return Err(NotRestored::Broken);
            }
            tales.push(from.u32()?);
            names[number].at = Second(from.u32()?);
        }
        let is_name = |number: u32| number < count;
        from.rows(items_max, |[item, dispatch, at, came]| {
            if !is_name(item) || !is_name(dispatch) || names[item].is_item() {
                return None;
            }
            names.enter(item, dispatch);
            (names[item].at, names[item].came) = (Second(at), Second(came));
            Some(())
        })?;
        for (dispatch, tale) in (0..count).zip(tales) {
            if !names[dispatch].is_dispatch() {
                continue;
            }
            if !is_name(tale) {
                return Err(NotRestored::Broken);
            }
            names[dispatch].tale = tale;
            names[tale].dispatches += 1;
        }
        Ok(names)
    }
}

impl Names {
    /// Lets an item lead its dispatch by this text; `None` where that cannot be.
    pub(crate) fn lead(&mut self, item: u32, dispatch: u32, text: u32) -> Option<()> {
        let name = self.names.get_mut(item as usize)?;
        if dispatch == NONE || name.dispatch != dispatch || name.text != NONE {
            return None;
        }
        name.text = text;
        let leaders = self[dispatch].leaders.checked_add(1)?;
        self[dispatch].leaders = leaders;
        let tale = self[dispatch].tale;
        self[tale].texts += 1;
        Some(())
    }
}

/// What stands before an identity of ours in a snapshot; before another, its length does.
const OUR_ID: u32 = u32::MAX;

/// An item, its dispatch and the story of that may each have a name of its own.
const NAMES_PER_ITEM_MAX: usize = 3;

impl Link {
    const NOWHERE: Self = Self { before: NONE, after: NONE };
}

impl Name {
    fn new(id: [u8; ID_BYTES], spelled: bool) -> Self {
        Self {
            id,
            spelled,
            leaders: 0,
            dispatch: NONE,
            text: NONE,
            at: Second(0),
            came: Second(0),
            links: [Link::NOWHERE; 2],
            first: NONE,
            tale: NONE,
            dispatches: 0,
            texts: 0,
        }
    }

    fn link(&mut self, order: Order) -> &mut Link {
        &mut self.links[order as usize]
    }
}

/// An identity of ours in half its length; `None` for one of another form.
fn packed(id: &str) -> Option<[u8; ID_BYTES]> {
    let digits: &[u8; 2 * ID_BYTES] = id.as_bytes().try_into().ok()?;
    let mut bytes = [0; ID_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

fn spelt(id: &[u8; ID_BYTES]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    id.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What stands for an identity of another form.
fn hashed(id: &str) -> [u8; ID_BYTES] {
    let mut bytes = [0; ID_BYTES];
    bytes[..4].copy_from_slice(&hash(id).to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_found_until_it_is_released() {
        let mut names = Names::default();
        let ids: Vec<String> = (0..3_000u64)
            .map(|n| if n % 3 == 0 { format!("{n}") } else { format!("{:020x}", n * n) })
            .collect();
        let numbers: Vec<u32> = ids.iter().map(|id| names.intern(id)).collect();
        for (id, &number) in ids.iter().zip(&numbers) {
            assert_eq!((names.intern(id), names.spelling(number)), (number, id.clone()));
        }
        for &number in numbers.iter().step_by(2) {
            names.release(number);
        }
        for (at, id) in ids.iter().enumerate() {
            assert_eq!(names.find(id), (at % 2 == 1).then_some(numbers[at]));
        }
        assert_eq!(names.len(), 1_500);
        assert_eq!(names.find("00000000000000000g00"), None);
    }

    #[test]
    fn items_stand_in_two_orders() {
        let mut names = Names::default();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|id| names.intern(id));
        for (item, dispatch) in [(a, a), (b, b), (c, a), (d, a)] {
            names.enter(item, dispatch);
        }
        let of_a = |names: &Names| names.items_of(a).collect::<Vec<_>>();
        assert_eq!((of_a(&names), names.oldest()), (vec![a, c, d], Some(a)));
        names.leave(c);
        names.leave(a);
        assert_eq!((of_a(&names), names.oldest(), names.items()), (vec![d], Some(b), 2));
        names.leave(d);
        names.leave(b);
        assert_eq!((of_a(&names), names.oldest(), names.items()), (vec![], None, 0));
        assert!(!names[a].is_dispatch() && !names[a].is_item());
    }

    #[test]
    fn a_name_is_small() {
        assert!(size_of::<Name>() <= 60);
    }
}
