//! Places for records in chunks: growing copies nothing and wastes at most a chunk.

const CHUNK: usize = 256;

/// A growing store of values that keep their number while they live.
#[derive(Debug)]
pub struct Slab<T> {
    chunks: Vec<Vec<T>>,
    free: Vec<u32>,
    len: usize,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: Vec::new(), len: 0 }
    }
}

impl<T> Slab<T> {
    /// How many values live.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether none lives.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a number.
    #[inline]
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&T> {
        self.chunks.get(id as usize / CHUNK)?.get(id as usize % CHUNK)
    }

    /// The value of a number, to change it.
    #[inline]
    pub fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.chunks.get_mut(id as usize / CHUNK)?.get_mut(id as usize % CHUNK)
    }

    /// All places in the order of their numbers, those that hold nothing among them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten()
    }

    /// The number that the next value stored will have.
    #[must_use]
    pub fn next_id(&self) -> u32 {
        self.free.last().copied().unwrap_or_else(|| {
            let full = self.chunks.len().saturating_sub(1) * CHUNK;
            (full + self.chunks.last().map_or(0, Vec::len)) as u32
        })
    }

    /// Stores a value and tells its number.
    pub fn insert(&mut self, value: T) -> u32 {
        self.len += 1;
        if let Some(id) = self.free.pop() {
            if let Some(place) = self.get_mut(id) {
                *place = value;
            }
            return id;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        self.chunks.last_mut().map_or(0, |chunk| {
            chunk.push(value);
            (before + chunk.len() - 1) as u32
        })
    }

    /// Gives a number back; its place may be used again.
    pub fn remove(&mut self, id: u32, empty: T) -> Option<T> {
        let place = self.get_mut(id)?;
        let value = std::mem::replace(place, empty);
        self.free.push(id);
        self.len -= 1;
        Some(value)
    }
}
