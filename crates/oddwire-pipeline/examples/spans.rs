//! Runs the spans of a capture without Python: `cargo run --release --example spans capture.pcap`.

use oddwire_pipeline::Request;
use oddwire_pipeline::spans::{Ask, Shared, spans};

fn main() {
    let inputs = std::env::args().skip(1).map(Into::into).collect();
    let request = Request { inputs, ..Request::default() };
    let ask = Ask { span_rows: 65_536, ..Ask::default() };
    let book = Shared::new(1);
    let (mut handed, mut rows) = (0, 0);
    let mut sink = |span: oddwire_pipeline::spans::Span| {
        handed += 1;
        rows += span.talks.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>();
        Ok(true)
    };
    let made = spans(&request, &ask, &book, &mut sink, &mut |_| true);
    println!("{handed} spans, {rows} rows, {:?} packets", made.map(|stats| stats.packets));
}
