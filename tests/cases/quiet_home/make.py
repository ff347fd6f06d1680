"""A home as its router sees it: telephones, televisions, consoles, loudspeakers, a printer."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, unanswered
from oddwire.testing.media import quic, rtp_call, stun_check
from oddwire.testing.names import (
    arp_asked,
    dhcp_renewal,
    lookup,
    mdns_question,
    ntp_poll,
    public,
    ssdp_search,
)
from oddwire.testing.office import browse
from oddwire.testing.services import Page, http, tls
from oddwire.testing.wire import datagram, dice, noise, seen_from

BEGIN = 1_700_500_000.0
ROUTER, PLACE = "192.168.1.1", ("192.168.1.0/24", "192.168.1.1")
TELEVISION, CONSOLE, SPEAKERS = (
    "192.168.1.60",
    "192.168.1.61",
    ["192.168.1.70", "192.168.1.71", "192.168.1.72"],
)
PHONES, LAPTOP = ["192.168.1.40", "192.168.1.41", "192.168.1.42"], "192.168.1.120"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "evening", seen_from(_phones() + _television() + _console() + _loudspeakers(), PLACE)
    yield "names-that-are-blocked", seen_from(_blocked(), PLACE)


def _phones() -> list[Timed]:
    """Telephones and a laptop: pages, waiting connections for messages, a renewal, ARP."""
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    for number, phone in enumerate([*PHONES, LAPTOP]):
        packets += dhcp_renewal(phone, ROUTER, start=BEGIN + 40 * number)
        for turn in range(7):
            at = BEGIN + 80 * turn + numbers.uniform(0, 60)
            packets += browse(phone, ROUTER, numbers, ports, start=at, site=numbers.randrange(80))
            packets += arp_asked(phone, ROUTER, start=at + 30)
        waiting: list[Page] = [(90.0, 40, 40) for _ in range(6)]
        ends = (phone, ports.take(phone), public(200 + number), 5_228 if number % 2 else 5_223)
        packets += conversation(ends, tls("push.example", waiting), start=BEGIN + number, ending="open")
    return packets


def _television() -> list[Timed]:
    """A channel over multicast, a film over QUIC, adverts, the time."""
    packets: list[Timed] = []
    for number in range(3_500):
        stream = datagram("10.251.0.8", 10_000, "239.35.20.10", 10_000, b"\x47" + noise(1_315, number), ttl=4)
        packets.append((BEGIN + 100 + number * 0.0026, stream))
    film = [(8.0, 90, 300_000)] * 8
    packets += quic((TELEVISION, 44_000, public(210), 443), film, start=BEGIN + 200)
    return packets + ntp_poll(TELEVISION, 123, public(211), start=BEGIN + 2)


def _console() -> list[Timed]:
    """A game: which servers are near (pings over UDP to 24 of them), then 30 packets a second both ways."""
    packets: list[Timed] = []
    for number in range(24):
        ends = (CONSOLE, 9_308, public(220 + number), 10_010 + number)
        packets += stun_check(ends, number, start=BEGIN + 50 + 0.03 * number, dead=number % 6 == 5)
    game = (CONSOLE, 9_308, public(225), 10_015)
    packets += rtp_call(game, start=BEGIN + 60, seconds=60, every=0.033, size=120, kind=33)
    friends = [(CONSOLE, 9_308, public(260 + number), 9_308) for number in range(9)]
    for number, ends in enumerate(friends):
        packets += stun_check(ends, number, start=BEGIN + 58, dead=number % 2 == 0)
    return packets


def _loudspeakers() -> list[Timed]:
    """Discovery: every device searches, all answer, each is asked for its description; one was sold."""
    ports, packets = Ports(5), []
    everything = [TELEVISION, *SPEAKERS]
    for number, host in enumerate([*PHONES, LAPTOP]):
        at = BEGIN + 75 * number
        packets += ssdp_search(host, 50_000 + number, everything, start=at)
        packets += mdns_question(host, "_googlecast._tcp.local", start=at + 5)
        packets += mdns_question(host, "_sonos._tcp.local", start=at + 6)
        for step, device in enumerate(everything):
            for port in (8_008, 1_400):
                ends = (host, ports.take(host), device, port)
                page = http(device, [(0.0, 150, 1_800)], path="/d.xml")
                packets += conversation(ends, page, start=at + 1 + 0.1 * step, rtt=0.003)
        packets += unanswered((host, ports.take(host), "192.168.1.99", 8_009), start=at + 3, tries=2)
    return packets


def _blocked() -> list[Timed]:
    """A television asks for names that its owner blocks: the same five, 900 times."""
    numbers, ports = dice(6), Ports(6)
    packets: list[Timed] = []
    for number in range(900):
        name = f"{('log', 'ads', 'events', 'scribe', 'config')[number % 5]}.maker.example"
        at, port = BEGIN + number + numbers.uniform(0, 0.5), ports.take(TELEVISION)
        packets += lookup(TELEVISION, port, "192.168.1.53", name, start=at, missing=True, rtt=0.001)
    return packets
