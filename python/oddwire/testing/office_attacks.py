"""Attacks that hide in the office: searches, guesses, floods, a tunnel, a host that puts itself between."""

import struct

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, Step, conversation, refused, unanswered
from oddwire.testing.names import arp_asked, public
from oddwire.testing.office import DESKS, PHONE, PRINTER, ROUTER, SERVERS, WORKSTATIONS
from oddwire.testing.packets import ACK, RST, SYN, arp, mac_of
from oddwire.testing.services import files, ssh
from oddwire.testing.wire import checksum, datagram, dice, echo, icmp_error, noise, segment

__all__ = [
    "arp_scan",
    "between",
    "dns_reflection",
    "icmp_tunnel",
    "slow_syn_scan",
    "slowloris",
    "smb_sweep",
    "ssh_guessing",
    "syn_flood",
    "udp_scan",
]

SCANNER, NEWCOMER, WORM = "192.168.10.22", "192.168.10.66", "192.168.10.107"
SEGMENT_SIZE = b"\x02\x04\x05\xb4"
PRESENT = {*WORKSTATIONS, *DESKS, PHONE, PRINTER, ROUTER}
GUESSER = public(66_001)
WEB, PUBLIC = SERVERS["web"], "203.0.113.18"
SLOW = public(67_001)
INSIDER, FAR = "192.168.10.104", public(68_001)
VICTIM, LIAR = WORKSTATIONS[6], mac_of("192.168.10.66")


def slow_syn_scan(start: float) -> list[Timed]:
    """200 ports of the web server, one about every four seconds, from one port and with a small window."""
    numbers, server = dice(1), SERVERS["web"]
    tried = [22, 80, 443, 3_306, 8_080, *numbers.sample(range(1, 10_000), 195)]
    numbers.shuffle(tried)
    packets: list[Timed] = []
    for number, port in enumerate(tried):
        at = start + 4 * number + numbers.uniform(0, 1.5)
        probe = segment(SCANNER, 54_321, server, port, SYN, seq=77, window=1_024, offer=SEGMENT_SIZE)
        packets.append((at, probe))
        if port in {80, 443, 22}:
            answer = segment(server, port, SCANNER, 54_321, SYN | ACK, seq=9_000 + port, ack=78)
            reset = segment(SCANNER, 54_321, server, port, RST, seq=78, window=0)
            packets += [(at + 0.0006, answer), (at + 0.0008, reset)]
        else:
            answer = segment(server, port, SCANNER, 54_321, RST | ACK, ack=78, window=0)
            packets.append((at + 0.0006, answer))
    return packets


def udp_scan(start: float) -> list[Timed]:
    """250 UDP ports of the file server, empty datagrams; Linux refuses one a second, others go again."""
    numbers, server = dice(2), SERVERS["files"]
    packets: list[Timed] = []
    for number, port in enumerate(numbers.sample(range(1, 50_000), 250)):
        at = start + 1.1 * number
        probe = datagram(SCANNER, 44_100, server, port, b"")
        packets.append((at, probe))
        if number % 3 == 0:  # the refusal of the first try fell under the limit
            packets.append((at + 0.8, datagram(SCANNER, 44_101, server, port, b"")))
            at += 0.8
        packets.append((at + 0.0005, icmp_error(server, SCANNER, 3, probe)))
    return packets


def arp_scan(start: float) -> list[Timed]:
    """Let a host that was just plugged in ask for every address of the segment, a hundred a second."""
    packets: list[Timed] = arp_asked(NEWCOMER, ROUTER, start=start - 20)
    for number in range(1, 255):
        wanted, at = f"192.168.10.{number}", start + 0.01 * number
        if wanted != NEWCOMER:
            packets.append((at, arp(1, src=NEWCOMER, dst=wanted)))
        if wanted in PRESENT:
            packets.append((at + 0.0006, arp(2, src=wanted, dst=NEWCOMER)))
    return packets


def smb_sweep(start: float) -> list[Timed]:
    """Let a workstation look for shares in both segments: ARP where nobody is, 445 where somebody may be."""
    numbers, ports = dice(3), Ports(3)
    packets: list[Timed] = []
    for number in range(2, 255):
        for step, network in enumerate(("192.168.10", "192.168.20")):
            there, at = f"{network}.{number}", start + 0.12 * number + 0.05 * step + numbers.uniform(0, 0.03)
            ends = (WORM, ports.take(WORM), there, 445)
            if there == WORM:
                continue
            if there == SERVERS["files"]:
                packets += conversation(ends, files([]), start=at, rtt=0.0007)
            elif there in SERVERS.values() or there in {PRINTER, PHONE, *DESKS}:
                packets += refused(ends, start=at)
            elif there in PRESENT or step:
                packets += unanswered(ends, start=at, tries=2)
            else:
                packets += arp_asked(WORM, there, start=at, tries=3)
    return packets


def ssh_guessing(start: float, *, port: int) -> list[Timed]:
    """Four connections at a time, six passwords each, two seconds after each wrong one: 600 guesses."""
    numbers, ports = dice(port), Ports(port)
    packets: list[Timed] = []
    for number in range(100):
        at = start + 3.6 * number + numbers.uniform(0, 1)
        opened = ssh([], number)[:9]  # up to the request for a log-in
        tries: list[Step] = [(0.0, True, b"SSH-2.0-libssh2_1.11.0\r\n"), *opened[1:]]
        for guess in range(6):
            tries += [(0.02, True, noise(96 + 4 * (guess % 3), number)), (2.1, False, noise(52, guess))]
        ends = (GUESSER, ports.take(GUESSER), SERVERS["web"], port)
        packets += conversation(ends, tries, start=at, rtt=0.08, ending="server")
    return packets


def syn_flood(start: float) -> list[Timed]:
    """6,000 SYNs in eight seconds from addresses that do not exist; cookies let the server answer 4,000."""
    numbers = dice(1)
    packets: list[Timed] = []
    for number in range(6_000):
        at, source = start + 8 * number / 6_000, public(numbers.randrange(2**31))
        sport = (1_024 + number) % 65_536
        packets.append((at, segment(source, sport, WEB, 443, SYN, seq=number * 977, window=512, offer=b"")))
        if number % 3:
            answer = segment(WEB, 443, source, sport, SYN | ACK, seq=number, ack=number * 977 + 1)
            packets.append((at + 0.0004, answer))
    return packets


def dns_reflection(start: float) -> list[Timed]:
    """5,000 large answers of 300 open resolvers that nobody asked; the gateway refuses one a second."""
    numbers = dice(2)
    packets: list[Timed] = []
    question = b"\x07example\x03com\0\0\xff\0\x01"
    for number in range(5_000):
        at, resolver = start + 20 * number / 5_000, public(80_000 + numbers.randrange(300))
        records = b"".join(
            b"\xc0\x0c\0\x10\0\x01\0\0\x0e\x10\0\xff\xfe" + noise(254, row) for row in range(5)
        )
        answer = b"\x12\x34\x81\x80\0\x01\0\x05\0\0\0\0" + question + records
        wire = datagram(resolver, 53, PUBLIC, numbers.randrange(1_024, 65_535), answer)
        packets.append((at, wire))
        if number % 250 == 0:
            packets.append((at + 0.0003, icmp_error(PUBLIC, resolver, 3, wire)))
    return packets


def slowloris(start: float) -> list[Timed]:
    """150 connections of one host that begin a request and add a line every 15 seconds, for five minutes."""
    numbers, ports = dice(3), Ports(3)
    packets: list[Timed] = []
    for number in range(150):
        begun = b"GET /?%d HTTP/1.1\r\nHost: www.office.example\r\nUser-Agent: Mozilla/5.0\r\n" % number
        lines = [(15.0, True, b"X-a: %d\r\n" % numbers.randrange(1, 5_000)) for _ in range(19)]
        ends = (SLOW, ports.take(SLOW), WEB, 80)
        steps = [(0.0, True, begun), *lines]
        packets += conversation(ends, steps, start=start + 0.02 * number, rtt=0.05, ending="open")
    return packets


def icmp_tunnel(start: float) -> list[Timed]:
    """Carry a session in pings to one host of the Internet: sizes as it needs them, both ways differ."""
    numbers = dice(1)
    packets: list[Timed] = []
    at = start
    for number in range(1_500):
        at += numbers.choice([0.03, 0.05, 0.2, 0.5])
        asked = noise(numbers.choice([28, 60, 130, 500, 1_050]), number)
        answered = noise(numbers.choice([28, 90, 700, 1_050, 1_050]), number + 1)
        packets.append((at, echo(INSIDER, FAR, 4_711, number, data=b"\xd5\x20\x08\x80" + asked)))
        answer = echo(FAR, INSIDER, 4_711, number, reply=True, data=b"\xd5\x20\x08\x80" + answered)
        packets.append((at + 0.025, answer))
    return packets


def between(quiet: list[Timed], *, start: float, end: float) -> list[Timed]:
    """Return the office while a host claims, every two seconds, to be the router and the victim.

    What the victim and the router send each other goes to the liar first, who sends it on: it is seen twice.
    """
    victim, router, liar = (
        bytes.fromhex(mac.replace(":", "")) for mac in (mac_of(VICTIM), mac_of(ROUTER), LIAR)
    )
    packets: list[Timed] = []
    for time, frame in quiet:
        pair = frame[:6], frame[6:12]
        if (
            start < time < end
            and pair in {(victim, router), (router, victim)}
            and frame[12:14] == b"\x08\x00"
        ):
            first, second = liar + frame[6:], frame[:6] + liar + frame[12:]
            packets += [(time, first), (time + 0.0002, _one_hop_later(second))]
        else:
            packets.append((time, frame))
    for turn in range(int((end - start) / 2)):
        packets.append((start + 2 * turn, arp(2, src=ROUTER, dst=VICTIM, src_mac=LIAR)))
        packets.append((start + 2 * turn + 0.001, arp(2, src=VICTIM, dst=ROUTER, src_mac=LIAR)))
    return sorted(packets, key=lambda packet: packet[0])


def _one_hop_later(frame: bytes) -> bytes:
    head = bytearray(frame[14:34])
    head[8] -= 1
    head[10:12] = b"\0\0"
    head[10:12] = struct.pack("!H", checksum(bytes(head)))
    return frame[:14] + bytes(head) + frame[34:]
