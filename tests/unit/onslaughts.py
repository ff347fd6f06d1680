"""Floods built packet by packet, and a way to show them to one detector, cut as one likes."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from oddwire import native
from oddwire.base.detector import Detector
from oddwire.base.window import Hosts
from oddwire.engine.judging import Judging, frames
from oddwire.records.evidence import Evidence
from oddwire.records.judged import TICK_NS
from oddwire.sources.files import Capture
from oddwire.testing.capture import Timed, write_pcap

START = 1_710_062_400.0
VICTIM = "10.10.10.10"
NS = 1_000_000_000


def addresses(count: int, *, seed: int = 1) -> list[str]:
    """Return so many public addresses, all different."""
    draw = Random(seed)  # noqa: S311  # the same traffic every time
    found: dict[str, None] = {}
    while len(found) < count:
        found[
            f"{draw.randint(11, 126)}.{draw.randint(0, 255)}.{draw.randint(0, 255)}.{draw.randint(1, 254)}"
        ] = None
    return list(found)


def spread_over(seconds: float, frames: Sequence[bytes], *, start: float = START) -> list[Timed]:
    """Return frames at equal distances."""
    return [(start + seconds * at / max(len(frames), 1), frame) for at, frame in enumerate(frames)]


def judge(
    make: Callable[[], Detector], packets: list[Timed], *, per_tick: bool = False, forget: bool = False
) -> list[Evidence]:
    """Return what a detector says of packets: all at once or tick by tick, or living on its saved state."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.pcap"
        write_pcap(path, packets)
        capture = Capture(inputs=(str(path),))
        spans = native.judged(capture.inputs, 65_536, capture.options)
        hosts = Hosts(spans.addresses, lambda _: False, spans.numbers)
        judging = Judging(detectors=[make()], hosts=hosts, window_ns=60 * NS)
        said: list[tuple[Detector, Evidence]] = []
        for tables, complete_ns in frames(spans):
            if not per_tick:
                said += judging.see(tables, complete_ns)
                continue
            ticks = sorted({tick for table in tables.values() for tick in table["tick"].to_list()})
            for tick in ticks:
                own = {name: table.filter(table["tick"] == tick) for name, table in tables.items()}
                last = complete_ns is None and tick == ticks[-1]
                said += judging.see(own, None if last else tick + TICK_NS)
                if forget:
                    state = json.loads(json.dumps(judging.detectors[0].save()))
                    fresh = make()
                    fresh.load(state)
                    judging.detectors = [fresh]
        assert judging.failures == []
        return [evidence for _, evidence in said]


def last_words(evidence: list[Evidence]) -> dict[tuple[str, str], Evidence]:
    """Return what was said last of each subject and part."""
    return {(one.subject.name, one.part): one for one in evidence}


def assert_same_however_cut(make: Callable[[], Detector], packets: list[Timed]) -> None:
    """Assert that windows, and a state saved and loaded between them, change nothing."""
    whole = judge(make, packets)
    assert whole
    assert judge(make, packets, per_tick=True) == whole
    assert judge(make, packets, per_tick=True, forget=True) == whole


def assert_merges(make: Callable[[], Detector], packets: list[Timed]) -> None:
    """Assert that a detector without memories that merges another's remembers the same."""
    kept: list[Detector] = []

    def keeping() -> Detector:
        kept.append(make())
        return kept[-1]

    judge(keeping, packets)
    state = json.loads(json.dumps(kept[0].save()))
    other = make()
    other.merge(state)
    assert json.loads(json.dumps(other.save())) == state
    other.merge(make().save())
    assert json.loads(json.dumps(other.save())) == state
