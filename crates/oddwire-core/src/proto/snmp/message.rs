//! One message of SNMP. What was cut from it is left out; the community is compared and never kept.

use super::ber::{OBJECT, OCTETS, SEQUENCE, Values, dotted};
use crate::proto::{clean, hex};

/// Bytes of a user's name and of an engine's identifier that are kept.
const MOST_USER: usize = 64;
const MOST_ENGINE: usize = 32;
/// Variables among which a trap's own name is looked for.
const TRAP_PLACES: usize = 4;
/// The variable that names a trap: 1.3.6.1.6.3.1.1.4.1.0.
const TRAP_NAME: &[u8] = &[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0];

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Get,
    GetNext,
    Response,
    Set,
    TrapOfVersion1,
    GetBulk,
    Inform,
    Trap,
    Report,
}

/// A message.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Message {
    /// As it is written: 0 for version 1, 1 for version 2c, 3 for version 3.
    pub(super) version: u8,
    pub(super) community_default: Option<bool>,
    /// Identifier that the answer repeats: of the request, or in version 3 of the message.
    pub(super) id: i64,
    pub(super) user: Option<Box<str>>,
    pub(super) engine: Option<Box<str>>,
    /// Flags of version 3: authenticated, encrypted, answer wanted.
    pub(super) flags: Option<u8>,
    /// What is unknown when it is encrypted.
    pub(super) kind: Option<Kind>,
    pub(super) error: Option<u32>,
    pub(super) max_repetitions: Option<u32>,
    pub(super) variables: Option<u16>,
    pub(super) first_object: Option<Box<str>>,
    pub(super) trap_object: Option<Box<str>>,
    /// Whether it was read to its end, and the end is that of the datagram.
    pub(super) whole: bool,
}

impl Kind {
    const fn of(tag: u8) -> Option<Self> {
        Some(match tag {
            0xa0 => Self::Get,
            0xa1 => Self::GetNext,
            0xa2 => Self::Response,
            0xa3 => Self::Set,
            0xa4 => Self::TrapOfVersion1,
            0xa5 => Self::GetBulk,
            0xa6 => Self::Inform,
            0xa7 => Self::Trap,
            0xa8 => Self::Report,
            _ => return None,
        })
    }

    pub(super) const fn is_trap(self) -> bool {
        matches!(self, Self::Trap | Self::TrapOfVersion1)
    }

    pub(super) const fn is_answer(self) -> bool {
        matches!(self, Self::Response | Self::Report)
    }
}

impl Message {
    /// Reads a message; `None` for what does not begin like one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut outer = Values::of(bytes);
        let mut inner = Values::of(outer.take(SEQUENCE)?);
        let mut message = Self { version: u8::try_from(inner.integer()?).ok()?, ..Self::default() };
        let read = match message.version {
            0 | 1 => {
                let community = inner.take(OCTETS)?;
                message.community_default = Some(matches!(community, b"public" | b"private"));
                let (tag, content) = inner.next()?;
                message.kind = Some(Kind::of(tag)?);
                message.read_body(content).is_some()
            }
            3 => message.read_version_3(&mut inner)?,
            _ => return None,
        };
        message.whole = read && outer.whole && inner.whole && outer.rest().is_empty();
        Some(message)
    }

    /// Reads version 3 behind its number; `false` where it was cut.
    fn read_version_3(&mut self, values: &mut Values<'_>) -> Option<bool> {
        let mut head = Values::of(values.take(SEQUENCE)?);
        self.id = head.integer()?;
        head.integer()?;
        self.flags = Some(*head.take(OCTETS)?.first()?);
        head.integer()?;
        Some(self.read_secured(values).is_some())
    }

    fn read_secured(&mut self, values: &mut Values<'_>) -> Option<()> {
        let mut security = Values::of(Values::of(values.take(OCTETS)?).take(SEQUENCE).unwrap_or(&[]));
        if let Some(engine) = security.take(OCTETS) {
            self.engine = shown(engine, |engine| hex(engine.get(..MOST_ENGINE).unwrap_or(engine)).into());
            let _ = (security.integer(), security.integer());
            self.user = security.take(OCTETS).and_then(|user| shown(user, |user| clean(user, MOST_USER)));
        }
        match values.next()? {
            (SEQUENCE, scoped) => {
                let mut scoped = Values::of(scoped);
                scoped.take(OCTETS)?;
                scoped.take(OCTETS)?;
                let (tag, content) = scoped.next()?;
                self.kind = Some(Kind::of(tag)?);
                self.read_body(content)
            }
            (OCTETS, _) => Some(()),
            _ => None,
        }
    }

    /// Reads what was asked or answered.
    fn read_body(&mut self, content: &[u8]) -> Option<()> {
        let mut values = Values::of(content);
        if self.kind == Some(Kind::TrapOfVersion1) {
            self.trap_object = dotted(values.take(OBJECT)?);
            values.next()?;
            let _ = (values.integer()?, values.integer()?);
            values.next()?;
        } else {
            let id = values.integer()?;
            if self.version != 3 {
                self.id = id;
            }
            let (status, index) = (values.integer()?, values.integer()?);
            match self.kind {
                Some(Kind::GetBulk) => self.max_repetitions = u32::try_from(index).ok(),
                Some(Kind::Response | Kind::Report) => self.error = u32::try_from(status).ok(),
                _ => {}
            }
        }
        self.read_variables(Values::of(values.take(SEQUENCE)?), values.whole)
    }

    fn read_variables(&mut self, mut list: Values<'_>, whole: bool) -> Option<()> {
        let mut count = 0u16;
        self.variables = Some(0);
        while let Some(variable) = list.take(SEQUENCE) {
            let mut variable = Values::of(variable);
            let name = variable.take(OBJECT);
            if count == 0 {
                self.first_object = name.and_then(dotted);
            }
            if usize::from(count) < TRAP_PLACES && name == Some(TRAP_NAME) {
                self.trap_object = variable.take(OBJECT).and_then(dotted);
            }
            count = count.saturating_add(1);
            self.variables = Some(count);
        }
        (whole && list.whole && list.rest().is_empty()).then_some(())
    }
}

fn shown(bytes: &[u8], show: impl Fn(&[u8]) -> Box<str>) -> Option<Box<str>> {
    (!bytes.is_empty()).then(|| show(bytes))
}
