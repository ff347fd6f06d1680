//! Runs the spans of a capture without Python: `cargo run --release --example spans capture.pcap [PROTOCOL...]`.

use oddwire_pipeline::spans::{Ask, Shared, Span, spans};
use oddwire_pipeline::{Request, Table};

fn main() {
    let mut words = std::env::args().skip(1);
    let inputs = words.next().into_iter().map(Into::into).collect();
    let said = words.filter_map(|word| match word.parse() {
        Ok(Table::Said(protocol)) => Some((protocol, Vec::new())),
        _ => None,
    });
    let request = Request { inputs, ..Request::default() };
    let ask = Ask { said: said.collect(), services: false, span_rows: 65_536 };
    let book = Shared::new(1);
    let (mut handed, mut rows) = (0, 0);
    let mut sink = |span: Span| {
        handed += 1;
        rows += span.talks.iter().map(arrow_array::RecordBatch::num_rows).sum::<usize>();
        Ok(true)
    };
    let made = spans(&request, &ask, &book, &mut sink, &mut |_| true);
    println!("{handed} spans, {rows} rows, {:?} packets", made.map(|stats| stats.packets));
}
