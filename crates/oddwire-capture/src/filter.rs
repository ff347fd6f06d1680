//! One BPF text for frames of every link type.

use crate::bpf::{BpfError, BpfFilter};
use oddwire_core::frame::{Frame, LinkType};

/// The longest packet that a filter is asked about.
const SNAP_LENGTH: u32 = 262_144;

/// A filter that is compiled anew for each link type that turns up, because the same words mean other bytes there.
#[derive(Debug)]
pub struct FrameFilter {
    text: String,
    compiled: Vec<(LinkType, BpfFilter)>,
}

impl FrameFilter {
    /// Keeps the text, and makes sure that libpcap is there. What it makes of the text, the first frame shows.
    pub fn new(text: impl Into<String>) -> Result<Self, BpfError> {
        BpfFilter::compile("", LinkType::ETHERNET, SNAP_LENGTH)?;
        Ok(Self { text: text.into(), compiled: Vec::new() })
    }

    /// Whether a frame passes.
    ///
    /// # Errors
    /// When libpcap does not accept the text for frames of this link type.
    #[inline]
    pub fn matches(&mut self, frame: &Frame<'_>) -> Result<bool, BpfError> {
        match self.compiled.iter().find(|(link, _)| *link == frame.link) {
            Some((_, filter)) => Ok(filter.matches(frame)),
            None => self.compile(frame),
        }
    }

    #[cold]
    fn compile(&mut self, frame: &Frame<'_>) -> Result<bool, BpfError> {
        let filter = BpfFilter::compile(&self.text, frame.link, SNAP_LENGTH)?;
        let passes = filter.matches(frame);
        self.compiled.push((frame.link, filter));
        Ok(passes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_fit_every_link_type() {
        let arp = [&[0xff; 12][..], &[8, 6], &[0; 28]].concat();
        let ip = [&[0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0][..], &[10, 0, 0, 1, 10, 0, 0, 2]].concat();
        let frame = |link, data| Frame { input: 0, number: 1, time_ns: 0, link, length: 42, data };
        let mut filter = match FrameFilter::new("ip") {
            Err(BpfError::Missing) => return eprintln!("skipped: libpcap is not installed"),
            other => other.unwrap(),
        };
        assert_eq!(filter.matches(&frame(LinkType::ETHERNET, &arp)), Ok(false));
        assert_eq!(filter.matches(&frame(LinkType::RAW, &ip)), Ok(true));
        assert_eq!(filter.matches(&frame(LinkType::ETHERNET, &arp)), Ok(false));
        assert!(filter.matches(&frame(LinkType(65_000), &ip)).is_err(), "libpcap knows no such link type");
    }
}
