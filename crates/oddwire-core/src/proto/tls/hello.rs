//! `ClientHello` and `ServerHello`, as TLS, DTLS and QUIC send them.
//!
//! The reader is our own and not that of `tls-parser`: it reads what there is of a message that was cut, and keeps the
//! order and number of everything, which the fingerprints need.

use super::read::{Reader, words};
use crate::proto::text::clean;

/// The longest list of protocol names that is kept, in bytes of text.
const MOST_NAMES: usize = 255;
/// Numbers of all lists together that are kept for the readable fingerprints; with more of them these are left out.
const MOST_NUMBERS: usize = 512;

/// Numbers of extensions.
pub(in crate::proto) mod extension {
    pub(in crate::proto) const SERVER_NAME: u16 = 0;
    pub(in crate::proto) const GROUPS: u16 = 10;
    pub(in crate::proto) const POINT_FORMATS: u16 = 11;
    pub(in crate::proto) const SIGNATURES: u16 = 13;
    pub(in crate::proto) const ALPN: u16 = 16;
    pub(in crate::proto) const PRE_SHARED_KEY: u16 = 41;
    pub(in crate::proto) const VERSIONS: u16 = 43;
    pub(in crate::proto) const KEY_SHARE: u16 = 51;
    pub(in crate::proto) const ENCRYPTED_HELLO: u16 = 0xfe0d;
}

/// The random bytes by which a `ServerHello` says that it is a `HelloRetryRequest` (RFC 8446, 4.1.3).
pub(super) const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What a client offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::proto) struct ClientHello {
    /// The version in the message itself, which newer clients leave at TLS 1.2.
    pub(in crate::proto) version: u16,
    pub(in crate::proto) random: [u8; 32],
    pub(in crate::proto) session: Box<[u8]>,
    pub(in crate::proto) ciphers: Vec<u16>,
    pub(in crate::proto) extensions: Vec<u16>,
    pub(in crate::proto) groups: Vec<u16>,
    pub(in crate::proto) formats: Vec<u8>,
    pub(in crate::proto) signatures: Vec<u16>,
    pub(in crate::proto) versions: Vec<u16>,
    /// The server's name.
    pub(in crate::proto) name: Option<Box<str>>,
    /// First and last byte of the first protocol name.
    pub(in crate::proto) alpn_ends: Option<(u8, u8)>,
    /// The protocol names, joined by commas.
    pub(in crate::proto) alpn: Option<Box<str>>,
    /// Whether it was read to its end.
    pub(in crate::proto) whole: bool,
    /// Bytes of the message with its head.
    pub(in crate::proto) bytes: u32,
}

/// What a server chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::proto) struct ServerHello {
    pub(in crate::proto) version: u16,
    /// The version by extension, which is the true one of TLS 1.3.
    pub(in crate::proto) chosen: Option<u16>,
    pub(in crate::proto) retry: bool,
    pub(in crate::proto) session: Box<[u8]>,
    pub(in crate::proto) cipher: u16,
    pub(in crate::proto) extensions: Vec<u16>,
    pub(in crate::proto) alpn: Option<Box<str>>,
    pub(in crate::proto) group: Option<u16>,
    pub(in crate::proto) whole: bool,
}

/// Whether a number is one that clients send only to keep servers used to the unknown (RFC 8701).
pub(in crate::proto) const fn is_grease(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

impl ClientHello {
    /// Reads the body of the message; `None` where not even its fixed part is there.
    pub(in crate::proto) fn read(body: &[u8], datagram: bool) -> Option<Self> {
        let mut reader = Reader::new(body);
        let mut hello = Self { version: reader.u16()?, bytes: body.len() as u32 + 4, ..Self::default() };
        hello.random = reader.take(32).first_chunk().copied()?;
        hello.whole = hello.read_lists(&mut reader, datagram).is_some() && !reader.is_short();
        Some(hello)
    }

    fn read_lists(&mut self, reader: &mut Reader<'_>, datagram: bool) -> Option<()> {
        self.session = reader.vector8()?.into();
        if datagram {
            reader.vector8()?;
        }
        self.ciphers = words(reader.vector16()?);
        reader.vector8()?;
        if reader.is_empty() {
            return (!reader.is_short()).then_some(());
        }
        let mut extensions = Reader::new(reader.vector16()?);
        while !extensions.is_empty() {
            let number = extensions.u16()?;
            let content = extensions.vector16()?;
            self.extensions.push(number);
            self.read_extension(number, content);
        }
        (!extensions.is_short()).then_some(())
    }

    fn read_extension(&mut self, number: u16, content: &[u8]) {
        let mut reader = Reader::new(content);
        match number {
            extension::SERVER_NAME if self.name.is_none() => self.name = server_name(content),
            extension::GROUPS => self.groups = reader.vector16().map(words).unwrap_or_default(),
            extension::POINT_FORMATS => self.formats = reader.vector8().unwrap_or_default().to_vec(),
            extension::SIGNATURES => self.signatures = reader.vector16().map(words).unwrap_or_default(),
            extension::VERSIONS => self.versions = reader.vector8().map(words).unwrap_or_default(),
            extension::ALPN => {
                let names = reader.vector16().unwrap_or_default();
                let first = Reader::new(names).vector8().unwrap_or_default();
                self.alpn_ends = first.first().copied().zip(first.last().copied());
                self.alpn = joined_names(names);
            }
            _ => {}
        }
    }

    /// The highest version that is offered.
    pub(in crate::proto) fn highest(&self) -> u16 {
        let offered = self.versions.iter().copied().filter(|&version| !is_grease(version));
        offered.max_by_key(|&version| age(version)).unwrap_or(self.version)
    }

    pub(in crate::proto) fn has(&self, number: u16) -> bool {
        self.extensions.contains(&number)
    }

    /// Lets go of what is only needed while it is read. Lists too long to be shown go, too.
    pub(in crate::proto) fn shrink(&mut self) {
        let numbers = self.ciphers.len() + self.extensions.len() + self.groups.len() + self.signatures.len();
        if numbers > MOST_NUMBERS {
            self.whole = false;
            for list in [&mut self.ciphers, &mut self.extensions, &mut self.groups, &mut self.signatures] {
                *list = Vec::new();
            }
        }
        for list in [&mut self.ciphers, &mut self.extensions, &mut self.groups, &mut self.signatures] {
            list.shrink_to_fit();
        }
    }

    /// Bytes of memory it takes beside its own size.
    pub(in crate::proto) fn held(&self) -> usize {
        let lists = [&self.ciphers, &self.extensions, &self.groups, &self.signatures, &self.versions];
        let texts = [&self.name, &self.alpn];
        lists.iter().map(|list| 2 * list.capacity()).sum::<usize>()
            + texts.iter().map(|text| text.as_ref().map_or(0, |text| text.len())).sum::<usize>()
            + self.session.len()
            + self.formats.capacity()
    }
}

impl ServerHello {
    /// Reads the body of the message; `None` where not even the cipher is there.
    pub(in crate::proto) fn read(body: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let mut hello = Self { version: reader.u16()?, ..Self::default() };
        hello.retry = reader.take(32) == RETRY;
        let early_draft = hello.version >> 8 == 0x7f;
        if !early_draft {
            hello.session = reader.vector8()?.into();
        }
        hello.cipher = reader.u16()?;
        if !early_draft {
            reader.u8();
        }
        hello.whole = true;
        if !reader.is_empty() {
            let mut extensions = Reader::new(reader.vector16().unwrap_or_default());
            while !extensions.is_empty() {
                let (Some(number), Some(content)) = (extensions.u16(), extensions.vector16()) else { break };
                hello.extensions.push(number);
                hello.read_extension(number, content);
            }
            hello.whole = !extensions.is_short();
        }
        hello.whole &= !reader.is_short();
        Some(hello)
    }

    fn read_extension(&mut self, number: u16, content: &[u8]) {
        let mut reader = Reader::new(content);
        match number {
            extension::VERSIONS => self.chosen = reader.u16(),
            extension::KEY_SHARE => self.group = reader.u16(),
            extension::ALPN => self.alpn = joined_names(reader.vector16().unwrap_or_default()),
            _ => {}
        }
    }

    /// The version that is spoken from here on.
    pub(in crate::proto) fn negotiated(&self) -> u16 {
        self.chosen.unwrap_or(self.version)
    }
}

/// How new a version is: those of DTLS count downwards.
const fn age(version: u16) -> u16 {
    if version >= 0xfe00 { 0xffff - version } else { version }
}

/// The host name of the extension (RFC 6066, 3).
fn server_name(content: &[u8]) -> Option<Box<str>> {
    let mut list = Reader::new(Reader::new(content).vector16()?);
    while !list.is_empty() {
        let kind = list.u8()?;
        let name = list.vector16()?;
        if kind == 0 && !name.is_empty() {
            return Some(clean(name, MOST_NAMES));
        }
    }
    None
}

/// Names of protocols, joined by commas.
fn joined_names(list: &[u8]) -> Option<Box<str>> {
    let mut joined = Vec::new();
    let mut names = Reader::new(list);
    while let Some(name) = names.vector8() {
        if !joined.is_empty() {
            joined.push(b',');
        }
        joined.extend(name);
        if joined.len() > MOST_NAMES {
            break;
        }
    }
    (!joined.is_empty()).then(|| clean(&joined, MOST_NAMES))
}
