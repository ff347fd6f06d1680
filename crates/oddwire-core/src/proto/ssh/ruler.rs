//! Reads where sealed packets end, where their length is in the clear.

/// The longest packet whose length is believed.
const MOST_PACKET: u32 = 256 << 10;

/// How far the packet has come that is being read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ruler {
    head: [u8; 4],
    have: u8,
    size: u32,
    left: u32,
    pub(super) lost: bool,
}

impl Ruler {
    /// Takes bytes up to the end of a packet; the size of that, when it is reached.
    pub(super) fn take(&mut self, rest: &mut &[u8], behind: u32) -> Option<u32> {
        while self.left == 0 {
            let (&byte, others) = rest.split_first()?;
            *rest = others;
            *self.head.get_mut(usize::from(self.have))? = byte;
            self.have += 1;
            if usize::from(self.have) == self.head.len() {
                let length = u32::from_be_bytes(self.head);
                if !(1..=MOST_PACKET).contains(&length) {
                    self.lost = true;
                    return None;
                }
                self.left = length + behind;
                self.size = self.left + 4;
                self.have = 0;
            }
        }
        let count = rest.len().min(self.left as usize);
        *rest = rest.get(count..)?;
        self.left -= count as u32;
        (self.left == 0).then_some(self.size)
    }
}
