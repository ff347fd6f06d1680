//! Unpacking by magic number, streaming, with memory bounded whatever the bytes claim.
//!
//! Bounds: gzip needs 32 KiB; zstd frames that ask for a window above [`MAX_WINDOW`] and xz streams that ask for more
//! memory than that are refused; an lz4 block is at most 8 MiB. Two layers are unpacked, not three.

use std::io::{self, BufRead, BufReader, Read};

/// The most memory that a compressed stream may ask for.
pub const MAX_WINDOW: u64 = 128 << 20;
const MAX_WINDOW_LOG: u32 = 27;
const INPUT_BUFFER: usize = 256 << 10;

/// How an input is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// Zstandard, any number of frames.
    Zstd,
    /// xz, any number of streams.
    Xz,
    /// The lz4 frame format, any number of frames.
    Lz4,
}

impl Compression {
    /// Its usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Lz4 => "lz4",
        }
    }

    pub(crate) const fn recognise(first: &[u8]) -> Option<Self> {
        match first {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x04 | 0x02, 0x22 | 0x21, 0x4d | 0x4c, 0x18, ..] => Some(Self::Lz4),
            _ => None,
        }
    }

    /// Puts a decoder of this kind on top of a stream of compressed bytes.
    pub(crate) fn unpack(self, source: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
        let packed = BufReader::with_capacity(INPUT_BUFFER, source);
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
                decoder.window_log_max(MAX_WINDOW_LOG)?;
                Box::new(decoder)
            }
            Self::Xz => {
                let stream =
                    liblzma::stream::Stream::new_stream_decoder(MAX_WINDOW, liblzma::stream::CONCATENATED)?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(packed, stream))
            }
            Self::Lz4 => Box::new(Lz4::Between(packed)),
        })
    }
}

/// What a file is that is packed in a manner not read here.
pub(crate) fn unsupported(first: &[u8]) -> Option<&'static str> {
    match first {
        [b'B', b'Z', b'h', ..] => Some("bzip2"),
        [b'P', b'K', 3, 4, ..] => Some("a zip archive"),
        [b'7', b'z', 0xbc, 0xaf, ..] => Some("a 7z archive"),
        [b'R', b'a', b'r', b'!', ..] => Some("a rar archive"),
        [0x1f, 0x9d, ..] => Some("a file of Unix compress"),
        _ => None,
    }
}

/// One lz4 frame after another. A decoder is made anew for each, because frames may differ in block size.
enum Lz4<R: BufRead> {
    Between(R),
    Inside(lz4_flex::frame::FrameDecoder<R>),
    Ended,
}

impl<R: BufRead> Read for Lz4<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            *self = match std::mem::replace(self, Self::Ended) {
                Self::Ended => return Ok(0),
                Self::Between(mut packed) => {
                    if packed.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    Self::Inside(lz4_flex::frame::FrameDecoder::new(packed))
                }
                Self::Inside(mut frame) => match frame.read(room)? {
                    0 => Self::Between(frame.into_inner()),
                    count => {
                        *self = Self::Inside(frame);
                        return Ok(count);
                    }
                },
            }
        }
    }
}

/// Ends a stream that unpacks to more than it reasonably can.
pub(crate) struct Bounded {
    pub(crate) inner: Box<dyn Read + Send>,
    pub(crate) packed: std::sync::Arc<crate::source::Tally>,
    pub(crate) limits: Limits,
    pub(crate) unpacked: u64,
}

/// Bounds on what a compressed input may unpack to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that one input may unpack to; `None` sets no bound, since nothing is kept of them.
    pub unpacked_bytes: Option<u64>,
    /// The most bytes that one compressed byte may unpack to, looked at after the first 64 MiB.
    pub expansion: u64,
}

impl Default for Limits {
    /// No bound on the total; 10,000 bytes for one. Gzip alone cannot exceed 1,032, real traffic stays under 100.
    fn default() -> Self {
        Self { unpacked_bytes: None, expansion: 10_000 }
    }
}

const FREE_EXPANSION: u64 = 64 << 20;

impl Bounded {
    /// How many more bytes may come; at least one, so that the end of the stream can be told from the bound.
    fn allowed(&self) -> usize {
        let left = self.limits.unpacked_bytes.map_or(u64::MAX, |limit| limit.saturating_sub(self.unpacked));
        usize::try_from(left).unwrap_or(usize::MAX).max(1)
    }

    fn excess(&self) -> Option<String> {
        if let Some(limit) = self.limits.unpacked_bytes.filter(|limit| self.unpacked > *limit) {
            return Some(format!("unpacks to more than the {limit} bytes allowed"));
        }
        let most = self.packed.bytes().max(1).saturating_mul(self.limits.expansion);
        (self.unpacked > FREE_EXPANSION && self.unpacked > most)
            .then(|| format!("unpacks to more than {} times its size", self.limits.expansion))
    }
}

impl Read for Bounded {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let allowed = self.allowed().min(room.len());
        let count = self.inner.read(room.get_mut(..allowed).unwrap_or_default())?;
        self.unpacked += count as u64;
        self.excess().map_or(Ok(count), |text| Err(io::Error::other(text)))
    }
}

/// What a decoder's error means, in words for a person.
pub(crate) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => error.to_string(),
    }
}
