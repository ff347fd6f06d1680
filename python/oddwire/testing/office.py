"""An office on an ordinary day: 23 hosts in two segments, a router, the Internet; attacks can hide in it."""

from random import Random

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, refused, unanswered
from oddwire.testing.media import quic, rtp_call, sip_turn
from oddwire.testing.names import (
    arp_asked,
    dhcp_renewal,
    lookup,
    mdns_question,
    names_of_a_page,
    netbios_question,
    ntp_poll,
    ping,
    public,
    ssdp_search,
)
from oddwire.testing.services import (
    Page,
    database,
    files,
    http,
    ldap,
    mail_out,
    mailbox,
    snmp_poll,
    ssh,
    syslog,
    tls,
)
from oddwire.testing.wire import dice, noise, seen_from

__all__ = ["ROUTER", "SEGMENTS", "SERVERS", "WORKSTATIONS", "browse", "directory_logon", "monitor", "office"]

WORKSTATIONS = [f"192.168.10.{host}" for host in range(100, 112)]
DESKS = ["192.168.10.21", "192.168.10.22"]  # they run Linux
PRINTER, PHONE = "192.168.10.9", "192.168.10.31"
SERVERS = {
    "directory": "192.168.20.2",
    "files": "192.168.20.3",
    "mail": "192.168.20.4",
    "web": "192.168.20.5",
    "database": "192.168.20.6",
    "monitor": "192.168.20.7",
    "backup": "192.168.20.8",
}
ROUTER, BEYOND = "192.168.10.1", "192.168.20.1"
SEGMENTS = (("192.168.10.0/24", ROUTER), ("192.168.20.0/24", BEYOND))
BROADCAST = "192.168.10.255"
WRONG_NAMES, PRINTS = 0.3, 0.4  # the shares of page loads and of hosts
HTTP = 80
# What the monitoring server asks each server for.
CHECKED = {"directory": (53, 389), "files": (445,), "mail": (25, 993), "web": (80, 443), "database": (5_432,)}


def office(*, begin: float, seconds: float = 900.0, seed: int = 1) -> list[Timed]:
    """Return what the mirror port of the office's switch sees."""
    numbers, ports = dice(seed), Ports(seed)
    packets: list[Timed] = []
    for host in [*WORKSTATIONS, *DESKS]:
        packets += _desk(host, numbers, ports, begin, seconds)
    for minute in range(int(seconds // 60)):
        packets += monitor(SERVERS["monitor"], CHECKED, ports, start=begin + 60 * minute + 4)
    packets += _services(numbers, ports, begin, seconds)
    packets += _phone(numbers, begin)
    packets += _segment(numbers, begin, seconds)
    return [packet for packet in seen_from(packets, *SEGMENTS) if packet[0] < begin + seconds]


def browse(
    host: str, resolver: str, numbers: Random, ports: Ports, *, start: float, site: int
) -> list[Timed]:
    """Return the loading of a web page: its names, its hosts, three or so connections to each."""
    packets: list[Timed] = []
    for number, name in enumerate(names_of_a_page(numbers, site)):
        at = start + 0.12 * number
        address = public(sum(name.encode()) * 31 + len(name))
        rtt = 0.008 + sum(name.encode()) % 60 / 1_000
        for kind in ("A", "AAAA", "HTTPS")[: numbers.randrange(2, 4)]:
            answers = [address] if kind == "A" else []
            packets += lookup(host, ports.take(host), resolver, name, answers, start=at, kind=kind)
        for _ in range(numbers.randrange(1, 3)):
            pages: list[Page] = [
                (numbers.expovariate(2), numbers.randrange(80, 700), int(numbers.lognormvariate(8.2, 1.2)))
                for _ in range(numbers.randrange(1, 4))
            ]
            ends = (host, ports.take(host), address, 443)
            ending = numbers.choice(["fin", "fin", "server", "rst", "open"])
            steps = tls(name, pages, numbers.randrange(1_000))
            packets += conversation(ends, steps, start=at + 0.03, rtt=rtt, ending=ending)
    return packets


def directory_logon(host: str, directory: str, ports: Ports, *, start: float) -> list[Timed]:
    """Return a log-on to a domain: names, Kerberos, LDAP, RPC and its high port, SMB: eight ports."""
    packets: list[Timed] = []
    for number, kind in enumerate(("SRV", "A", "SRV")):
        name = "_ldap._tcp.dc._msdcs.office.example"
        packets += lookup(host, ports.take(host), directory, name, start=start + 0.01 * number, kind=kind)
    talks = [
        (88, 2, [(0.0, True, noise(290)), (0.003, False, noise(230))]),
        (88, 2, [(0.0, True, noise(380)), (0.003, False, noise(1_640))]),
        (389, 3, ldap(4)),
        (135, 1, [(0.0, True, noise(160)), (0.002, False, noise(108)), (0.01, True, noise(156))]),
        (49_668, 5, [(0.0, True, noise(1_900)), (0.01, False, noise(740)), (0.2, True, noise(300))]),
        (445, 8, files([(0.05, 180, 3_000), (0.1, 160, 9_000)])),
        (3_268, 1, ldap(1)),
        (464, 1, [(0.0, True, noise(1_200)), (0.02, False, noise(160))]),
    ]
    for number, (port, _, steps) in enumerate(talks):
        ends = (host, ports.take(host), directory, port)
        packets += conversation(ends, steps, start=start + 0.05 + 0.07 * number, rtt=0.0008)
    return packets + ntp_poll(host, 123, directory, start=start + 1, rtt=0.001)


def monitor(server: str, checked: dict[str, tuple[int, ...]], ports: Ports, *, start: float) -> list[Timed]:
    """Return one round of checks: a ping, a connection to each service, a counter over SNMP."""
    packets: list[Timed] = []
    for number, (role, services) in enumerate(checked.items()):
        at, there = start + 0.31 * number, SERVERS[role]
        packets += ping(server, there, start=at)
        for service in services:
            steps = [] if service != HTTP else http("web", [(0.0, 120, 600)], path="/health")
            ends = (server, ports.take(server), there, service)
            packets += conversation(ends, steps, start=at + 0.02, rtt=0.0004)
        packets += snmp_poll(server, ports.take(server), there, start=at + 0.05)
    return packets


def _desk(host: str, numbers: Random, ports: Ports, begin: float, seconds: float) -> list[Timed]:
    directory, end = SERVERS["directory"], begin + seconds - 5
    packets: list[Timed] = []
    time = begin + numbers.uniform(1, 90)
    if host in WORKSTATIONS:
        packets += directory_logon(host, directory, ports, start=time)
        shares: list[Page] = [
            (numbers.expovariate(1 / 12), numbers.randrange(120, 2_000), numbers.randrange(200, 30_000))
            for _ in range(numbers.randrange(5, 15))
        ]
        ends = (host, ports.take(host), SERVERS["files"], 445)
        packets += conversation(ends, files(shares), start=time + 4, rtt=0.0007, ending="open")
    while time < end:
        site = numbers.randrange(120)
        packets += browse(host, directory, numbers, ports, start=time, site=site)
        if numbers.random() < WRONG_NAMES:
            name = f"wpad{numbers.randrange(4)}.office.example"
            packets += lookup(host, ports.take(host), directory, name, start=time + 2, missing=True)
        time += 20 + numbers.expovariate(1 / 330)
    for turn in range(int(seconds // 180)):
        at = begin + 180 * turn + numbers.uniform(0, 90)
        ends = (host, ports.take(host), SERVERS["mail"], 993)
        packets += conversation(ends, tls("mail.office.example", mailbox(3)), start=at, rtt=0.0007)
    if numbers.random() < PRINTS:
        ends = (host, ports.take(host), PRINTER, 9_100)
        steps = [(0.1, True, noise(numbers.randrange(30_000, 90_000))), (0.2, False, b"OK\r\n")]
        packets += conversation(ends, steps, start=begin + numbers.uniform(60, 600), rtt=0.0006)
    return packets


def _services(numbers: Random, ports: Ports, begin: float, seconds: float) -> list[Timed]:
    web, mail, backup = SERVERS["web"], SERVERS["mail"], SERVERS["backup"]
    packets: list[Timed] = []
    for visitor in range(int(seconds // 9)):
        at, there = begin + 9 * visitor + numbers.uniform(0, 9), public(5_000 + numbers.randrange(60))
        pages: list[Page] = [(numbers.expovariate(1), 400, numbers.randrange(900, 20_000)) for _ in range(3)]
        ends = (there, ports.take(there), web, 443)
        packets += conversation(ends, tls("www.office.example", pages, visitor), start=at, rtt=0.04)
    ends = (web, ports.take(web), SERVERS["database"], 5_432)
    packets += conversation(ends, database(100, numbers), start=begin + 3, rtt=0.0004, ending="open")
    for number in range(int(seconds // 100)):
        at, there = begin + 100 * number + numbers.uniform(0, 80), public(7_000 + number)
        packets += lookup(mail, ports.take(mail), SERVERS["directory"], f"mx{number}.net", [there], start=at)
        steps = mail_out("mail.office.example", numbers.randrange(2_000, 40_000))
        packets += conversation((mail, ports.take(mail), there, 25), steps, start=at + 0.1, rtt=0.05)
        theirs = (there, ports.take(there), mail, 25)
        packets += conversation(theirs, steps, start=at + 40, rtt=0.05)
    packets += unanswered((mail, ports.take(mail), public(7_777), 25), start=begin + 200)
    copied: list[Page] = [(0.5, 60_000, 400) for _ in range(12)]
    ends = (SERVERS["files"], ports.take(SERVERS["files"]), backup, 22)
    return packets + conversation(ends, ssh(copied), start=begin + 300, rtt=0.0005)


def _phone(numbers: Random, begin: float) -> list[Timed]:
    provider = public(9_001)
    packets: list[Timed] = []
    for number in range(10):
        packets += sip_turn(PHONE, provider, "OPTIONS", start=begin + 30 + 60 * number)
    packets += sip_turn(PHONE, provider, "INVITE", start=begin + 412)
    call = rtp_call((PHONE, 11_780, provider, 18_422), start=begin + 415, seconds=20)
    video = quic((DESKS[0], 50_122, public(9_100), 443), [(0.2, 90, 400_000)] * 2, start=begin + 500)
    return packets + call + video + ntp_poll(PHONE, 123, public(numbers.randrange(50)), start=begin + 20)


def _segment(numbers: Random, begin: float, seconds: float) -> list[Timed]:
    """Return the murmur of a segment: ARP, names, searches, renewals, logs, an old printer."""
    packets: list[Timed] = []
    everybody = [*WORKSTATIONS, *DESKS, PRINTER, PHONE]
    for host in everybody:
        first = begin + numbers.uniform(0, 60)
        for number in range(int(seconds // 120)):
            packets += arp_asked(host, ROUTER, start=first + 120 * number)
            packets += arp_asked(ROUTER, host, start=first + 120 * number + 33)
        packets += dhcp_renewal(host, ROUTER, start=begin + numbers.uniform(0, seconds))
        packets += mdns_question(host, "_ipp._tcp.local", start=begin + numbers.uniform(0, seconds))
        packets += syslog(host, SERVERS["monitor"], f"cron[{numbers.randrange(9_999)}]: done", start=first)
    for host in WORKSTATIONS:
        at = begin + numbers.uniform(0, seconds)
        packets += netbios_question(host, f"OLDSRV{numbers.randrange(3)}", start=at, broadcast=BROADCAST)
        packets += ssdp_search(host, 52_000, [PRINTER], start=begin + numbers.uniform(0, seconds))
    packets += arp_asked(WORKSTATIONS[3], "192.168.10.77", start=begin + 222, tries=6)
    closed = (WORKSTATIONS[5], 51_801, PRINTER, 80)
    return packets + refused(closed, start=begin + 333) + refused(closed, start=begin + 340)
