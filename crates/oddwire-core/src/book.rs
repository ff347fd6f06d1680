//! The book of hosts: a small number for every address, so that tables can be joined and grouped by numbers.

use crate::packet::Addr;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;

/// Addresses that get a number of their own; about 60 bytes each.
pub const MAX_HOSTS: u32 = 1 << 21;
/// Numbers that all further addresses share by their hash: they still count as many, but have no name.
pub const CROWD: u32 = 1 << 16;

/// Numbers addresses in the order in which they are first seen.
#[derive(Debug)]
pub struct Book {
    hasher: FixedState,
    index: HashTable<u32>,
    addresses: Vec<Addr>,
    most: u32,
}

impl Book {
    /// An empty book; the seed keeps strangers from choosing collisions, and no number depends on it.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_room(seed, MAX_HOSTS)
    }

    /// A book for so many addresses at most.
    #[must_use]
    pub fn with_room(seed: u64, most: u32) -> Self {
        let hasher = FixedState::with_seed(seed);
        Self { hasher, index: HashTable::new(), addresses: Vec::new(), most }
    }

    /// The number of an address.
    #[inline]
    pub fn number(&mut self, addr: Addr) -> u32 {
        let Self { hasher, index, addresses, most } = self;
        let hash = |addr: &Addr| hasher.hash_one(u128::from_ne_bytes(addr.0));
        let named = |number: &u32| addresses.get(*number as usize);
        let full = addresses.len() >= *most as usize;
        match index.entry(hash(&addr), |number| named(number) == Some(&addr), |n| named(n).map_or(0, hash)) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(_) if full => *most + crowd_of(addr),
            Entry::Vacant(place) => {
                let number = addresses.len() as u32;
                place.insert(number);
                addresses.push(addr);
                number
            }
        }
    }

    /// The number of an address that was seen before.
    #[must_use]
    pub fn find(&self, addr: Addr) -> Option<u32> {
        let hash = self.hasher.hash_one(u128::from_ne_bytes(addr.0));
        self.index.find(hash, |number| self.addresses.get(*number as usize) == Some(&addr)).copied()
    }

    /// The address of a number; `None` for those that came after the book was full.
    #[must_use]
    pub fn address(&self, number: u32) -> Option<Addr> {
        self.addresses.get(number as usize).copied()
    }

    /// How many addresses have a number of their own.
    #[must_use]
    pub fn len(&self) -> usize {
        self.addresses.len()
    }

    /// Whether no address was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }
}

/// The same on every machine and in every run.
fn crowd_of(addr: Addr) -> u32 {
    FixedState::with_seed(0x0dd3).hash_one(u128::from_be_bytes(addr.0)) as u32 % CROWD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_order_of_sight_and_stay() {
        let mut book = Book::new(7);
        let (x, y) = (Addr::v4([10, 0, 0, 1]), Addr::v4([10, 0, 0, 2]));
        assert_eq!((book.number(x), book.number(y), book.number(x)), (0, 1, 0));
        assert_eq!((book.address(1), book.address(2), book.len()), (Some(y), None, 2));
        assert_eq!((book.find(y), book.find(Addr::v4([10, 0, 0, 3]))), (Some(1), None));
    }

    #[test]
    fn a_full_book_counts_on_without_names() {
        let mut book = Book::with_room(7, 2);
        let host = |last| Addr::v4([10, 0, 0, last]);
        let numbers: Vec<u32> = (0..10).map(|last| book.number(host(last))).collect();
        assert_eq!(numbers.get(..2), Some([0, 1].as_slice()));
        assert!(numbers.iter().skip(2).all(|number| *number >= 2));
        assert_eq!(book.len(), 2);
        assert_eq!(book.number(host(9)), book.number(host(9)));
    }
}
