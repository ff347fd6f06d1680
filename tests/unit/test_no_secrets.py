"""No password, cookie, token or content is in anything that is written, whatever the traffic."""

import base64
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oddwire import native, read
from oddwire.engine import tables
from oddwire.testing import prompts
from oddwire.testing.capture import Timed, pcap_bytes, write_pcap
from oddwire.testing.dialogue import Dialogue, hammer, seeded
from oddwire.testing.wire import dice
from tests.unit.canary import CANARY, leaks
from tests.unit.confided import CLIENT, CONFIDED, SERVER
from tests.unit.conftest import Cli
from tests.unit.made import START

EVERYTHING = native.Shape(columns=["all"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("poor")


def written(path: Path, table: str, out: Path) -> str:
    """Return a table with all columns, as a file holds it."""
    job = tables.Job(table=table, capture=read(path), shape=EVERYTHING)
    tables.write(job, out, out.suffix[1:])
    return out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "form",
    [
        CANARY,
        CANARY.upper(),
        CANARY[:9] + "...",
        "".join(f"{letter}\0" for letter in CANARY),
        "".join(f"\\x00{letter}" for letter in CANARY),
        CANARY.encode().hex(),
        CANARY.encode().hex(":").upper(),
        "".join(f"\\x{byte:02x}" for byte in CANARY.encode()),
        *(base64.b64encode(before + CANARY.encode()).decode() for before in (b"", b"l", b"le", b"lena:")),
        base64.b64encode(CANARY.encode("utf-16-le")).decode(),
        str(list(CANARY.encode())),
        str([int.from_bytes(CANARY.encode()[at : at + 2], "big") for at in range(0, 14, 2)]),
    ],
)
def test_a_leak_is_seen_in_every_form(form: str) -> None:
    assert leaks(f'{{"cell": "before {form} behind"}}')
    assert not leaks(form[: len(form) // 4])


@pytest.mark.parametrize("name", CONFIDED)
def test_no_table_holds_a_secret_and_yet_it_says_what_it_should(name: str, tmp_path: Path) -> None:
    confided = CONFIDED[name]()
    path = tmp_path / "told.pcap"
    write_pcap(path, confided.packets)
    assert CANARY.encode() in path.read_bytes() or name == "telnet"
    for table in tables.TABLES:
        for ending in ("csv", "json"):
            text = written(path, table, tmp_path / f"out.{ending}")
            assert leaks(text) == [], f"{table}.{ending}"
            if table == confided.table:
                assert text.count("\n") > 1, "nothing was heard"
                assert [word for word in confided.said if word not in text] == []


def damaged(packets: Sequence[Timed], dice: Random) -> tuple[list[Timed], int]:
    """Return what a poor capture keeps of packets, and how many bytes of each."""
    kept = sorted(packets, key=lambda packet: packet[0])
    kept = kept[dice.choice((0, 0, dice.randrange(len(kept)))) :]
    ends = {frame[6:12] for _, frame in kept}
    deaf = dice.choice((*ends, b"", b""))
    lost = dice.choice((0.0, 0.05, 0.3))
    kept = [packet for packet in kept if packet[1][6:12] != deaf and dice.random() >= lost]
    return kept, dice.choice((65_535, 65_535, dice.randrange(60, 200)))


@given(name=st.sampled_from(sorted(CONFIDED)), seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_poor_capture_gives_no_secret_away_either(folder: Path, name: str, seed: int) -> None:
    packets, snap = damaged(CONFIDED[name]().packets, dice(seed))
    path = folder / "poor.pcap"
    path.write_bytes(pcap_bytes(packets, snap=snap))
    for table in tables.PROTOCOLS:
        assert leaks(written(path, table, folder / "out.csv")) == [], table


@pytest.mark.parametrize("name", CONFIDED)
def test_neither_summary_nor_report_holds_a_secret(cli: Cli, name: str, tmp_path: Path) -> None:
    path = tmp_path / "told.pcap"
    write_pcap(path, CONFIDED[name]().packets)
    assert leaks(outputs(cli, path, tmp_path)) == []


def outputs(cli: Cli, path: Path, folder: Path) -> str:
    """Return all that the summary and an analysis say and write."""
    findings, report = folder / "findings.jsonl", folder / "report.html"
    told = [
        cli("summary", path, "--json"),
        cli("summary", path),
        cli("analyze", path, "--no-store", "--findings", findings, "--report", report),
        cli("analyze", path, "--no-store", "--json"),
    ]
    assert [done.code for done in told] == [0, 0, 0, 0], told[-1].err
    said = [done.out + done.err for done in told]
    return "\n".join([*said, *(file.read_text(encoding="utf-8") for file in (findings, report))])


def guesses() -> list[Timed]:
    """Return log-ins by force in which every password is the canary."""
    secrets: Sequence[str] = [f"{CANARY}{number}" for number in range(8)]
    pairs = [("lena", secret) for secret in secrets[:3]]
    packets: list[Timed] = []
    for port in (21, 23, 25, 143, 80, 8_080):
        numbers = seeded(port)

        def connect(start: float, cport: int, port: int = port, numbers: Random = numbers) -> Dialogue:
            talk = Dialogue(client=CLIENT, cport=cport, server=SERVER, sport=port, start=start, dice=numbers)
            guess(port, talk, secrets, pairs)
            return talk

        packets += hammer(numbers, connect, 60, start=START, tasks=4)
    return packets


def guess(port: int, dialogue: Dialogue, secrets: Sequence[str], pairs: Sequence[tuple[str, str]]) -> None:
    """Try the passwords in the manner of a port's protocol."""
    if port == 21:
        prompts.ftp_guess(dialogue, pairs)
    elif port == 23:
        prompts.telnet_guess(dialogue, pairs)
    elif port == 25:
        prompts.smtp_guess(dialogue, secrets)
    elif port == 143:
        prompts.imap_guess(dialogue, secrets[:3])
    elif port == 80:
        prompts.form_guess(dialogue, secrets)
    else:
        prompts.basic_guess(dialogue, secrets)


def test_no_finding_of_a_guessed_password_holds_it(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "guesses.pcap"
    write_pcap(path, guesses())
    text = outputs(cli, path, tmp_path)
    assert "brute_force" in text
    assert leaks(text) == []
