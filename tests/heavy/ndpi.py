"""What nDPI says of flows, from the results of its own tests that lie beside the captures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

LINE = re.compile(
    r"\t\d+\t(?P<transport>\S+) (?P<a>\S+):(?P<a_port>\d+) <?-> (?P<b>\S+):(?P<b_port>\d+) (?P<rest>\[.*)"
)
SAYS = re.compile(r"\[proto: (?:(?P<tunnel>[^\]:]+):)?[\d.]+/(?P<name>[^\]]+)\]")
SURE = re.compile(r"\]\[Confidence: (?P<how>[^\]]+)\]")
PRINT = re.compile(r"\[(?P<name>JA3C|JA3S|JA4): (?P<value>[0-9a-z_]+)[\] ]")
PRINTS = {"JA3C": "ja3", "JA3S": "ja3s", "JA4": "ja4"}
RESULT, CAPTURE = "__result__", "__pcap__"

# Two ends of a conversation, whoever began it: transport, then address and port of both in order.
Ends = tuple[str, tuple[str, int], tuple[str, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """A flow as nDPI lists it."""

    ends: Ends
    # The protocol, and behind a dot what is spoken in it: TLS.Google.
    name: str
    # Fingerprints of the hellos: JA3 of both sides, JA4.
    prints: dict[str, str]
    # By which nDPI tells the name: DPI when by content, "Match by port" when it guesses.
    how: str

    @property
    def master(self) -> str:
        """Return the protocol itself."""
        return self.name.partition(".")[0]

    @property
    def seen(self) -> bool:
        """Say whether it was told by content, and told at all."""
        return self.how.startswith("DPI") and self.master != "Unknown"


def ends(transport: str, a: tuple[str, int], b: tuple[str, int]) -> Ends:
    """Return both ends in an order that does not depend on who began."""
    return (transport, *sorted((a, b)))  # type: ignore[return-value]


def shown(both: Ends) -> str:
    """Return two ends as text, for a list of differences."""
    transport, *two = both
    return f"{transport} " + " ".join(f"{address} {port}" for address, port in two)


def flows(result: Path) -> list[Flow]:
    """Return the flows of a result."""
    return list(_flows(result.read_text(encoding="utf-8", errors="replace")))


def fingerprints(result: Path) -> set[tuple[Ends, str, str]]:
    """Return whose fingerprint, which and what it is, of all flows of a result."""
    return {(flow.ends, name, value) for flow in flows(result) for name, value in flow.prints.items()}


def _flows(text: str) -> Iterator[Flow]:
    for line in text.splitlines():
        if found := LINE.match(line):
            yield _flow(found)


def _flow(found: re.Match[str]) -> Flow:
    says, sure = SAYS.search(found["rest"]), SURE.search(found["rest"])
    a, b = ((_address(found[end]), int(found[f"{end}_port"])) for end in ("a", "b"))
    return Flow(
        ends=ends(found["transport"].lower(), a, b),
        name=says["name"] if says else "Unknown",
        how=sure["how"] if sure else "Unknown",
        prints={PRINTS[one["name"]]: one["value"] for one in PRINT.finditer(found["rest"])},
    )


def _address(printed: str) -> str:
    """Return an address as we print it; nDPI shortens some addresses of version 6 beyond recognition."""
    bare = printed.strip("[]")
    try:
        return str(ip_address(bare))
    except ValueError:
        return bare


def capture_of(result: Path) -> Path:
    """Return the capture that a result is about."""
    return result.with_name(result.name.replace(RESULT, CAPTURE).removesuffix(".out"))


def results(pack: Path) -> list[Path]:
    """Return every result of the pack whose capture is there too."""
    return [path for path in sorted(pack.rglob(f"*{RESULT}*.out")) if capture_of(path).is_file()]
