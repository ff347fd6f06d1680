//! Any bytes under any link type: the first two bytes are the link type, the third how much the capture cut off and
//! whether the rest is one frame or several, so that fragments meet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::decode::{Decoder, DecoderLimits};
use oddwire_core::frame::{Frame, LinkType};

fuzz_target!(|input: &[u8]| {
    let [high, low, shape, rest @ ..] = input else { return };
    let limits = DecoderLimits { fragment_datagrams: 8, fragment_bytes: 16 << 10, ..DecoderLimits::default() };
    let mut decoder = Decoder::with_limits(limits);
    let link = LinkType(u16::from_be_bytes([*high, *low]));
    let size = if shape & 0x80 != 0 { rest.len().div_ceil(4).max(1) } else { rest.len().max(1) };
    for (number, data) in (1..).zip(rest.chunks(size)) {
        let length = data.len() as u32 + u32::from(shape & 0x7f);
        let frame = Frame { input: 0, number, time_ns: 0, link, length, data };
        let packet = decoder.decode(&frame);
        assert!(packet.payload.len() <= packet.payload_length as usize);
        assert!(packet.damage.is_none_or(|damage| damage.offset <= length + 65_535));
    }
    assert!(decoder.fragment_bytes() <= 16 << 10);
});
