"""What is written fits the schema that is shipped, and the schema says no less than the program."""

import copy
import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from oddwire.records.evidence import ARP, Evidence, Party, Selector
from oddwire.records.finding import SCHEMA, Filters, Finding, finding_of
from oddwire.records.kinds import Kind, Severity
from oddwire.testing.capture import write_pcap
from tests.unit.scanned import scan, scanned
from tests.unit.schema import problems

ROOT = Path(__file__).resolve().parents[2]
TEXT = (files("oddwire.records") / "finding.schema.json").read_text(encoding="utf-8")
WHOLE: dict[str, Any] = json.loads(TEXT)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the line of a finding of a made scan."""
    return scanned(tmp_path_factory.mktemp("scan")).found.to_dict()


def wrong(value: Any) -> list[str]:
    return list(problems(value, WHOLE, WHOLE))


def test_findings_of_a_made_capture_fit(line: dict[str, Any]) -> None:
    assert wrong(json.loads(json.dumps(line))) == []
    assert finding_of(line).to_dict() == line


def test_a_bare_finding_fits() -> None:
    bare = Finding(
        id="0123456789abcdef",
        detector="arp_spoof",
        kind=Kind.ARP_SPOOF,
        title="nothing known",
        severity=Severity.LOW,
        score=0.5,
        start_ns=1,
        end_ns=10**18 + 1,
        detected_ns=0,
        updated_ns=0,
        subject=Party(),
        targets=(),
        target_count=0,
        facts={"a": None, "b": True, "c": [1, 2], "d": ["x"], "e": "text", "f": 0.5},
        reasons=(),
        attack=("T1557.002",),
        selectors=(Selector(a=None, b="02:00:00:00:00:01", from_ns=0, until_ns=1, protocol=ARP),),
        filters=Filters(wireshark=None, bpf=None, bpf_exact=False, why_not="a stream"),
        provenance={"version": "1", "schema": SCHEMA, "config": "x", "model": None, "input": []},
    )
    assert wrong(bare.to_dict()) == []


def test_the_schema_names_every_kind_and_severity() -> None:
    assert WHOLE["properties"]["kind"]["enum"] == list(map(str, Kind))
    assert WHOLE["properties"]["severity"]["enum"] == [one.word for one in Severity]
    assert WHOLE["properties"]["provenance"]["properties"]["schema"]["const"] == SCHEMA
    assert Evidence.__doc__


def test_the_schema_requires_every_field_in_the_order_of_the_line(line: dict[str, Any]) -> None:
    assert WHOLE["required"] == list(WHOLE["properties"]) == list(line)


def described(schema: dict[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    for name, one in schema.get("properties", {}).items():
        yield f"{at}{name}", one.get("description", "")
        yield from described(one.get("items", one), f"{at}{name}.")


@pytest.mark.parametrize(("name", "says"), list(described(WHOLE)))
def test_every_field_says_what_it_is(name: str, says: str) -> None:
    assert says.endswith("."), name


def without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda line: line.pop(name)


def other(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda line: line.update({name: value})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (without("title"), ".title: missing"),
        (other("more", 1), ".more: not known"),
        (other("kind", "nothing"), ".kind: 'nothing'"),
        (other("score", 1.5), ".score: 1.5"),
        (other("score", True), ".score: True"),
        (other("target_count", 1.5), ".target_count: 1.5"),
        (other("start", "yesterday"), ".start: 'yesterday'"),
        (other("facts", {"a": {"b": 1}}), ".facts.a"),
        (other("targets", [{"port": 70_000}]), ".targets[0].port: 70000"),
        (
            other("reasons", [{"feature": "a", "value": 1, "typical": [1], "weight": 1}]),
            ".reasons[0].typical: 1",
        ),
        (other("attack", ["1046"]), ".attack[0]"),
    ],
)
def test_what_does_not_fit_is_found(
    line: dict[str, Any], change: Callable[[dict[str, Any]], object], place: str
) -> None:
    changed = copy.deepcopy(line)
    change(changed)
    assert [one for one in wrong(changed) if one.startswith(place)]


def test_a_line_is_the_same_twice(line: dict[str, Any], tmp_path: Path) -> None:
    write_pcap(tmp_path / "other.pcap", scan())
    again = scanned(tmp_path).found.to_dict()
    assert json.dumps(again) == json.dumps(line)
