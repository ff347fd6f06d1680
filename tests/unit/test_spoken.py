"""What is spoken in a flow is known by content, whatever the port; who the hosts are, by what they say."""

import struct
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from oddwire import analyze, read
from oddwire.engine.tables import PROTOCOLS
from oddwire.testing import services
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.conversations import Step, conversation
from oddwire.testing.names import arp_asked, lookup
from oddwire.testing.packets import ACK, RST, SYN, mac_of, tcp
from oddwire.testing.wire import datagram, noise
from tests.unit.made import START

CLIENT, SERVER, RESOLVER = "192.168.1.21", "192.168.1.10", "192.168.1.1"
UNKNOWN = "0.0.0.0"  # noqa: S104  # a host without an address
PAGES = [(0.1, 300, 900), (0.2, 200, 5_000)]


def tls(name: str) -> list[Step]:
    return services.tls(name, PAGES)


def web(host: str) -> list[Step]:
    return services.http(host, PAGES[:1], path="/index.html")


def shell(_: str) -> list[Step]:
    return services.ssh([(0.2, 60, 90)])


def unknown(_: str) -> list[Step]:
    return [(0.1, True, noise(300, 3)), (0.1, False, noise(900, 4))]


def lines(*said: str) -> list[Step]:
    """Return lines of server and client in turns; the server begins."""
    return [(0.02, number % 2 == 1, f"{line}\r\n".encode()) for number, line in enumerate(said)]


def mail(_: str) -> list[Step]:
    return lines(
        "220 mx.example.org ESMTP", "EHLO desk", "250 mx.example.org", "MAIL FROM:<a@b.org>", "250 Ok"
    )


def files(_: str) -> list[Step]:
    return lines("220 FTP server ready", "USER lena", "331 Password required.", "QUIT", "221 Bye.")


def flow(path: Path, packets: Sequence[Timed], **options: Any) -> dict[str, Any]:
    """Return the only flow of these packets."""
    write_pcap(path / "made.pcap", packets)
    (row,) = read(path / "made.pcap", **options).flows().to_dicts()
    return row


@pytest.mark.parametrize("port", [21, 22, 25, 53, 80, 443, 445, 502, 1_883, 3_389, 8_080, 50_001])
@pytest.mark.parametrize(
    ("speak", "service", "sni"),
    [
        (tls, "tls", "www.example.org"),
        (web, "http", "www.example.org"),
        (shell, "ssh", None),
        (mail, "smtp", None),
        (files, "ftp", None),
    ],
)
def test_content_beats_the_port(tmp_path: Path, speak: Any, service: str, sni: str | None, port: int) -> None:
    if service not in PROTOCOLS:
        pytest.skip(f"nobody listens to {service}")
    packets = conversation((CLIENT, 45_000, SERVER, port), speak("www.example.org"), start=START)
    row = flow(tmp_path, packets)
    assert (row["service"], row["service_sure"], row["sni"]) == (service, True, sni)


@pytest.mark.parametrize("port", [53, 443, 5_300, 50_001])
def test_questions_for_names_are_known_on_any_port(tmp_path: Path, port: int) -> None:
    packets = lookup(CLIENT, 45_000, RESOLVER, "www.example.org", ["203.0.113.5"], start=START)
    (_, ask), (_, answer) = ((time, frame[42:]) for time, frame in packets)
    over_udp = [
        (START, datagram(CLIENT, 45_000, RESOLVER, port, ask)),
        (START + 0.01, datagram(RESOLVER, port, CLIENT, 45_000, answer)),
    ]
    framed = [struct.pack("!H", len(part)) + part for part in (ask, answer)]
    over_tcp = conversation(
        (CLIENT, 45_000, RESOLVER, port), [(0.01, True, framed[0]), (0.01, False, framed[1])], start=START
    )
    for some in (over_udp, over_tcp):
        row = flow(tmp_path, some)
        assert (row["service"], row["service_sure"], row["sni"]) == ("dns", True, None)
        (said,) = read(tmp_path / "made.pcap").table("dns").to_dicts()
        assert (said["query"], said["src_ip"]) == ("www.example.org", CLIENT)


@pytest.mark.parametrize("port", [22, 80, 443, 50_001])
def test_what_nobody_understands_is_guessed_by_the_port_alone(tmp_path: Path, port: int) -> None:
    packets = conversation((CLIENT, 45_000, SERVER, port), unknown(""), start=START)
    row = flow(tmp_path, packets)
    assert (row["service_sure"], row["sni"]) == (False, None)
    spoken = conversation((CLIENT, 45_000, SERVER, port), tls("a.example"), start=START)
    unheard = flow(tmp_path, spoken, payload=False)
    assert (unheard["service"], unheard["service_sure"], unheard["sni"]) == (row["service"], False, None)


def name_record(name: str, address: str, *, ttl: int = 120) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return labels + struct.pack("!HHIH", 1, 0x8001, ttl, 4) + ip_address(address).packed


def announcement(host: str, name: str, *, start: float) -> list[Timed]:
    """Return how a host says its name to all neighbours over mDNS."""
    body = struct.pack("!HHHHHH", 0, 0x8400, 0, 1, 0, 0) + name_record(name, host)
    return [(start, datagram(host, 5_353, "224.0.0.251", 5_353, body, ttl=255))]


def lease(host: str, name: str, *, start: float) -> list[Timed]:
    """Return how a host asks for an address, by name, and is given it."""
    hardware = bytes.fromhex(mac_of(host).replace(":", ""))
    mine, theirs = ip_address(host).packed, ip_address(RESOLVER).packed
    head = b"\x06\x00\x00\x00\x07\x07\x00\x00\x00\x00" + b"\0" * 4
    rest = hardware.ljust(16, b"\0") + b"\0" * 192 + b"\x63\x82\x53\x63"
    said = b"\x0c" + bytes([len(name)]) + name.encode() + b"\x3c\x08MSFT 5.0\x32\x04" + mine
    ask = b"\x01\x01" + head[:1] + b"\0" + head[2:6] + b"\0" * 4 + b"\0" * 16 + rest + b"\x35\x01\x03" + said
    tail = b"\x35\x01\x05\x36\x04" + theirs + b"\x33\x04\x00\x00\x1c\x20"
    reply = (
        b"\x02\x01" + head[:1] + b"\0" + head[2:6] + b"\0" * 4 + b"\0" * 4 + mine + theirs + b"\0" * 4 + rest
    )
    return [
        (start, datagram(UNKNOWN, 68, "255.255.255.255", 67, (ask + b"\xff").ljust(300, b"\0"))),
        (start + 0.01, datagram(RESOLVER, 67, host, 68, (reply + tail + b"\xff").ljust(300, b"\0"))),
    ]


def scan(source: str, target: str, *, start: float) -> list[Timed]:
    """Return knocks at 200 closed ports."""
    packets: list[Timed] = []
    for number in range(200):
        ends = source, 50_000, target, 1_000 + number
        packets.append((start + 0.01 * number, tcp(*ends, SYN, seq=5)))
        back = target, 1_000 + number, source, 50_000
        packets.append((start + 0.01 * number + 0.001, tcp(*back, RST | ACK, ack=6)))
    return packets


def test_hosts_are_known_by_what_they_say_of_themselves(tmp_path: Path) -> None:
    packets = [
        *arp_asked(CLIENT, SERVER, start=START),
        *announcement(CLIENT, "kitchen.local", start=START + 1),
        *lookup(CLIENT, 45_000, RESOLVER, "files.example.org", [SERVER], start=START + 2),
        *lookup(CLIENT, 45_001, RESOLVER, "www.example.org", ["203.0.113.5"], start=START + 3),
    ]
    write_pcap(tmp_path / "made.pcap", packets)
    hosts = {row["ip"]: row for row in read(tmp_path / "made.pcap").table("hosts").to_dicts()}
    client, server = hosts[CLIENT], hosts[SERVER]
    assert (client["mac"], client["name"], client["told_by"]) == (mac_of(CLIENT), "kitchen.local", "mdns")
    assert (server["mac"], server["name"], server["told_by"]) == (mac_of(SERVER), "files.example.org", "dns")
    assert "203.0.113.5" not in hosts


@pytest.mark.skipif("dhcp" not in PROTOCOLS, reason="nobody listens to DHCP")
def test_the_name_in_a_lease_is_believed_most(tmp_path: Path) -> None:
    packets = [
        *lease(CLIENT, "DESK-21", start=START),
        *announcement(CLIENT, "kitchen.local", start=START + 1),
        *lookup(SERVER, 45_000, RESOLVER, "other.example.org", [CLIENT], start=START + 2),
    ]
    write_pcap(tmp_path / "made.pcap", packets)
    hosts = {row["ip"]: row for row in read(tmp_path / "made.pcap").table("hosts").to_dicts()}
    row = hosts[CLIENT]
    assert (row["mac"], row["name"], row["told_by"]) == (mac_of(CLIENT), "DESK-21", "dhcp")
    assert (row["leased"], row["vendor"]) == (True, "MSFT 5.0")
    assert set(row["other_names"].split(",")) == {"kitchen.local", "other.example.org"}


def test_findings_name_their_hosts(tmp_path: Path) -> None:
    told_by_lease = "dhcp" in PROTOCOLS
    packets = [
        *arp_asked(CLIENT, SERVER, start=START),
        *(lease(CLIENT, "DESK-21", start=START + 0.5) if told_by_lease else ()),
        *announcement(CLIENT, "kitchen.local", start=START + 1),
        *lookup(CLIENT, 45_000, RESOLVER, "files.example.org", [SERVER], start=START + 2),
        *scan(CLIENT, SERVER, start=START + 5),
    ]
    write_pcap(tmp_path / "made.pcap", packets)
    (found,) = [one for one in analyze(read(tmp_path / "made.pcap")).findings if one.kind == "port_scan"]
    name = "DESK-21" if told_by_lease else "kitchen.local"
    assert (found.subject.ip, found.subject.mac, found.subject.hostname) == (CLIENT, mac_of(CLIENT), name)
    targets = {(one.ip, one.mac, one.hostname) for one in found.targets}
    assert targets == {(SERVER, mac_of(SERVER), "files.example.org")}
    (unheard,) = [
        one
        for one in analyze(read(tmp_path / "made.pcap", payload=False)).findings
        if one.kind == "port_scan"
    ]
    assert (unheard.subject.mac, unheard.subject.hostname) == (mac_of(CLIENT), None)
