"""What looks like a scan for a moment and is none: many hosts or ports at once, for ordinary reasons."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, Step, conversation, refused, stray_reset, unanswered
from oddwire.testing.media import sip_turn
from oddwire.testing.names import arp_asked, lookup, mdns_question, netbios_question, ntp_poll, public
from oddwire.testing.office import browse, directory_logon
from oddwire.testing.services import http, mail_out, tls
from oddwire.testing.wire import datagram, dice, noise, seen_from

BEGIN = 1_700_800_000.0
HOST, PLACE = "192.168.10.104", ("192.168.10.0/24", "192.168.10.1")
RESOLVER, DIRECTORY = "192.168.20.2", "192.168.20.2"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "forty-tabs", seen_from(_tabs(), PLACE)
    yield "captive-portal", seen_from(_captive(), PLACE)
    yield "mail-deliveries", seen_from(_deliveries(), ("192.168.20.0/24", "192.168.20.1"))
    yield "vpn-is-down", seen_from(_vpn_down(), PLACE)
    yield "where-is-the-printer", seen_from(_printers(), PLACE)
    yield "bursts-of-names", seen_from(_names(), PLACE)
    yield "everybody-logs-on", seen_from(_logons(), PLACE)
    yield "telephone-starts", seen_from(_telephone(), PLACE)
    yield "back-from-sleep", seen_from(_wakes(), PLACE)
    yield "five-ports-once", seen_from(_five_ports(), PLACE)


def _tabs() -> list[Timed]:
    """A browser opens with its forty tabs: 150 hosts on 443 within ten seconds."""
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    for tab in range(40):
        packets += browse(HOST, RESOLVER, numbers, ports, start=BEGIN + 0.22 * tab, site=500 + tab)
    return packets


def _captive() -> list[Timed]:
    """A guest's network answers every web request itself until the guest agrees; all else is dropped."""
    ports, packets = Ports(2), []
    for turn in range(25):
        at = BEGIN + 4 * turn
        site = public(410 + turn % 5)
        packets += lookup(
            HOST, ports.take(HOST), "192.168.10.1", f"check{turn % 5}.example", [site], start=at
        )
        moved = http("check.example", [(0.0, 120, 90)], path="/generate_204", status="302 Found")
        packets += conversation((HOST, ports.take(HOST), site, 80), moved, start=at + 0.1, rtt=0.002)
        for number in range(3):
            there = public(430 + (3 * turn + number) % 40)
            packets += unanswered((HOST, ports.take(HOST), there, 443), start=at + 0.3 + number, tries=3)
    return packets


def _deliveries() -> list[Timed]:
    """A newsletter for 200 domains: half of the mail servers do not answer, and are tried again later."""
    mail, numbers, ports = "192.168.20.4", dice(3), Ports(3)
    packets: list[Timed] = []
    for number in range(200):
        at, there = BEGIN + 0.4 * number, public(11_000 + number)
        packets += lookup(mail, ports.take(mail), RESOLVER, f"d{number}.example", kind="MX", start=at)
        for turn in (0, 300):
            ends = (mail, ports.take(mail), there, 25)
            if number % 2:
                packets += unanswered(ends, start=at + 0.1 + turn, tries=5)
            elif not turn:
                steps = mail_out("mail.office.example", numbers.randrange(4_000, 20_000))
                packets += conversation(ends, steps, start=at + 0.1, rtt=numbers.uniform(0.01, 0.1))
    return packets


def _vpn_down() -> list[Timed]:
    """A client tries its ten servers in turn, over UDP and TCP on its three ports, for ten minutes."""
    ports, packets = Ports(4), []
    for turn in range(10):
        for number in range(10):
            at, there = BEGIN + 60 * turn + 5.5 * number, public(12_000 + number)
            wire = datagram(HOST, 51_000 + turn, there, 1_194, b"\x38" + noise(8, number) + b"\0" * 5)
            packets += [(at + after, wire) for after in (0, 1, 2)]
            for step, port in enumerate((443, 1_194)):
                packets += unanswered((HOST, ports.take(HOST), there, port), start=at + 2 + step, tries=2)
    return packets


def _printers() -> list[Timed]:
    """Windows looks for its six printers: two print, two refuse, two are gone; SNMP and three ports each."""
    ports, packets = Ports(5), []
    for turn in range(5):
        for number in range(6):
            printer, at = f"192.168.10.{200 + number}", BEGIN + 60 * turn + 0.5 * number
            if number > 3:
                packets += arp_asked(HOST, printer, start=at, tries=3)
                continue
            packets += arp_asked(HOST, printer, start=at)
            for step, port in enumerate((9_100, 631, 515)):
                ends, start = (HOST, ports.take(HOST), printer, port), at + 0.1 + 0.03 * step
                if number > 1 or port == 515:
                    packets += refused(ends, start=start)
                else:
                    said: list[Step] = [(0.1, True, b"\x1b%-12345X@PJL\r\n")] if port == 9_100 else []
                    packets += conversation(ends, said, start=start, rtt=0.001)
    return packets


def _names() -> list[Timed]:
    """Twelve hosts start at once and ask everybody for the names of their drives."""
    packets: list[Timed] = []
    for host in range(100, 112):
        for number in range(8):
            at, name = BEGIN + 0.7 * number + host / 100, f"SERVER{number}"
            source = f"192.168.10.{host}"
            packets += netbios_question(source, name, start=at, broadcast="192.168.10.255")
            packets += mdns_question(source, f"{name}.local", start=at + 0.1)
    return packets


def _logons() -> list[Timed]:
    """Forty workstations log on within a minute: eight ports of one host each, again and again."""
    ports, packets = Ports(6), []
    for number in range(40):
        packets += directory_logon(f"192.168.10.{100 + number}", DIRECTORY, ports, start=BEGIN + 1.4 * number)
    return packets


def _telephone() -> list[Timed]:
    """A telephone starts: names, time, its configuration from four places, two of which are missing."""
    phone, ports = "192.168.10.31", Ports(7)
    packets = ntp_poll(phone, 123, public(40), start=BEGIN + 3)
    for number, port in enumerate((443, 80, 6_970, 69)):
        name, ends = f"boot{number}.office.example", (phone, ports.take(phone), "192.168.20.11", port)
        packets += lookup(phone, ports.take(phone), RESOLVER, name, start=BEGIN + number, missing=number > 1)
        if number < 2:
            packets += refused(ends, start=BEGIN + number + 0.1)
        elif port != 69:
            packets += conversation(ends, http("boot", [(0.0, 120, 9_000)]), start=BEGIN + 4, rtt=0.001)
        else:
            wire = datagram(phone, 2_050, "192.168.20.11", 69, b"\0\1phone.cnf\0octet\0")
            packets += [(BEGIN + 5 + turn, wire) for turn in range(4)]
    for turn in range(6):
        packets += sip_turn(
            phone, "192.168.20.11", "REGISTER", start=BEGIN + 10 + turn, answer="401 Unauthorized"
        )
    return packets


def _wakes() -> list[Timed]:
    """A host comes back: 60 old connections are answered with resets, then all are opened again."""
    numbers, ports = dice(8), Ports(8)
    packets: list[Timed] = arp_asked(HOST, "192.168.10.1", start=BEGIN)
    for number in range(60):
        port = 443 if number % 4 else numbers.choice([993, 5_223, 445, 8_443])
        there, at = public(13_000 + number // 2), BEGIN + 0.2 + 0.01 * number
        ends = (HOST, ports.take(HOST), there, port)
        packets += stray_reset(ends, b"\x17\x03\x03\0\x20" + noise(32), start=at)
        again = (HOST, ports.take(HOST), there, port)
        page = tls(f"host{number}.example", [(0.1, 200, 3_000)], number)
        if number % 9 == 4:
            packets += unanswered(again, start=at + 1, tries=3)
        else:
            packets += conversation(again, page, start=at + 1, rtt=0.03)
    return packets


def _five_ports() -> list[Timed]:
    """Somebody looks by hand which of five usual ports a new machine serves: no scan."""
    packets: list[Timed] = []
    for number, port in enumerate((22, 80, 443, 8_080, 8_443)):
        ends = ("192.168.10.22", 40_500 + number, "192.168.20.40", port)
        try_it = refused if port > 443 else conversation_opened
        packets += try_it(ends, start=BEGIN + 4.5 * number)
    return packets


def conversation_opened(ends: tuple[str, int, str, int], *, start: float) -> list[Timed]:
    """A connection that is opened, looked at, and closed."""
    return conversation(ends, [], start=start, rtt=0.001)
