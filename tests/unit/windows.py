"""Runs one detector over a made capture, with windows cut as a test likes."""

from dataclasses import replace
from pathlib import Path

from oddwire import native
from oddwire.base.detector import Detector
from oddwire.base.window import Hosts
from oddwire.engine.judging import Judging, frames, protocols_of
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import DEFAULT_SEVERITY, Severity
from oddwire.sources.files import Capture
from oddwire.testing.capture import Timed, write_pcap

__all__ = ["alarms", "alike", "said"]


def said(detector: Detector, path: Path, packets: list[Timed], rows: int = 65_536) -> list[Evidence]:
    """Return what a detector says of some packets."""
    write_pcap(path, packets)
    capture = Capture(inputs=(str(path),))
    said, services = protocols_of([detector])
    options = replace(capture.options, hash=True)
    spans = native.judged(capture.inputs, rows, options, said=said, services=services)
    hosts = Hosts(spans.addresses, lambda address: address.startswith(("10.", "192.168.")), spans.numbers)
    judging = Judging(detectors=[detector], hosts=hosts, window_ns=60_000_000_000)
    found = [one for span in frames(spans) for _, one in judging.see(*span)]
    assert not judging.failures
    return found


def alarms(found: list[Evidence]) -> list[Evidence]:
    """Return what is more than context."""
    return [one for one in found if (one.severity or DEFAULT_SEVERITY[one.kind]) > Severity.LOW]


def alike(make: type[Detector], path: Path, packets: list[Timed]) -> list[Evidence]:
    """Return what a detector says, having checked that neither the cut of windows nor a pause changes it."""
    whole = said(make(), path, packets)
    assert said(make(), path, packets, rows=1) == whole
    half = packets[len(packets) // 2][0]
    half -= half % 5
    packets = sorted(packets, key=lambda packet: packet[0])
    first, second, third = make(), make(), make()
    early = said(first, path, [packet for packet in packets if packet[0] < half])
    second.load(first.save())
    third.merge(first.save())
    late = [packet for packet in packets if packet[0] >= half]
    again = said(second, path, late)
    assert said(third, path, late) == again
    assert bool(early + again) == bool(whole)
    return whole
