"""UDP port scans, and unreachable ports that nobody scanned."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import udp, unreachable
from oddwire.testing.scans import Victim, scan_udp
from oddwire.testing.wrapping import mixed

BEGIN, AT = 1_700_000_000.0, 1_700_000_010.0
SCANNER, TARGET = "10.0.0.5", "10.0.0.9"
USUAL = [53, 67, 68, 69, 111, 123, 135, 137, 138, 139, 161, 162, 445, 500, 514, 520, 631, 1434, 1900, 4500]
LINUX = Victim(ip=TARGET, open=frozenset({53, 123, 161}))
WALLED = Victim(ip=TARGET, open=frozenset({53}), rest="filtered")


def ports(count: int, seed: int) -> list[int]:
    return USUAL + seeded(seed).sample(range(1_000, 60_000), count - len(USUAL))


def noise(seconds: float = 60) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    dice = seeded(1)
    hundred = scan_udp(SCANNER, LINUX, ports(100, 1), start=AT, gap=0.8, dice=dice)
    yield "closed-rate-limited", mixed(noise(150), hundred)
    fast = scan_udp(SCANNER, LINUX, ports(1_000, 2), start=AT, gap=0.004, dice=dice, answers=100_000)
    yield "closed-all-reported", mixed(fast)
    yield (
        "all-filtered",
        mixed(noise(), scan_udp(SCANNER, WALLED, ports(600, 3), start=AT, gap=0.02, dice=dice)),
    )
    yield (
        "usual-twenty-and-ten",
        mixed(noise(), scan_udp(SCANNER, LINUX, ports(30, 4), start=AT, gap=0.4, dice=dice)),
    )
    yield "late-answers-of-a-resolver", mixed(noise(), late_answers())
    yield "syslog-nobody-takes", mixed(noise(), unheard())


def late_answers() -> list[Timed]:
    """Return a resolver that answers questions which the client has given up: closed ports, all of them."""
    dice, packets = seeded(5), []
    for number in range(60):
        time, port = AT + number * 0.7, dice.randrange(32_768, 60_999)
        question = dice.randbytes(2) + b"\x01\0\0\x01\0\0\0\0\0\0\x04name\x07example\0\0\x01\0\x01"
        answer = udp("10.0.0.2", 53, "10.0.0.8", port, question[:2] + b"\x81\x82" + question[4:])
        packets += [(time, udp("10.0.0.8", port, "10.0.0.2", 53, question)), (time + 5.2, answer)]
        packets.append((time + 5.2004, unreachable("10.0.0.8", answer)))
    return packets


def unheard() -> list[Timed]:
    """Return a host that sends its log to a server where nobody listens: one port, many refusals."""
    packets = []
    for number in range(80):
        line = udp("10.0.0.8", 40_514, "10.0.0.9", 514, b"<30>Nov 14 22:13:20 host daemon: message")
        packets.append((AT + number * 0.5, line))
        if number % 2 == 0:
            packets.append((AT + number * 0.5 + 0.0005, unreachable("10.0.0.9", line)))
    return packets
