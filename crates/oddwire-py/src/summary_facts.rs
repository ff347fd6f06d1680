//! A summary as a dictionary.

use oddwire_core::packet::Addr;
use oddwire_core::summary::hosts::Host;
use oddwire_core::summary::lengths::Lengths;
use oddwire_core::summary::spoken::Spoken;
use oddwire_core::summary::{Count, Summary};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Upper bounds of the classes of the length histogram.
const CLASSES: [u32; 7] = [63, 127, 255, 511, 1_023, 1_518, 9_216];

/// All figures of a summary.
pub(crate) fn summary<'py>(py: Python<'py>, summary: &Summary, top: usize) -> PyResult<Bound<'py, PyDict>> {
    let facts = PyDict::new(py);
    facts.set_item("total", count(py, summary.total)?)?;
    facts.set_item("protocols", named(py, &summary.protocols())?)?;
    facts.set_item("services", named(py, &summary.services())?)?;
    let (tcp, udp, other) = summary.tcp_udp_other();
    facts.set_item("transports", named(py, &[("tcp", tcp), ("udp", udp), ("other", other)])?)?;
    let links: Vec<(String, u64)> =
        summary.links.iter().map(|(link, count)| (link.to_string(), count.packets)).collect();
    facts.set_item("links", links)?;
    facts.set_item("layers", summary.layers().collect::<Vec<_>>())?;
    facts.set_item("hosts", summary.hosts.len())?;
    facts.set_item("hosts_forgotten", summary.hosts.forgotten())?;
    facts.set_item("sources_by_packets", hosts(py, summary, top, |host| host.sent.packets)?)?;
    facts.set_item("sources_by_bytes", hosts(py, summary, top, |host| host.sent.bytes)?)?;
    facts.set_item("destinations_by_packets", hosts(py, summary, top, |host| host.received.packets)?)?;
    facts.set_item("destinations_by_bytes", hosts(py, summary, top, |host| host.received.bytes)?)?;
    let (width, steps) = summary.volume.steps();
    facts.set_item("volume_step_s", width)?;
    let steps: Vec<_> = steps.into_iter().map(|(start, count)| (start, count.packets, count.bytes)).collect();
    facts.set_item("volume", steps)?;
    facts.set_item("lengths", lengths(py, &summary.lengths)?)?;
    facts.set_item("length_classes", CLASSES.to_vec())?;
    facts.set_item("length_histogram", summary.lengths.histogram(&CLASSES))?;
    facts.set_item("offload", summary.offload)?;
    facts.set_item("fragments", summary.fragments)?;
    facts.set_item("spoken", spoken(py, &summary.spoken, top)?)?;
    facts.set_item("describe", describe(py, summary)?)?;
    Ok(facts)
}

/// Services as (name, flows, sure, bytes), domains as (domain, queries, connections, clients), fingerprints as (kind,
/// fingerprint, sessions, clients), the first of each; and how many there are of each.
fn spoken<'py>(py: Python<'py>, spoken: &Spoken, top: usize) -> PyResult<Bound<'py, PyDict>> {
    let facts = PyDict::new(py);
    let services = spoken.services();
    let rows = services.iter().map(|(name, one)| (*name, one.flows, one.sure, one.bytes));
    facts.set_item("services", rows.collect::<Vec<_>>())?;
    let domains = spoken.domains.ranked();
    let rows =
        domains.iter().take(top).map(|row| (row.domain(), row.queries(), row.connections(), row.clients()));
    facts.set_item("domains", rows.collect::<Vec<_>>())?;
    facts.set_item("domain_count", domains.len())?;
    let prints = spoken.fingerprints();
    let rows =
        prints.iter().take(top).map(|(kind, print, seen)| (*kind, *print, seen.sessions, seen.clients()));
    facts.set_item("fingerprints", rows.collect::<Vec<_>>())?;
    facts.set_item("fingerprint_count", prints.len())?;
    Ok(facts)
}

fn count(py: Python<'_>, count: Count) -> PyResult<Bound<'_, PyDict>> {
    let facts = PyDict::new(py);
    facts.set_item("packets", count.packets)?;
    facts.set_item("bytes", count.bytes)?;
    Ok(facts)
}

fn named<'py>(py: Python<'py>, list: &[(&'static str, Count)]) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, list.iter().map(|(name, count)| (*name, count.packets, count.bytes)))
}

fn hosts<'py>(
    py: Python<'py>,
    summary: &Summary,
    top: usize,
    by: fn(&Host) -> u64,
) -> PyResult<Bound<'py, PyList>> {
    let row = |(addr, host): (Addr, Host)| {
        let (sent, received) = (host.sent, host.received);
        (addr.to_string(), sent.packets, sent.bytes, received.packets, received.bytes)
    };
    PyList::new(py, summary.hosts.top(top, by).into_iter().map(row).collect::<Vec<_>>())
}

fn lengths<'py>(py: Python<'py>, lengths: &Lengths) -> PyResult<Bound<'py, PyDict>> {
    let facts = PyDict::new(py);
    facts.set_item("count", lengths.count())?;
    facts.set_item("mean", lengths.mean())?;
    facts.set_item("std", lengths.std())?;
    for (name, percent) in [("min", 0), ("q1", 25), ("median", 50), ("q3", 75)] {
        facts.set_item(name, lengths.quantile(percent).filter(|_| lengths.count() > 0))?;
    }
    facts.set_item("max", lengths.max())?;
    Ok(facts)
}

fn describe<'py>(py: Python<'py>, summary: &Summary) -> PyResult<Option<Bound<'py, PyList>>> {
    let Some(describe) = &summary.describe else { return Ok(None) };
    let list = PyList::empty(py);
    for (name, missing, numbers) in describe.numbers() {
        let facts = lengths(py, numbers)?;
        facts.set_item("column", name)?;
        facts.set_item("missing", missing)?;
        list.append(facts)?;
    }
    for (name, missing) in describe.others() {
        let facts = PyDict::new(py);
        facts.set_item("column", name)?;
        facts.set_item("missing", missing)?;
        list.append(facts)?;
    }
    Ok(Some(list))
}
