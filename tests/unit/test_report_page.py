"""The page of findings: it says what was found and loads nothing, and no name breaks out of it."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from oddwire.errors import OutputError
from oddwire.records.evidence import Party, Reason, Selector, Target
from oddwire.records.finding import Filters, Finding, Packets
from oddwire.records.kinds import Kind, Severity
from oddwire.sinks.report_page import report, write_report

START, SECOND = 1_710_063_020_741_000_000, 1_000_000_000
LIMIT = 3_000_000
HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}\u202e\x1b[2J\ud800" + "W&" * 150
)
PAGES = {
    "port_scan": {
        "sees": "One host tries many ports.",
        "matters": "A scan comes before most attacks.",
        "wrong_when": "An inventory tool of your own looks the same.",
    }
}


def found(at: int = 0, **changes: Any) -> Finding:
    """Return a made-up finding."""
    start = START + at * SECOND
    plain = Finding(
        id=f"{at:016x}",
        detector="port_scan",
        kind=Kind.PORT_SCAN,
        title=f"10.0.0.5 tried {at + 1:,} ports of 10.0.0.9 in 14 s; 1 % answered",
        severity=Severity.HIGH,
        score=0.98,
        start_ns=start,
        end_ns=start + 14 * SECOND,
        detected_ns=start + 2 * SECOND,
        updated_ns=start + 20 * SECOND,
        subject=Party(ip="10.0.0.5", mac="00:0c:29:87:b6:45"),
        targets=tuple(Target(ip="10.0.0.9", port=port, proto="tcp") for port in (22, 80)),
        target_count=998,
        facts={"ports": 998, "answered": 0.01, "by": ["syn"]},
        reasons=(Reason(feature="unique_dst_ports", value=998.0, typical=(1, 6), weight=0.7),),
        attack=("T1046",),
        selectors=(Selector(a="10.0.0.5", b="10.0.0.9", from_ns=start, until_ns=start + 14 * SECOND),),
        packets=(Packets(input="a.pcap", count=1996, first=12, last=2011),),
        filters=Filters(wireshark="ip.addr == 10.0.0.5 && tcp", bpf="host 10.0.0.5", bpf_exact=False),
        provenance={
            "version": "1.2.3",
            "schema": "1",
            "config": "blake2b:77",
            "model": None,
            "input": [{"name": "a.pcap", "blake3": "beef", "packets": 35067}],
        },
    )
    return replace(plain, **changes)


def seen(**changes: Any) -> dict[str, Any]:
    """Return what an analysis says of what it read."""
    one = {"name": "/captures/a.pcap", "blake3": "beef", "packets": 35067}
    times = {"first_ns": START, "last_ns": START + 5460 * SECOND}
    return {"packets": 35067, "bytes": 1536, **times, "hosts": 12, "inputs": [one]} | changes


def page(findings: Sequence[Finding] = (), suppressed: Mapping[str, int] | None = None, **more: Any) -> str:
    return report(findings, more.pop("seen", seen()), suppressed or {}, **more)


class Parts(HTMLParser):
    """What a browser would make of a page: elements with their attributes, and which are left open."""

    EMPTY = frozenset({"meta", "input", "br", "img", "link"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def everywhere(at: int) -> Finding:
    """Return a finding that says something hostile wherever a capture's words can get."""
    return found(
        at,
        id=HOSTILE[: 200 + at],
        detector=HOSTILE,
        title=HOSTILE,
        subject=Party(ip=HOSTILE, mac=HOSTILE),
        targets=(Target(ip=HOSTILE, port=1, proto=HOSTILE), Target(mac=HOSTILE)),
        facts={HOSTILE: HOSTILE, "names": [HOSTILE] * 30},
        reasons=(Reason(feature=HOSTILE, value=float("nan"), typical=(0.0, 1.0), weight=1.0),),
        attack=(HOSTILE,),
        packets=(Packets(input=HOSTILE, count=1, first=1, last=1),),
        filters=Filters(wireshark=HOSTILE, bpf=HOSTILE * 20, bpf_exact=True, why_not=HOSTILE),
        incident=HOSTILE,
        previous=HOSTILE,
        provenance={
            "version": HOSTILE,
            "schema": HOSTILE,
            "config": HOSTILE,
            "model": HOSTILE,
            "input": [{"name": HOSTILE, "blake3": HOSTILE, "packets": None}],
        },
    )


def hostile(count: int) -> str:
    return page(
        [everywhere(at) for at in range(count)],
        {HOSTILE: 3},
        seen=seen(inputs=[{"name": HOSTILE, "blake3": None, "packets": 3}]),
        quality=[HOSTILE] * 300,
        pages={HOSTILE: dict.fromkeys(("sees", "matters", "wrong_when"), HOSTILE)},
    )


def test_hostile_names_do_not_break_out() -> None:
    text = hostile(3)
    parts = Parts(text)
    assert parts.open == []
    assert len(parts.of("script")) == 1
    assert parts.of("img") == []
    assert not [name for _, attrs in parts.elements for name in attrs if name.startswith("on")]
    assert not re.search("[\u202e\x1b\ud800]", text)
    assert "49" not in re.findall(r"\{\{ 7 \* 7 \}\}|>49<", text)
    assert "{{ 7 * 7 }}" in text
    assert not [attrs for attrs in parts.of("a") if not str(attrs["href"]).startswith("#")]


def test_a_hostile_id_is_quoted_in_the_command() -> None:
    parts = unescape(page([found(id="$(id);-x")]))
    assert "oddwire carve '$(id);-x' -w '$(id);-x.pcap'" in parts


def test_the_policy_lets_only_our_own_style_and_script_in() -> None:
    text = page([found()])
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]+)"', text)[0])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    for kind in ("style", "script"):
        [body] = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        assert rules.pop(f"{kind}-src") == f"'sha256-{b64encode(sha256(body.encode()).digest()).decode()}'"
    assert rules == {}


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_page_loads_nothing(count: int) -> None:
    text = page([found(at) for at in range(count)], pages=PAGES)
    parts = Parts(text)
    assert not {"img", "link", "iframe", "object", "embed"} & {name for name, _ in parts.elements}
    assert not [attrs for _, attrs in parts.elements if {"src", "srcset", "style", "action"} & attrs.keys()]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", text)
    outside = {attrs["href"] for attrs in parts.of("a") if not str(attrs["href"]).startswith("#")}
    assert outside <= {"https://attack.mitre.org/techniques/T1046/"}


@pytest.mark.no_cover
def test_every_link_within_leads_somewhere() -> None:
    findings = [found(at, incident="i-1" if at < 3 else None, previous=f"{at - 1:016x}") for at in range(700)]
    parts = Parts(page(findings))
    ids = [attrs["id"] for _, attrs in parts.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = {str(attrs["href"])[1:] for tag in ("a", "use") for attrs in parts.of(tag)}
    assert {one for one in wanted if not one.startswith("ttps:")} <= set(ids)
    assert {attrs["data-copy"] for attrs in parts.of("button") if "data-copy" in attrs} <= set(ids)


def test_nothing_found_is_a_result() -> None:
    text = page(quality=())
    assert "<h1>No findings at medium or above in 35,067 packets, 1.5 KiB, 1 h 31 min, 12 hosts.</h1>" in text
    assert "Nothing found is a result" in text
    assert "Nothing damaged, cut, dropped or out of order." in text
    assert "Over time" not in text
    assert "beef" in text


def test_what_was_left_out_by_severity_is_said() -> None:
    text = page(least=Severity.HIGH)
    assert "No findings at high or above in" in text
    assert "Findings of less than high severity were left out" in text


def test_an_empty_capture_is_not_called_clean() -> None:
    text = page(seen=seen(packets=0, bytes=0, first_ns=None, last_ns=None, hosts=0))
    assert "No packets, so there was nothing to judge." in text
    assert "no detector objected" not in text


def test_unknown_quality_is_not_called_good() -> None:
    assert "Nothing damaged" not in page()
    assert "2 remarks on its quality" in page(quality=["a", "b"])


def test_a_card_says_everything() -> None:
    text = unescape(page([found()], {"our own scanner": 12}, pages=PAGES, quality=()))
    for part in (
        "1 finding to look at: 1 high.",
        "10.0.0.5 tried 1 ports of 10.0.0.9 in 14 s; 1 % answered",
        "different ports tried <strong>998</strong>",
        "usual 1 to 6; weighs 70 %",
        "Targets, 2 of 998",
        "TCP 22, 80",
        "a.pcap: 1,996 packets, between number 12 and 2011.",
        "ip.addr == 10.0.0.5 && tcp",
        "host 10.0.0.5",
        "Lets through more than the evidence",
        "oddwire carve 00000000 -w 00000000.pcap",
        "T1046 Network Service Discovery",
        "An inventory tool of your own looks the same.",
        "our own scanner",
        "1.2.3",
        "blake2b:77",
        "beef",
    ):
        assert part in text, part


def test_a_page_is_in_the_order_in_which_one_reads() -> None:
    text = page([found()], quality=())
    places = [
        text.index(f'id="{part}"')
        for part in ("findings", "time", "each", "hosts", "quality", "suppressed", "made")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_a_shape_and_a_word(severity: Severity) -> None:
    text = page([found(severity=severity)])
    assert f'<symbol id="{severity.word}"' in text
    assert f'<use href="#{severity.word}"/></svg>{severity.word}</span>' in text
    assert ("to look at" in text) == (severity > Severity.LOW)


def test_findings_of_one_incident_have_one_story() -> None:
    findings = [found(2, incident="i-1"), found(1, incident="i-1"), found(9), found(3, incident="i-2")]
    text = page(findings)
    assert text.count("findings that belong together") == 1
    story = text[text.index("belong together") :]
    assert story.index("tried 2 ports") < story.index("tried 3 ports")


def test_a_stream_has_no_filters_and_the_page_says_why() -> None:
    filters = Filters(wireshark=None, bpf=None, bpf_exact=False, why_not="the input was a stream")
    text = page([found(packets=(), filters=filters)])
    assert "There are no filters: the input was a stream." in text
    assert "BPF" not in text[text.index('id="each"') : text.index('id="hosts"')]


@pytest.mark.no_cover
def test_a_thousand_findings_are_bounded_and_the_page_says_so() -> None:
    text = page([found(at) for at in range(1000)], pages=PAGES)
    shown = text.count('<article class="card"')
    assert len(text.encode()) < LIMIT
    assert 200 < shown <= 500
    assert f"the first {shown} of 1,000 findings" in text
    assert text.count('<td class="sentence">') == 1000
    assert Parts(text).open == []


@pytest.mark.no_cover
def test_a_flood_of_hostile_findings_stays_small() -> None:
    assert len(hostile(1000).encode()) < LIMIT


def test_times_without_length_and_beyond_the_capture_are_drawn() -> None:
    moment = seen(last_ns=START)
    text = page([found(start_ns=START, end_ns=START), found(-7200)], seen=moment)
    places = [float(attrs["x"] or 0) for attrs in Parts(text).of("rect") if "x" in attrs]
    assert all(0 <= place <= 1000 for place in places)


def test_two_pages_of_the_same_are_equal(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report(tmp_path / name, [found(), found(1)], seen(), {"x": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_page_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_report(tmp_path / "missing" / "a.html", [], seen(), {})
