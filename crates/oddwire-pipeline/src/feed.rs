//! Frames to packets: opens the inputs, leaves out what is not wanted, decodes, counts.

use crate::dedupe::Dedupe;
use crate::error::RunError;
use crate::request::Request;
use crate::stats::{Progress, Stats};
use oddwire_capture::{BpfError, BpfFilter, Capture, FrameFilter};
use oddwire_core::decode::Decoder;
use oddwire_core::flow::Stamp;
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::packet::Packet;

/// Bytes of a frame that a packet filter may look at.
const BPF_SNAPLEN: u32 = 262_144;

/// A packet as the feed hands it out.
#[derive(Debug)]
pub struct Fed<'a> {
    /// Where and when.
    pub stamp: Stamp,
    /// Captured bytes.
    pub captured: u32,
    /// Link type of the frame.
    pub link: LinkType,
    /// What the headers say.
    pub packet: Packet<'a>,
}

/// Which frames are left out.
struct Sieve {
    since_ns: i64,
    until_ns: i64,
    filter: Option<FrameFilter>,
    dedupe: Option<Dedupe>,
    left_out: u64,
}

/// The packets of a request.
pub struct Feed {
    capture: Capture,
    decoder: Decoder,
    sieve: Option<Sieve>,
    /// What was seen so far.
    pub stats: Stats,
}

impl Feed {
    /// Opens the inputs of a request.
    pub fn open(request: &Request) -> Result<Self, RunError> {
        let capture = Capture::open(&request.inputs, &request.open)?;
        let sieve = Sieve::of(request)?;
        let decoder = Decoder::with_limits(request.decoder);
        Ok(Self { capture, decoder, sieve, stats: Stats::default() })
    }

    /// The next packet that is wanted.
    #[inline]
    pub fn next_packet(&mut self) -> Result<Option<Fed<'_>>, RunError> {
        // The frame borrows from the capture; whether it is wanted is found out before it is decoded.
        if self.sieve.is_some() {
            return self.next_sieved();
        }
        let Some(frame) = self.capture.next_frame()? else { return Ok(None) };
        Ok(Some(feed(&mut self.decoder, &mut self.stats, &frame)))
    }

    /// The next packet that is wanted, with the frame that it came in.
    pub fn next_framed(&mut self) -> Result<Option<(Frame<'_>, Fed<'_>)>, RunError> {
        let Self { capture, decoder, sieve, stats } = self;
        loop {
            let Some(frame) = capture.next_frame()? else { return Ok(None) };
            if sieve.as_mut().map_or(Ok(true), |sieve| sieve.wants(&frame))? {
                break;
            }
        }
        let Some(frame) = capture.frame() else { return Ok(None) };
        let fed = feed(decoder, stats, &frame);
        Ok(Some((frame, fed)))
    }

    /// What is left out is passed over before anything is decoded.
    fn next_sieved(&mut self) -> Result<Option<Fed<'_>>, RunError> {
        let Self { capture, decoder, sieve, stats } = self;
        loop {
            let Some(frame) = capture.next_frame()? else { return Ok(None) };
            if sieve.as_mut().map_or(Ok(true), |sieve| sieve.wants(&frame))? {
                break;
            }
        }
        Ok(capture.frame().map(|frame| feed(decoder, stats, &frame)))
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let progress = self.capture.progress();
        Progress { packets: self.stats.packets, bytes: progress.bytes, total_bytes: progress.total }
    }

    /// Ends the feed and gives what it counted.
    #[must_use]
    pub fn finish(self) -> Stats {
        let mut stats = self.stats;
        if let Some(sieve) = self.sieve {
            stats.left_out = sieve.left_out;
            stats.repeated = sieve.dedupe.map_or(0, |dedupe| dedupe.dropped());
        }
        stats.fragments = self.decoder.fragment_counts();
        stats.inputs = self.capture.inputs();
        stats
    }
}

#[inline]
fn feed<'a>(decoder: &'a mut Decoder, stats: &mut Stats, frame: &Frame<'a>) -> Fed<'a> {
    let stamp = Stamp::from(frame);
    let packet = decoder.decode(frame);
    stats.see(&stamp, &packet);
    Fed { stamp, captured: frame.data.len() as u32, link: frame.link, packet }
}

impl Sieve {
    /// The sieve of a request; `None` when everything is wanted.
    fn of(request: &Request) -> Result<Option<Self>, RunError> {
        let in_time = request.since_ns.is_some() || request.until_ns.is_some();
        if !in_time && request.bpf.is_none() && !request.dedupe {
            return Ok(None);
        }
        Ok(Some(Self {
            since_ns: request.since_ns.unwrap_or(i64::MIN),
            until_ns: request.until_ns.unwrap_or(i64::MAX),
            filter: request
                .bpf
                .as_ref()
                .map(FrameFilter::new)
                .transpose()
                .map_err(|error| bpf_error(&error))?,
            dedupe: request.dedupe.then(|| Dedupe::new(request.tracker.seed)),
            left_out: 0,
        }))
    }

    fn wants(&mut self, frame: &Frame<'_>) -> Result<bool, RunError> {
        let in_time = (self.since_ns..self.until_ns).contains(&frame.time_ns);
        let passes = match &mut self.filter {
            Some(filter) if in_time => filter.matches(frame).map_err(|error| bpf_error(&error))?,
            _ => in_time,
        };
        if !passes {
            self.left_out += 1;
            return Ok(false);
        }
        Ok(!self.dedupe.as_mut().is_some_and(|dedupe| dedupe.is_repeated(frame)))
    }
}

fn bpf_error(error: &BpfError) -> RunError {
    match error {
        BpfError::Missing => RunError::Missing(error.to_string()),
        BpfError::Syntax(_) => RunError::Usage(error.to_string()),
    }
}

/// Whether libpcap can be loaded, so that packet filters work.
#[must_use]
pub fn has_libpcap() -> bool {
    is_bpf("")
}

/// Whether a text is a packet filter that libpcap accepts for Ethernet; not where libpcap is missing.
#[must_use]
pub fn is_bpf(text: &str) -> bool {
    BpfFilter::compile(text, LinkType::ETHERNET, BPF_SNAPLEN).is_ok()
}
