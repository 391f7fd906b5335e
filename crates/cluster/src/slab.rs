//! Things under small numbers, whose numbers are used again.

/// A store of things by number.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// The number the next thing will get.
    pub(crate) fn next(&self) -> u32 {
        self.free.last().copied().unwrap_or(self.slots.len() as u32)
    }

    /// Keeps a thing and returns its number.
    pub(crate) fn insert(&mut self, thing: T) -> u32 {
        let number = self.next();
        match self.free.pop() {
            Some(_) => self.slots[number as usize] = Some(thing),
            None => self.slots.push(Some(thing)),
        }
        number
    }

    /// Takes a thing out; its number becomes free.
    pub(crate) fn remove(&mut self, number: u32) -> Option<T> {
        let thing = self.slots.get_mut(number as usize)?.take()?;
        self.free.push(number);
        Some(thing)
    }

    /// The thing under a number.
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.slots.get(number as usize)?.as_ref()
    }

    /// The thing under a number, to be changed.
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.slots.get_mut(number as usize)?.as_mut()
    }

    /// How many things there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}
