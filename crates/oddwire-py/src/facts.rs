//! What the core says of itself: columns, layers, formats; and what a run saw, as dictionaries.

use crate::errors::usage;
use oddwire_capture::Input;
use oddwire_core::column::Column;
use oddwire_core::domains::domain_columns;
use oddwire_core::flow::columns::flow_columns;
use oddwire_core::flow::slice_columns::slice_columns;
use oddwire_core::identity::host_columns;
use oddwire_core::layer::Layer;
use oddwire_core::packet_row::packet_columns;
use oddwire_core::pairs::pair_columns;
use oddwire_core::proto::arp::arp_columns;
use oddwire_core::proto::{Listed, Protocol, Visit, registered_domain, said_columns};
use oddwire_pipeline::{Shape, Stats, Table};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// The columns of a table, each a dictionary.
#[pyfunction]
pub(crate) fn columns<'py>(py: Python<'py>, table: &str) -> PyResult<Bound<'py, PyList>> {
    match table.parse().map_err(usage)? {
        Table::Packets => described(py, &packet_columns()),
        Table::Slices => described(py, &slice_columns()),
        Table::Flows => described(py, &flow_columns()),
        Table::Pairs => described(py, &pair_columns()),
        Table::Domains => described(py, &domain_columns()),
        Table::Arp => described(py, &arp_columns()),
        Table::Hosts => described(py, &host_columns()),
        Table::Said(protocol) => protocol.ask(Described(py)),
    }
}

/// The columns of a protocol's table.
struct Described<'py>(Python<'py>);

impl<'py> Visit for Described<'py> {
    type Answer = PyResult<Bound<'py, PyList>>;

    fn visit<P: Listed>(self) -> Self::Answer {
        described(self.0, &said_columns::<P>())
    }
}

/// A protocol: its name, what one row of its table is, and the columns that a screen shows.
type Told = (&'static str, &'static str, &'static [&'static str]);

/// The protocols that have a table.
#[pyfunction]
pub(crate) fn protocols() -> Vec<Told> {
    Protocol::ALL.iter().map(|protocol| (protocol.name(), protocol.row_meaning(), protocol.brief())).collect()
}

fn described<'py, R>(py: Python<'py>, columns: &[Column<R>]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for column in columns {
        let entry = PyDict::new(py);
        entry.set_item("name", column.name)?;
        entry.set_item("type", column.type_name())?;
        entry.set_item("unit", column.unit)?;
        entry.set_item("meaning", column.meaning)?;
        entry.set_item("formula", column.formula)?;
        entry.set_item("shown", column.shown)?;
        list.append(entry)?;
    }
    Ok(list)
}

/// The registered domain of each name, by the public suffix list.
#[pyfunction]
pub(crate) fn registered_domains(names: Vec<String>) -> Vec<Option<String>> {
    let domain = |name: &String| registered_domain(&name.to_ascii_lowercase()).map(str::to_owned);
    names.iter().map(domain).collect()
}

/// The names of all layers, in the order of the bits of `layer_bits`.
#[pyfunction]
pub(crate) fn layers() -> Vec<&'static str> {
    Layer::ALL.iter().map(|layer| layer.name()).collect()
}

/// The names of the file formats that tables can be written in.
#[pyfunction]
pub(crate) fn formats() -> Vec<&'static str> {
    oddwire_table::Format::ALL.iter().map(|format| format.name()).collect()
}

/// Whether libpcap can be loaded, so that packet filters work.
#[pyfunction]
pub(crate) fn has_libpcap() -> bool {
    oddwire_pipeline::feed::has_libpcap()
}

/// What a run saw.
pub(crate) fn stats<'py>(py: Python<'py>, stats: &Stats) -> PyResult<Bound<'py, PyDict>> {
    let facts = PyDict::new(py);
    facts.set_item("packets", stats.packets)?;
    facts.set_item("bytes", stats.bytes)?;
    facts.set_item("first_ns", stats.first_ns)?;
    facts.set_item("last_ns", stats.last_ns)?;
    facts.set_item("rows", stats.rows)?;
    facts.set_item("not_ip", stats.not_ip)?;
    facts.set_item("cut", stats.cut)?;
    facts.set_item("damaged", stats.damaged)?;
    let damage = PyDict::new(py);
    for (layer, count) in &stats.damage {
        damage.set_item(layer.name(), count)?;
    }
    facts.set_item("damage", damage)?;
    facts.set_item("damage_lines", damage_lines(stats))?;
    facts.set_item("left_out", stats.left_out)?;
    facts.set_item("repeated", stats.repeated)?;
    facts.set_item("late", stats.late)?;
    facts.set_item("clamped", stats.clamped)?;
    facts.set_item("most_live", stats.most_live)?;
    facts.set_item("evicted", stats.evicted)?;
    facts.set_item("unheard_flows", stats.unheard.flows)?;
    facts.set_item("forgotten", stats.forgotten)?;
    facts.set_item("unheard_work", stats.unheard.work)?;
    let fragments = &stats.fragments;
    facts.set_item("fragments_completed", fragments.completed)?;
    facts.set_item("fragments_lost", fragments.expired + fragments.evicted)?;
    let inputs = PyList::empty(py);
    for input in &stats.inputs {
        inputs.append(input_facts(py, input)?)?;
    }
    facts.set_item("inputs", inputs)?;
    Ok(facts)
}

fn damage_lines(stats: &Stats) -> Vec<String> {
    let name = |input: u32| stats.inputs.get(input as usize).map_or("input", |input| input.name.as_str());
    let lines = stats.described.iter();
    lines.map(|one| format!("{}: packet {}: {}", name(one.input), one.number, one.damage)).collect()
}

fn input_facts<'py>(py: Python<'py>, input: &Input) -> PyResult<Bound<'py, PyDict>> {
    let facts = PyDict::new(py);
    facts.set_item("name", &input.name)?;
    facts.set_item("format", input.format.map(oddwire_capture::Format::name))?;
    let compression: Vec<String> =
        input.compression.iter().map(|one| format!("{one:?}").to_lowercase()).collect();
    facts.set_item("compression", compression)?;
    facts.set_item("size", input.size)?;
    facts.set_item("packets", input.packets)?;
    facts.set_item("untimed", input.untimed)?;
    facts.set_item("skipped_bytes", input.skipped_bytes)?;
    facts.set_item("warnings", input.warning_lines().collect::<Vec<_>>())?;
    facts.set_item("warning_count", input.warnings.count())?;
    facts.set_item("dropped", dropped(input))?;
    facts.set_item("blake3", input.blake3_hex())?;
    facts.set_item("error", input.error.as_ref().map(|(kind, text)| (*kind, text.as_str())))?;
    Ok(facts)
}

/// Packets that the capturing machine dropped, where the capture says.
fn dropped(input: &Input) -> Option<u64> {
    match (input.drops.interface, input.drops.system) {
        (Some(interface), Some(system)) => Some(interface.saturating_add(system)),
        (interface, system) => interface.or(system),
    }
}

/// What is wrong with a filter expression for a table; `None` when nothing is.
#[pyfunction]
pub(crate) fn filter_problem(table: &str, text: &str) -> PyResult<Option<String>> {
    let table: Table = table.parse().map_err(usage)?;
    let shape = Shape { filter: Some(text.to_owned()), ..Shape::default() };
    Ok(oddwire_pipeline::schema(table, &shape).err().map(|error| error.to_string()))
}

/// Whether a text is a packet filter that libpcap accepts; `False` too where libpcap is missing.
#[pyfunction]
pub(crate) fn is_bpf(text: &str) -> bool {
    oddwire_pipeline::feed::is_bpf(text)
}
