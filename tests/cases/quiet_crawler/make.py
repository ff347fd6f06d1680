"""A crawler visits many hosts: dead ones, refusing ones, slow ones, always on the ports of the web."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, refused, unanswered
from oddwire.testing.names import lookup, public
from oddwire.testing.services import Page, http, tls
from oddwire.testing.wire import dice, seen_from

BEGIN = 1_700_040_000.0
CRAWLER, PLACE = "10.20.0.44", ("10.20.0.0/24", "10.20.0.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "many-sites", seen_from(_many_sites(), PLACE)
    yield "one-site", seen_from(_one_site(), PLACE)


def _many_sites() -> list[Timed]:
    """260 sites in ten minutes: a name, then 80, then 443; one in nine is dead, one in fourteen refuses."""
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    for number in range(260):
        at, site = BEGIN + 2.3 * number + numbers.uniform(0, 2), public(3_000 + number)
        name = f"www.shop{number}.example"
        packets += lookup(CRAWLER, ports.take(CRAWLER), "10.20.0.2", name, [site], start=at)
        plain = (CRAWLER, ports.take(CRAWLER), site, 80)
        secure = (CRAWLER, ports.take(CRAWLER), site, 443)
        if number % 9 == 4:
            packets += unanswered(plain, start=at + 0.1, tries=4) + unanswered(
                secure, start=at + 0.2, tries=4
            )
            continue
        if number % 14 == 3:
            packets += refused(plain, start=at + 0.1, rtt=0.06) + refused(secure, start=at + 0.3, rtt=0.06)
            continue
        moved = http(name, [(0.0, 160, 180)], path="/robots.txt", status="301 Moved Permanently")
        packets += conversation(plain, moved, start=at + 0.1, rtt=numbers.uniform(0.01, 0.2))
        pages: list[Page] = [
            (0.2, 300, numbers.randrange(2_000, 40_000)) for _ in range(numbers.randrange(1, 4))
        ]
        talk = tls(name, pages, number)
        packets += conversation(secure, talk, start=at + 0.7, rtt=numbers.uniform(0.01, 0.2))
    return packets


def _one_site() -> list[Timed]:
    """A link checker asks one site for 400 pages, a connection each; many are not found."""
    numbers, ports = dice(2), Ports(2)
    packets: list[Timed] = []
    at, site = BEGIN, public(77)
    for number in range(400):
        at += numbers.uniform(0.2, 0.9)
        status = "404 Not Found" if number % 5 == 0 else "200 OK"
        page = http("www.shop.example", [(0.0, 170, 700 + number)], path=f"/item/{number}", status=status)
        packets += conversation((CRAWLER, ports.take(CRAWLER), site, 80), page, start=at, rtt=0.03)
    return packets
