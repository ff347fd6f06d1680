//! One direction: frames out of bytes, and application messages out of frames. Lax where the capture lacks bytes.

use super::codes;
use super::link::{self, Header, MOST_FRAME, Start};
use super::object::Objects;
use crate::proto::{Moment, Pending};

/// Bytes of one application message that are gathered: no device may send more.
pub const MOST_MESSAGE: usize = 2_048;
/// Bytes that are looked at together.
const PART: usize = 512;
/// Bytes that are no frame in a row, after which a flow is left alone.
pub const MOST_STRAY: u32 = 8_192;

const FINAL: u8 = 0x80;
const FIRST: u8 = 0x40;
const SEQUENCE: u8 = 0x3f;

/// One direction of a flow.
#[derive(Debug, Default)]
pub(super) struct Side {
    bytes: Pending,
    /// The packet that brought the first byte in wait.
    began: Moment,
    message: Option<Box<Gathered>>,
    stray: u32,
    /// Frames whose header had a wrong checksum, since the last message.
    broken: u32,
}

/// An application message as far as it came.
#[derive(Debug, Default)]
struct Gathered {
    at: Moment,
    source: u16,
    destination: u16,
    from_master: bool,
    next: u8,
    bytes: Vec<u8>,
    wire: u32,
    errors: u32,
}

/// What a direction says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) at: Moment,
    pub(super) source: u16,
    pub(super) destination: u16,
    pub(super) from_master: bool,
    pub(super) wire: u32,
    pub(super) errors: u32,
    pub(super) what: What,
}

/// A message of the application, or a frame that carries none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Link(Option<&'static str>),
    Message(Message),
}

/// What the head of an application message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message {
    control: u8,
    pub(super) function: u8,
    pub(super) indications: Option<u16>,
    pub(super) objects: Objects,
}

impl Message {
    fn read(bytes: &[u8]) -> Option<Self> {
        let [control, function, rest @ ..] = bytes else { return None };
        let (indications, rest) = match rest {
            [low, high, rest @ ..] if *function >= codes::RESPONSE => {
                (Some(u16::from_le_bytes([*low, *high])), rest)
            }
            _ => (None, rest),
        };
        let objects = Objects::read(*function, rest);
        Some(Self { control: *control, function: *function, indications, objects })
    }

    pub(super) const fn sequence(&self) -> u8 {
        self.control & 15
    }

    /// Whether it is the first fragment of what is said.
    pub(super) const fn is_first(&self) -> bool {
        self.control & 0x80 != 0
    }

    /// Whether it is the last fragment.
    pub(super) const fn is_last(&self) -> bool {
        self.control & 0x40 != 0
    }
}

impl Side {
    /// Takes bytes; `sink` is given what they say.
    pub(super) fn take(&mut self, bytes: &[u8], at: Moment, sink: &mut dyn FnMut(Heard)) {
        for part in bytes.chunks(PART) {
            if self.bytes.bytes().is_empty() {
                self.began = at;
            }
            self.bytes.append(part, MOST_FRAME + PART);
            let mut pending = std::mem::take(&mut self.bytes);
            while let Some(passed) = self.step(pending.bytes(), sink) {
                pending.consume(passed);
                self.began = at;
            }
            if pending.bytes().is_empty() {
                pending.clear();
            }
            self.bytes = pending;
        }
    }

    /// Takes what the front of the bytes in wait is: a frame, or a byte that begins none.
    fn step(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Heard)) -> Option<usize> {
        let header = match Start::of(bytes) {
            Start::Short => return None,
            Start::Header(header) => header,
            wrong => {
                self.broken += u32::from(wrong == Start::Broken);
                return Some(self.pass_over(bytes));
            }
        };
        let frame = bytes.get(..header.wire())?;
        self.stray = 0;
        self.frame(header, frame, sink);
        Some(frame.len())
    }

    /// Bytes up to where a frame may start.
    fn pass_over(&mut self, bytes: &[u8]) -> usize {
        let next = bytes.iter().skip(1).position(|&byte| byte == link::START[0]);
        let passed = next.map_or(bytes.len(), |next| next + 1);
        self.stray = self.stray.saturating_add(passed as u32);
        passed
    }

    fn frame(&mut self, header: Header, frame: &[u8], sink: &mut dyn FnMut(Heard)) {
        let blocks = frame.get(link::HEADER..).unwrap_or(&[]);
        if !header.carries() {
            let what = What::Link(codes::link_name(header.control));
            sink(self.heard(&Gathered::of(header, self.began, header.wire()), what));
            return;
        }
        let mut data = Vec::with_capacity(MOST_FRAME);
        let errors = link::user_data(header, blocks, &mut data);
        let Some((&transport, data)) = data.split_first() else { return };
        if transport & FIRST != 0 {
            self.finish(sink);
            self.message = Some(Box::new(Gathered::of(header, self.began, 0)));
        }
        let Some(message) = &mut self.message else { return };
        if !message.joins(header, transport) {
            return;
        }
        message.add(transport, data, header.wire(), errors);
        if transport & FINAL != 0 {
            self.finish(sink);
        }
    }

    /// Says the message that is being gathered, as far as it came.
    pub(super) fn finish(&mut self, sink: &mut dyn FnMut(Heard)) {
        if let Some(gathered) = self.message.take()
            && let Some(message) = Message::read(&gathered.bytes)
        {
            sink(self.heard(&gathered, What::Message(message)));
        }
    }

    fn heard(&mut self, of: &Gathered, what: What) -> Heard {
        let &Gathered { at, source, destination, from_master, wire, errors, .. } = of;
        let errors = errors.saturating_add(std::mem::take(&mut self.broken));
        Heard { at, source, destination, from_master, wire, errors, what }
    }

    /// Takes note that bytes are lost behind those in wait: a broken frame says what it can.
    pub(super) fn lose(&mut self, sink: &mut dyn FnMut(Heard)) {
        let pending = std::mem::take(&mut self.bytes);
        if let Start::Header(header) = Start::of(pending.bytes()) {
            self.frame(header, pending.bytes(), sink);
        }
        self.finish(sink);
    }

    /// Forgets a frame that the end of its datagram broke off.
    pub(super) fn end_datagram(&mut self) {
        self.bytes.clear();
    }

    /// Whether this is no DNP3, or none any more.
    pub(super) const fn is_hopeless(&self) -> bool {
        self.stray > MOST_STRAY
    }

    /// Bytes of memory.
    pub(super) fn held(&self) -> usize {
        let message =
            self.message.as_ref().map_or(0, |message| size_of::<Gathered>() + message.bytes.capacity());
        self.bytes.held() + message
    }
}

impl Gathered {
    fn of(header: Header, at: Moment, wire: usize) -> Self {
        let Header { source, destination, .. } = header;
        let (from_master, wire) = (header.is_from_master(), wire as u32);
        Self { at, source, destination, from_master, wire, ..Self::default() }
    }

    /// Whether a frame goes on with this message.
    fn joins(&self, header: Header, transport: u8) -> bool {
        let same = (header.source, header.destination) == (self.source, self.destination);
        same && (transport & FIRST != 0 || transport & SEQUENCE == self.next)
    }

    fn add(&mut self, transport: u8, data: &[u8], wire: usize, errors: u32) {
        self.next = transport.wrapping_add(1) & SEQUENCE;
        let room = MOST_MESSAGE.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(data.get(..room).unwrap_or(data));
        self.wire = self.wire.saturating_add(wire as u32);
        self.errors = self.errors.saturating_add(errors);
    }
}
