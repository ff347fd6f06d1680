//! One table of a capture into a file, without Python: for profiling. `table flows capture.pcap out.parquet [threads]`

use oddwire_pipeline::{Request, Shape, Table};
use oddwire_table::{Format, Options, TableWriter};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [table, input, output, rest @ ..] = arguments.as_slice() else {
        return Err("usage: table packets|flows|slices|pairs FILE OUT [THREADS]".into());
    };
    let table: Table = table.parse()?;
    let threads = rest.first().map_or(Ok(1), |text| text.parse())?;
    let request = Request { inputs: vec![input.into()], threads, ..Request::default() };
    let shape = Shape::default();
    let format = Format::of_path(Path::new(output)).ok_or("the ending names no format")?;
    let schema = oddwire_pipeline::schema(table, &shape)?;
    let mut writer = TableWriter::create(Path::new(output), format, &schema, Options::default())?;
    let mut sink = |batch| writer.write(&batch).map(|()| true).map_err(Into::into);
    let stats = oddwire_pipeline::run(&request, table, &shape, &mut sink, &mut |_| true)?;
    writer.finish()?;
    println!("{} packets, {} rows, {} live at most", stats.packets, stats.rows, stats.most_live);
    Ok(())
}
