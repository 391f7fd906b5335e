//! From a fingerprint to the members that carry it: one flat table, 8 bytes a posting.

/// An open-addressed table in which a key may stand several times. Costs 10 to 16 bytes a posting
/// and one cache line a look-up, where a map of lists costs over 80 and three.
#[derive(Debug)]
pub(crate) struct Carriers {
    slots: Vec<Slot>,
    len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    key: u32,
    member: u32,
}

/// A slot that nothing stands in.
const EMPTY: Slot = Slot { key: 0, member: u32::MAX };

/// Members kept under one key. A fingerprint that more dispatches have is page furniture or a
/// template, and must not make the table slow.
pub(crate) const CARRIERS_MAX: usize = 48;

impl Default for Carriers {
    fn default() -> Self {
        Self { slots: vec![EMPTY; 1024], len: 0 }
    }
}

impl Carriers {
    /// Adds a posting, unless its key has `CARRIERS_MAX` already.
    pub(crate) fn insert(&mut self, key: u32, member: u32) {
        if (self.len + 1) * 5 > self.slots.len() * 4 {
            self.grow();
        }
        let (mut at, mut alike) = (self.home(key), 0);
        while self.slots[at] != EMPTY {
            alike += usize::from(self.slots[at].key == key);
            at = self.after(at);
        }
        if alike < CARRIERS_MAX {
            self.slots[at] = Slot { key, member };
            self.len += 1;
        }
    }

    /// Takes a posting away, if it is there.
    pub(crate) fn remove(&mut self, key: u32, member: u32) {
        let mut at = self.home(key);
        while self.slots[at] != (Slot { key, member }) {
            if self.slots[at] == EMPTY {
                return;
            }
            at = self.after(at);
        }
        self.len -= 1;
        self.close_gap(at);
    }

    /// The members under `key`.
    pub(crate) fn members(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.home(key);
        std::iter::from_fn(move || {
            while self.slots[at] != EMPTY {
                let slot = self.slots[at];
                at = self.after(at);
                if slot.key == key {
                    return Some(slot.member);
                }
            }
            None
        })
    }

    /// Where a key would stand if nothing were in its way. Keys are hashes, but the smallest of
    /// their neighbours, so they are spread again.
    fn home(&self, key: u32) -> usize {
        let spread = u64::from(key.wrapping_mul(0x9e37_79b1));
        ((spread * self.slots.len() as u64) >> 32) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    /// Moves the postings behind a gap up, as far as each may go.
    fn close_gap(&mut self, mut gap: usize) {
        let count = self.slots.len();
        let mut at = self.after(gap);
        while self.slots[at] != EMPTY {
            let from_home = (at + count - self.home(self.slots[at].key)) % count;
            let from_gap = (at + count - gap) % count;
            if from_home >= from_gap {
                self.slots[gap] = self.slots[at];
                gap = at;
            }
            at = self.after(at);
        }
        self.slots[gap] = EMPTY;
    }

    fn grow(&mut self) {
        let wider = vec![EMPTY; self.slots.len() / 2 * 3];
        for slot in std::mem::replace(&mut self.slots, wider) {
            if slot != EMPTY {
                let mut at = self.home(slot.key);
                while self.slots[at] != EMPTY {
                    at = self.after(at);
                }
                self.slots[at] = slot;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_are_found_and_taken_away() {
        let mut carriers = Carriers::default();
        for member in 0..5_000 {
            carriers.insert(member, member);
            carriers.insert(member / 7 + 9_000, member + 10_000);
        }
        assert_eq!(carriers.members(4_321).collect::<Vec<_>>(), [4_321]);
        assert_eq!(carriers.members(9_005).count(), 7);
        for member in (0..5_000).rev() {
            carriers.remove(member, member);
            carriers.remove(member / 7 + 9_000, member + 10_000);
        }
        assert_eq!(carriers.len, 0);
        assert!(carriers.slots.iter().all(|slot| *slot == EMPTY));
    }

    #[test]
    fn furniture_does_not_fill_the_table() {
        let mut carriers = Carriers::default();
        (0..10_000).for_each(|member| carriers.insert(1, member));
        assert_eq!(carriers.members(1).count(), CARRIERS_MAX);
        carriers.remove(1, 9_999);
        assert_eq!(carriers.members(1).count(), CARRIERS_MAX);
    }
}
