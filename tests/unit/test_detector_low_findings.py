"""Passwords in the clear, weak encryption and programs over HTTP are noted, once and low; others are not."""

from pathlib import Path

import pytest

from oddwire.base.detector import Detector
from oddwire.detectors.cleartext_credentials import CleartextCredentials
from oddwire.detectors.executable_download import ExecutableDownload
from oddwire.detectors.weak_tls import WeakTls
from oddwire.records.evidence import Evidence
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Step, conversation
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
CLIENT, SERVER = "10.0.0.7", "10.0.0.9"


def talks(port: int, steps: list[Step], *, times: int = 3, server: str = SERVER) -> list[Timed]:
    """Return the same conversation again and again."""
    packets = [
        conversation((CLIENT, 40_000 + turn, server, port), steps, start=START + 10 * turn)
        for turn in range(times)
    ]
    return [packet for one in packets for packet in one]


def ftp(user: str) -> list[Step]:
    return [
        (0.01, False, b"220 ready\r\n"),
        (0.01, True, f"USER {user}\r\n".encode()),
        (0.01, False, b"331 password\r\n"),
        (0.01, True, b"PASS secret-word\r\n"),
        (0.01, False, b"230 in\r\n"),
    ]


def http(*, ask: str = "", reply: str = "", body: bytes = b"x") -> list[Step]:
    head = f"HTTP/1.1 200 OK\r\n{reply}Content-Length: {len(body)}\r\n\r\n".encode()
    return [
        (0.01, True, f"GET /a HTTP/1.1\r\nHost: 10.0.0.9\r\n{ask}\r\n".encode()),
        (0.01, False, head + body),
    ]


def once(detector: type[Detector], path: Path, packets: list[Timed]) -> Evidence:
    """Return the one thing that is said, having checked that it is no alarm."""
    found = alike(detector, path / "a.pcap", packets)
    assert not alarms(found)
    assert len(found) == 1
    return found[0]


def test_passwords_in_the_clear_are_noted_without_the_secret(tmp_path: Path) -> None:
    found = once(CleartextCredentials, tmp_path, talks(21, ftp("alice")))
    assert (found.subject.ip, found.facts["protocol"]) == (SERVER, "ftp")
    assert "secret" not in repr(found)
    basic = talks(80, http(ask="Authorization: Basic YTpi\r\n"))
    assert once(CleartextCredentials, tmp_path, basic).facts["protocol"] == "http"


def test_servers_outside_are_told_of_the_client(tmp_path: Path) -> None:
    found = once(CleartextCredentials, tmp_path, talks(21, ftp("alice"), server="203.0.113.9"))
    assert found.subject.ip == CLIENT


@pytest.mark.parametrize("steps", [ftp("anonymous"), http()], ids=["anonymous", "no password"])
def test_nobodys_password_is_nothing(tmp_path: Path, steps: list[Step]) -> None:
    port = 21 if len(steps) > 2 else 80
    assert not said(CleartextCredentials(), tmp_path / "a.pcap", talks(port, steps))


def test_programs_are_noted_with_their_disguise(tmp_path: Path) -> None:
    program = http(reply="Content-Type: image/png\r\n", body=b"MZ\x90\0" + bytes(400))
    found = once(ExecutableDownload, tmp_path, talks(80, program))
    assert found.facts["is_disguised"]
    assert found.subject.ip == CLIENT
    picture = http(reply="Content-Type: image/png\r\n", body=b"\x89PNG\r\n\x1a\n" + bytes(400))
    assert not said(ExecutableDownload(), tmp_path / "b.pcap", talks(80, picture))


def hello(version: int, cipher: int, *, client: bool) -> bytes:
    """Return a hello of a version, with one cipher."""
    suites = cipher.to_bytes(2)
    body = version.to_bytes(2) + bytes(32) + b"\0"
    body += (b"\0\x02" + suites + b"\x01\0") if client else (suites + b"\0")
    message = bytes([1 if client else 2]) + len(body).to_bytes(3) + body
    return b"\x16" + version.to_bytes(2) + len(message).to_bytes(2) + message


@pytest.mark.parametrize(
    ("version", "cipher", "weak"),
    [
        (0x0301, 0x002F, "TLSv1.0"),
        (0x0303, 0x0005, "cipher TLS_RSA_WITH_RC4_128_SHA"),
        (0x0303, 0x009C, None),
    ],
)
def test_old_versions_and_broken_ciphers(tmp_path: Path, version: int, cipher: int, weak: str | None) -> None:
    steps: list[Step] = [
        (0.01, True, hello(version, cipher, client=True)),
        (0.01, False, hello(version, cipher, client=False)),
    ]
    found = said(WeakTls(), tmp_path / "a.pcap", talks(443, steps))
    assert [one.facts["what"] for one in found] == ([weak] if weak else [])
    assert not alarms(found)
