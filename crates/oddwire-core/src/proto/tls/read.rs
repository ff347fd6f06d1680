//! Reads numbers and vectors off the front of bytes that may end too early.

/// Bytes that are read from the front. What is asked for beyond the end is not there, which is noted.
#[derive(Debug, Clone, Copy)]
pub(in crate::proto) struct Reader<'a> {
    rest: &'a [u8],
    short: bool,
}

impl<'a> Reader<'a> {
    pub(in crate::proto) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, short: false }
    }

    /// What was not read yet.
    pub(in crate::proto) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(in crate::proto) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether more was asked for than there was.
    pub(in crate::proto) const fn is_short(&self) -> bool {
        self.short
    }

    /// The next bytes; fewer where it ends too early.
    pub(in crate::proto) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or_else(|| {
            self.short = true;
            (self.rest, &[])
        });
        self.rest = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N).first_chunk::<N>().copied()
    }

    pub(in crate::proto) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(in crate::proto) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(in crate::proto) fn u24(&mut self) -> Option<u32> {
        self.array().map(|[a, b, c]: [u8; 3]| u32::from_be_bytes([0, a, b, c]))
    }

    pub(in crate::proto) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A vector whose length stands before it in one byte.
    pub(in crate::proto) fn vector8(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        Some(self.take(usize::from(length)))
    }

    /// A vector whose length stands before it in two bytes.
    pub(in crate::proto) fn vector16(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        Some(self.take(usize::from(length)))
    }

    /// A vector whose length stands before it in three bytes.
    pub(in crate::proto) fn vector24(&mut self) -> Option<&'a [u8]> {
        let length = self.u24()?;
        Some(self.take(length as usize))
    }

    /// A number of QUIC, whose first two bits say how long it is.
    pub(in crate::proto) fn varint(&mut self) -> Option<u64> {
        let first = self.u8()?;
        let more = (1usize << (first >> 6)) - 1;
        let rest = self.take(more);
        (rest.len() == more)
            .then(|| rest.iter().fold(u64::from(first & 0x3f), |number, &byte| number << 8 | u64::from(byte)))
    }
}

/// The numbers of two bytes that bytes consist of.
pub(in crate::proto) fn words(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|&pair| u16::from_be_bytes(pair)).collect()
}
