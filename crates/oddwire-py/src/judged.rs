//! Spans for the judges, and the packets of findings.

use crate::errors::{run_error, usage};
use crate::stream::Batches;
use crate::{facts, options};
use arrow_array::RecordBatch;
use oddwire_core::flow::community::flow_name;
use oddwire_core::flow::key::{FlowKey, icmp_answer, icmp_ports};
use oddwire_core::identity::Identity;
use oddwire_core::packet::{Addr, Mac, Tunnel};
use oddwire_core::proto::Protocol;
use oddwire_pipeline::selection::{self, End, Kind, Selector};
use oddwire_pipeline::spans::{Ask, Shared, Span, locked, spans};
use oddwire_pipeline::{Progress, RunError, Stats, Table};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Spans that may wait for the judges.
const WAITING: usize = 2;

type Ended = Arc<Mutex<Option<Result<Stats, RunError>>>>;
/// Ticks before which all is out, and the tables by name.
type SpanParts = (Option<i64>, Vec<(&'static str, Batches)>);
/// Hardware address, name, and how the name became known.
type IdentityParts = (Option<String>, Option<String>, Option<&'static str>);
type SelectorParts = (Option<String>, Option<String>, bool, Option<i32>, Option<u16>, i64, i64);
/// Originator, responder, their ports, protocol, IP version, VLANs, tunnel and first packet time.
type FlowParts = (String, String, u16, u16, u8, u8, u32, u64, i64);

/// The spans of a run that goes on in a thread of its own.
#[pyclass(frozen, module = "oddwire._oddwire")]
pub(crate) struct Spans {
    queue: Mutex<Receiver<Span>>,
    ended: Ended,
    known: Shared,
    progress: Arc<Mutex<Progress>>,
}

#[pymethods]
impl Spans {
    /// The next span, or `None` at the end; raises what ended the run early.
    fn next_span(&self, py: Python<'_>) -> PyResult<Option<SpanParts>> {
        let next = py.detach(|| self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok());
        if let Some(span) = next {
            let said = span.said.into_iter().map(|(protocol, rows)| (protocol.name(), rows));
            let tables = [("talks", span.talks), ("ended", span.ended), ("arp", span.arp)];
            let tables = tables.into_iter().chain(said).map(|(name, rows)| Ok((name, batches(rows)?)));
            return Ok(Some((span.complete_before_ns, tables.collect::<PyResult<_>>()?)));
        }
        match &*self.ended.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Err(error)) => Err(run_error(error)),
            _ => Ok(None),
        }
    }

    /// The addresses of these hosts as text; `None` for those that have no number of their own.
    fn addresses(&self, numbers: Vec<u32>) -> Vec<Option<String>> {
        let book = locked(&self.known.book);
        numbers.into_iter().map(|number| book.address(number).map(|addr| addr.to_string())).collect()
    }

    /// The numbers of these addresses; `None` for those that were not seen.
    fn numbers(&self, addresses: Vec<String>) -> PyResult<Vec<Option<u32>>> {
        let addresses = addresses.iter().map(|text| address(text)).collect::<PyResult<Vec<_>>>()?;
        let book = locked(&self.known.book);
        Ok(addresses.into_iter().map(|addr| book.find(addr)).collect())
    }

    /// What is known of these addresses so far: hardware address, name, and how the name became known.
    fn identities(&self, addresses: Vec<String>) -> PyResult<Vec<IdentityParts>> {
        let addresses = addresses.iter().map(|text| address(text)).collect::<PyResult<Vec<_>>>()?;
        let identities = locked(&self.known.identities);
        let parts = |host: &Identity| {
            let name = host.name.as_deref().map(str::to_owned);
            (host.mac.map(|mac| mac.to_string()), name, host.told.word())
        };
        Ok(addresses.into_iter().map(|one| identities.of(one).map(parts).unwrap_or_default()).collect())
    }

    /// How many hosts were seen so far.
    fn hosts(&self) -> usize {
        locked(&self.known.book).len()
    }

    /// Packets and bytes read so far, and the size of all inputs where it is known.
    fn progress(&self) -> (u64, u64, Option<u64>) {
        let progress = *self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        (progress.packets, progress.bytes, progress.total_bytes)
    }

    /// What the run saw, once all was taken.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        match &*self.ended.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Ok(stats)) => Ok(Some(facts::stats(py, stats)?)),
            Some(Err(error)) => Err(run_error(error)),
            None => Ok(None),
        }
    }
}

fn batches(batches: Vec<RecordBatch>) -> PyResult<Batches> {
    Batches::of_all(batches).ok_or_else(|| usage("a span without a batch"))
}

/// Starts a run and gives its spans of about `span_rows` rows, with the columns of protocols that are asked for.
#[pyfunction]
pub(crate) fn judged(
    inputs: Vec<PathBuf>,
    span_rows: usize,
    options: &Bound<'_, PyDict>,
    said: Vec<(String, Vec<String>)>,
    services: bool,
) -> PyResult<Spans> {
    let request = options::request(inputs, options)?;
    let said = said.into_iter().map(protocol).collect::<PyResult<_>>()?;
    let ask = Ask { said, services, span_rows };
    let (sender, receiver) = sync_channel(WAITING);
    let known = Shared::new(request.tracker.seed);
    let (ended, progress): (Ended, Arc<Mutex<Progress>>) = (Arc::default(), Arc::default());
    let (told, far, hosts) = (Arc::clone(&ended), Arc::clone(&progress), known.clone());
    thread::spawn(move || {
        let mut sink = |span| Ok(sender.send(span).is_ok());
        let mut watch = |now| {
            *far.lock().unwrap_or_else(PoisonError::into_inner) = now;
            true
        };
        let made = spans(&request, &ask, &hosts, &mut sink, &mut watch);
        *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
        // The queue ends only now, so that whoever sees its end finds the result.
        drop(sender);
    });
    Ok(Spans { queue: Mutex::new(receiver), ended, known, progress })
}

fn protocol((name, columns): (String, Vec<String>)) -> PyResult<(Protocol, Vec<String>)> {
    match name.parse::<Table>() {
        Ok(Table::Said(protocol)) => Ok((protocol, columns)),
        _ => Err(usage(format!("no protocol '{name}'"))),
    }
}

/// Counts the packets of findings: for each finding a list of (input, count, first, last); and what the run saw.
#[pyfunction]
pub(crate) fn count_packets<'py>(
    py: Python<'py>,
    inputs: Vec<PathBuf>,
    findings: Vec<Vec<SelectorParts>>,
    options: &Bound<'py, PyDict>,
) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyDict>)> {
    let request = options::request(inputs, options)?;
    let groups = findings.into_iter().map(selectors).collect::<PyResult<Vec<_>>>()?;
    let (counted, seen) =
        py.detach(|| selection::count(&request, &groups)).map_err(|error| run_error(&error))?;
    let list = PyList::empty(py);
    for inputs in counted {
        let parts: Vec<_> = inputs.iter().map(|one| (one.input, one.count, one.first, one.last)).collect();
        list.append(parts)?;
    }
    Ok((list, facts::stats(py, &seen)?))
}

/// Copies the packets of a finding to a file, or all others; answers how many were written.
#[pyfunction]
pub(crate) fn copy_packets(
    py: Python<'_>,
    inputs: Vec<PathBuf>,
    finding: Vec<SelectorParts>,
    others: bool,
    out: PathBuf,
    options: &Bound<'_, PyDict>,
) -> PyResult<u64> {
    let request = options::request(inputs, options)?;
    let chosen = selectors(finding)?;
    py.detach(|| selection::copy(&request, &chosen, others, &out)).map_err(|error| run_error(&error))
}

/// The names of flows, as the tables of flows and slices give them.
#[pyfunction]
pub(crate) fn flow_names(flows: Vec<FlowParts>) -> PyResult<Vec<String>> {
    flows.into_iter().map(name_of).collect()
}

fn name_of(parts: FlowParts) -> PyResult<String> {
    let (src, dst, src_port, dst_port, protocol, ip_version, vlans, tunnel, born_ns) = parts;
    let (src, dst) = (address(&src)?, address(&dst)?);
    // Of ICMP the ports are type and code.
    let icmp = matches!(protocol, 1 | 58);
    let one_way = icmp && icmp_answer(protocol, src_port as u8).is_none();
    let (src_port, dst_port) =
        if icmp { icmp_ports(protocol, src_port as u8, dst_port as u8) } else { (src_port, dst_port) };
    let in_order = (u128::from_be_bytes(src.0), src_port) <= (u128::from_be_bytes(dst.0), dst_port);
    let (a, a_port, b, b_port) =
        if one_way || in_order { (src, src_port, dst, dst_port) } else { (dst, dst_port, src, src_port) };
    let vlans = [vlans as u16, (vlans >> 16) as u16];
    let key =
        FlowKey { a, b, a_port, b_port, protocol, ip_version, vlans, tunnel: Tunnel::from_number(tunnel) };
    Ok(flow_name(&key, born_ns))
}

fn selectors(parts: Vec<SelectorParts>) -> PyResult<Vec<Selector>> {
    parts.into_iter().map(selector).collect()
}

/// `kind` is -1 for ARP, else an IP protocol number.
fn selector((a, b, both, kind, port, from_ns, until_ns): SelectorParts) -> PyResult<Selector> {
    let kind = match kind {
        None => Kind::Any,
        Some(-1) => Kind::Arp,
        Some(protocol) => {
            Kind::Ip(u8::try_from(protocol).map_err(|_| usage(format!("no IP protocol {protocol}")))?)
        }
    };
    let (a, b) = (a.as_deref().map(end).transpose()?, b.as_deref().map(end).transpose()?);
    Ok(Selector { a, b, both, kind, port, from_ns, until_ns })
}

fn end(text: &str) -> PyResult<End> {
    match text.parse::<IpAddr>() {
        Ok(_) => address(text).map(End::Ip),
        Err(_) => mac(text).map(End::Mac).ok_or_else(|| usage(format!("'{text}' is no address"))),
    }
}

fn address(text: &str) -> PyResult<Addr> {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => Ok(Addr::v4(ip.octets())),
        Ok(IpAddr::V6(ip)) => Ok(Addr(ip.octets())),
        Err(_) => Err(usage(format!("'{text}' is no address"))),
    }
}

fn mac(text: &str) -> Option<Mac> {
    let mut octets = [0; 6];
    let mut parts = text.split(':');
    for octet in &mut octets {
        *octet = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(Mac(octets))
}
