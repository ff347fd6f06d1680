"""The cases: traffic with what must be found in it, made, analysed and compared."""

import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import Any

from oddwire.engine.analysis import analyze
from oddwire.records.finding import Finding
from oddwire.records.kinds import Severity
from oddwire.sources.files import read
from oddwire.testing.capture import Timed, pcap_bytes

__all__ = ["CASES", "Outcome", "Planned", "case_names", "missing_programs", "outcomes", "planned"]

CASES = Path(__file__).parents[1] / "cases"
NS = 1_000_000_000
WHOLE = 262_144
# A finding may be so much longer than what happened.
SPARE_S = 900
SLACK_S = 60
# Programs that live where ordinary users do not look.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One capture of a case, and what must be found in it; nothing where it must stay silent."""

    name: str
    expect: tuple[dict[str, Any], ...]
    snap: int
    # Why what is expected is not found yet; it must be taken out on the day it is.
    missed: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What was wrong with one capture; nothing where all is as it must be."""

    case: str
    capture: str
    wrong: tuple[str, ...]
    silent: bool


def case_names() -> list[str]:
    """Return the names of all cases."""
    return sorted(place.parent.name for place in CASES.glob("*/case.toml"))


def planned(case: str) -> dict[str, Planned]:
    """Return the captures of a case by name."""
    table = tomllib.loads((CASES / case / "case.toml").read_text(encoding="utf-8"))
    return {
        one["name"]: Planned(
            name=one["name"],
            expect=tuple(one.get("expect", ())),
            snap=one.get("snap", WHOLE),
            missed=one.get("missed"),
        )
        for one in table["capture"]
    }


def missing_programs(case: str) -> list[str]:
    """Return the programs that a case needs and this machine lacks."""
    table = tomllib.loads((CASES / case / "case.toml").read_text(encoding="utf-8"))
    return [name for name in table.get("needs", ()) if shutil.which(name, path=SYSTEM_PATH) is None]


def outcomes(case: str, folder: Path) -> Iterator[Outcome]:
    """Make, analyse and judge the captures of a case, one after the other."""
    plans = planned(case)
    for name, packets in _made(case):
        plan = plans.pop(name)
        path = folder / f"{case}-{name}.pcap"
        ordered = sorted(packets, key=lambda packet: packet[0])
        assert all(early[0] <= late[0] for early, late in pairwise(ordered))
        path.write_bytes(pcap_bytes(ordered, snap=plan.snap))
        found = analyze(read(path))
        path.unlink()
        wrong = [f"detector {one.detector} failed: {one.message}" for one in found.failures]
        wrong += _as_known(plan, _wrong(plan, found.at_least(Severity.MEDIUM)))
        yield Outcome(case=case, capture=name, wrong=tuple(wrong), silent=not plan.expect)
    for name, plan in plans.items():
        yield Outcome(case=case, capture=name, wrong=("was not made",), silent=not plan.expect)


def _as_known(plan: Planned, wrong: list[str]) -> list[str]:
    """Return what is wrong besides a miss that is known; that it is found now is news."""
    if plan.missed is None:
        return wrong
    others = [line for line in wrong if not line.startswith(("missed", "late"))]
    return others if len(others) < len(wrong) else [*others, "is found now: take `missed` out"]


def _made(case: str) -> Iterator[tuple[str, list[Timed]]]:
    place = CASES / case / "make.py"
    spec = spec_from_file_location(f"tests.cases.{case}.make", place)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield from module.captures()


def _wrong(plan: Planned, alarms: list[Finding]) -> list[str]:
    """Return what of the expectation is not met, and what was raised besides."""
    wrong = []
    for wanted in plan.expect:
        fitting = [one for one in alarms if _fits(wanted, one)]
        if not fitting:
            wrong.append(f"missed: {'/'.join(wanted['kinds'])} by {wanted.get('subject')}")
        elif late := _late(wanted, fitting):
            wrong.append(late)
    involved = {name for wanted in plan.expect for name in _names(wanted)}
    for one in alarms:
        named = {one.subject.ip, one.subject.mac} | {target.ip for target in one.targets}
        if not (named - {None}) & involved:
            wrong.append(f"false alarm: {one.detector}: {one.title}")
    return wrong


def _names(wanted: dict[str, Any]) -> list[str]:
    return [*([wanted["subject"]] if "subject" in wanted else []), *wanted.get("targets", ())]


def _fits(wanted: dict[str, Any], one: Finding) -> bool:
    """Say whether a finding is of a right kind and subject, at the right time."""
    subject = wanted.get("subject")
    if str(one.kind) not in wanted["kinds"]:
        return False
    if subject is not None and subject not in {one.subject.ip, one.subject.mac}:
        return False
    targets = {target.ip for target in one.targets} | {target.mac for target in one.targets}
    if not set(wanted.get("targets", ())) <= (targets | {one.subject.ip}):
        return False
    start_s, end_s = one.start_ns / NS, one.end_ns / NS
    begin, finish = wanted.get("start", start_s), wanted.get("end", end_s)
    overlaps = start_s <= finish + SLACK_S and end_s >= begin - SLACK_S
    return bool(overlaps and end_s - start_s <= finish - begin + SPARE_S)


def _late(wanted: dict[str, Any], fitting: list[Finding]) -> str | None:
    """Say that it was raised too late, if it was. A tick is judged as a whole, when it is over."""
    if "within" not in wanted or "start" not in wanted:
        return None
    delay_s = min(one.detected_ns for one in fitting) / NS - wanted["start"]
    if delay_s <= wanted["within"]:
        return None
    return f"late: {'/'.join(wanted['kinds'])} after {delay_s:.1f} s instead of {wanted['within']} s"
