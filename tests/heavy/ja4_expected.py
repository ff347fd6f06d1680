"""The fingerprints that the makers of JA4 give for their own captures."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.heavy.fingerprints import KINDS, Print
from tests.heavy.ndpi import ends

CAPTURES = "__pcap__"
SNAPSHOTS = "__rust__ja4__src__snapshots__ja4__insta@"
TEST_DATA = "__python__test__testdata__"
# The lines of a snapshot that are read; it is YAML of a plain kind.
LINE = re.compile(
    r"^(?:- |  )(?P<name>transport|src|dst|src_port|dst_port|ja4|ja3|ja3s): '?(?P<value>.*?)'?$"
)
OVER_UDP = ("q", "d")


def expected(capture: Path) -> set[Print]:
    """Return every fingerprint that is given for a capture."""
    return {
        *_snapshot(_beside(capture, SNAPSHOTS, ".snap")),
        *_test_data(_beside(capture, TEST_DATA, ".json")),
    }


def captures(pack: Path) -> list[Path]:
    """Return the captures for which something is given."""
    found = sorted((pack / "conf" / "ja4").glob(f"*{CAPTURES}*.pcap*"))
    return [path for path in found if _beside(path, SNAPSHOTS, ".snap").is_file()]


def _beside(capture: Path, kind: str, suffix: str) -> Path:
    return capture.with_name(capture.name.replace(CAPTURES, kind) + suffix)


def _snapshot(path: Path) -> Iterator[Print]:
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    for block in re.split(r"(?m)^(?=- stream:)", text):
        said = {found["name"]: found["value"] for line in block.splitlines() if (found := LINE.match(line))}
        if "src" in said:
            a, b = (said["src"], int(said["src_port"])), (said["dst"], int(said["dst_port"]))
            both = ends(said["transport"], a, b)
            yield from ((both, name, said[name]) for name in KINDS if said.get(name))


def _test_data(path: Path) -> Iterator[Print]:
    flows = json.loads(path.read_text(encoding="utf-8") or "[]") if path.is_file() else []
    for flow in flows:
        # JA4.1, JA4.2: of the first hello of a stream and of the second.
        for key, value in flow.items():
            name = key.partition(".")[0].lower()
            if name in KINDS:
                transport = "udp" if value.startswith(OVER_UDP) else "tcp"
                a, b = (flow["src"], int(flow["srcport"])), (flow["dst"], int(flow["dstport"]))
                yield ends(transport, a, b), name, value
