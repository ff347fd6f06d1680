//! The rows of one protocol in a capture, a line of JSON each: `said dns capture.pcap`. With `flows` in place of a
//! protocol: each flow with its service and name.

use oddwire_capture::{Capture, OpenOptions};
use oddwire_core::column::{Column, Get};
use oddwire_core::decode::Decoder;
use oddwire_core::flow::columns::flow_columns;
use oddwire_core::flow::shard::Output;
use oddwire_core::flow::{Stamp, Tracker, TrackerOptions};
use oddwire_core::proto::{Listed, Protocol, Rules, Visit, said_columns};
use std::convert::Infallible;
use std::fmt::Write;

struct Rows<'a>(&'a mut Output);

impl Visit for Rows<'_> {
    type Answer = ();

    fn visit<P: Listed>(self) {
        let columns = said_columns::<P>();
        for row in P::rows(&mut self.0.said).drain(..) {
            println!("{}", line(&columns, &row));
        }
    }
}

fn line<R>(columns: &[Column<R>], row: &R) -> String {
    let cells = columns.iter().filter_map(|column| {
        let cell = cell(&column.get, row)?;
        Some(format!("\"{}\": {cell}", column.name))
    });
    format!("{{{}}}", cells.collect::<Vec<_>>().join(", "))
}

fn text(text: &str) -> String {
    let mut quoted = String::from('"');
    for one in text.chars() {
        match one {
            '"' | '\\' => drop(write!(quoted, "\\{one}")),
            _ if one.is_control() => drop(write!(quoted, "\\u{:04x}", one as u32)),
            _ => quoted.push(one),
        }
    }
    quoted + "\""
}

fn cell<R>(get: &Get<R>, row: &R) -> Option<String> {
    Some(match get {
        Get::Bool(get) => get(row).to_string(),
        Get::U8(get) => get(row).to_string(),
        Get::U16(get) => get(row).to_string(),
        Get::U32(get) => get(row).to_string(),
        Get::U64(get) => get(row).to_string(),
        Get::F64(get) => get(row).to_string(),
        Get::OptBool(get) => get(row)?.to_string(),
        Get::OptU8(get) => get(row)?.to_string(),
        Get::OptU16(get) => get(row)?.to_string(),
        Get::OptU32(get) => get(row)?.to_string(),
        Get::OptU64(get) => get(row)?.to_string(),
        Get::OptF64(get) => get(row)?.to_string(),
        Get::Time(get) => get(row).to_string(),
        Get::Wide(get) => get(row).to_string(),
        Get::Word(get) => text(get(row)?),
        Get::Addr(get) => text(&get(row)?.to_string()),
        Get::Mac(get) => text(&get(row)?.to_string()),
        Get::Text(get) => {
            let mut shown = String::new();
            get(row, &mut shown).then(|| text(&shown))?
        }
        Get::ListI64(get) => {
            let mut list = Vec::new();
            get(row, &mut list);
            format!("{list:?}")
        }
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("usage: said PROTOCOL|flows CAPTURE...")?;
    let inputs: Vec<_> = arguments.map(Into::into).collect();
    let protocol = Protocol::ALL.iter().copied().find(|protocol| protocol.name() == name);
    let rows = protocol.map_or(0, Protocol::bit);
    let said = Rules { rows, names: protocol.is_none(), max_bytes: 64 << 20 };
    let mut tracker = Tracker::new(&TrackerOptions { said, ..TrackerOptions::default() });
    let mut capture = Capture::open(&inputs, &OpenOptions::default())?;
    let mut decoder = Decoder::default();
    let flows = flow_columns();
    let mut show = |output: &mut Output| -> Result<(), Infallible> {
        if let Some(protocol) = protocol {
            protocol.ask(Rows(output));
        } else {
            output.flows.iter().for_each(|flow| println!("{}", line(&flows, flow)));
        }
        output.flows.clear();
        Ok(())
    };
    while let Some(frame) = capture.next_frame()? {
        let stamp = Stamp::from(&frame);
        let packet = decoder.decode(&frame);
        let _ = tracker.add(&stamp, &packet, &mut show);
    }
    let _ = tracker.finish(&mut show);
    Ok(())
}
