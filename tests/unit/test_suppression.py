"""What is known is not raised: each condition, the end of a rule, and the effect in a run."""

from typing import Any

import pytest

from oddwire.engine.analysis import analyze
from oddwire.engine.settings import settings_of
from oddwire.engine.suppression import rule_of, suppressed_by
from oddwire.errors import UsageError
from oddwire.records.evidence import Evidence, Party, Target
from oddwire.sources.files import Capture
from oddwire.testing.capture import write_pcap
from oddwire.testing.conversations import refused
from tests.unit.judges import HOST, evidence

T = 1_710_062_400.0
MAC = "02:00:00:00:00:0a"
SAID = evidence(
    T,
    subject=Party(ip=HOST, mac=MAC),
    targets=(Target(ip="10.0.1.1", port=22), Target(ip="10.0.1.2", port=22)),
)


def covers(said: Evidence = SAID, **conditions: Any) -> bool:
    return rule_of(conditions).covers("port_scan", said)


@pytest.mark.parametrize(
    "conditions",
    [
        {"subject": HOST},
        {"subject": "10.0.0.0/24"},
        {"subject": MAC},
        {"subject": MAC.upper().replace(":", "-")},
        {"target": "10.0.1.0/24"},
        {"detector": "port_scan"},
        {"kind": "port_scan"},
        {"port": 22},
        {"subject": HOST, "target": "10.0.1.0/24", "port": 22, "reason": "ours"},
        {"subject": HOST, "until": "2024-03-11"},
    ],
)
def test_a_rule_covers_what_it_names(conditions: dict[str, Any]) -> None:
    assert covers(**conditions)


@pytest.mark.parametrize(
    "conditions",
    [
        {"subject": "10.0.0.6"},
        {"subject": "fd00::/8"},
        {"subject": "02:00:00:00:00:0b"},
        {"target": "10.0.1.1"},
        {"detector": "host_sweep"},
        {"kind": "host_sweep"},
        {"port": 23},
        {"subject": HOST, "port": 23},
        {"subject": HOST, "until": "2024-03-10"},
    ],
)
def test_a_rule_covers_nothing_else(conditions: dict[str, Any]) -> None:
    assert not covers(**conditions)


@pytest.mark.parametrize("conditions", [{"target": "10.0.0.0/8"}, {"port": 22}])
def test_what_names_no_target_is_covered_by_no_rule_of_targets(conditions: dict[str, Any]) -> None:
    assert not covers(evidence(T), **conditions)


def test_what_is_known_by_its_hardware_alone_is_covered_by_that() -> None:
    said = evidence(T, subject=Party(mac=MAC))
    assert covers(said, subject=MAC)
    assert not covers(said, subject=HOST)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"subjekt": HOST}, "'subjekt' is no condition"),
        ({"reason": "all"}, "would hide everything"),
        ({"until": "2030-01-01"}, "would hide everything"),
        ({"kind": "port_scam"}, "is no kind of finding"),
        ({"subject": "10.0.0.300"}, "no address and no network"),
        ({"subject": HOST, "until": "soon"}, "soon"),
        ({"port": "22"}, "a port is a number"),
    ],
)
def test_what_is_wrong_in_a_rule_is_said_at_once(table: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        rule_of(table)


def test_a_rule_of_an_unknown_detector_is_refused() -> None:
    with pytest.raises(UsageError, match="'port_scam' is not a detector") as refusal:
        settings_of({"suppress": [{"detector": "port_scam"}]})
    assert refusal.value.hint == "did you mean 'port_scan'?"


def test_the_first_rule_that_covers_it_is_named() -> None:
    rules = [rule_of({"port": 23, "reason": "no"}), rule_of({"port": 22, "reason": "one"})]
    found = suppressed_by([*rules, rule_of({"subject": HOST})], "port_scan", SAID)
    assert found is rules[1]
    assert suppressed_by(rules[:1], "port_scan", SAID) is None


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Capture:
    """Return a capture in which two hosts scan a third."""
    path = tmp_path_factory.mktemp("scans") / "scans.pcap"
    packets = [
        packet
        for scanner in ("10.0.0.5", "10.0.0.6")
        for port in range(1, 60)
        for packet in refused((scanner, 40_000 + port, "10.0.1.1", port), start=T + 0.2 * port)
    ]
    write_pcap(path, packets)
    return Capture(inputs=(str(path),))


def scanners(capture: Capture, *rules: dict[str, Any]) -> tuple[list[str], dict[str, int]]:
    done = analyze(capture, settings_of({"suppress": rules}))
    return sorted(str(one.subject.ip) for one in done.findings if one.detector == "port_scan"), dict(
        done.suppressed
    )


def test_a_rule_takes_effect_in_a_run(scans: Capture) -> None:
    assert scanners(scans) == (["10.0.0.5", "10.0.0.6"], {})
    known = {"subject": "10.0.0.5", "detector": "port_scan", "reason": "our scanner"}
    found, hidden = scanners(scans, known)
    assert found == ["10.0.0.6"]
    assert hidden["our scanner"] > 0


def test_a_rule_that_has_ended_takes_no_effect(scans: Capture) -> None:
    assert len(scanners(scans, {"subject": "10.0.0.5", "until": "2024-01-01"})[0]) == 2


def test_a_rule_without_a_reason_is_counted_too(scans: Capture) -> None:
    found, hidden = scanners(scans, {"target": "10.0.1.1", "kind": "port_scan"})
    assert found == []
    assert list(hidden) == ["a rule without a reason"]
