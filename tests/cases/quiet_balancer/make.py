"""A reverse proxy before its back ends: every client meets one address, which meets every back end."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, refused
from oddwire.testing.names import public
from oddwire.testing.services import Page, http, tls
from oddwire.testing.wire import dice, seen_from

BEGIN = 1_700_060_000.0
PROXY, PLACE = "10.20.0.80", ("10.20.0.0/24", "10.20.0.1")
BACK_ENDS = [f"10.20.0.{90 + number}" for number in range(6)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "ordinary", seen_from(_served(clients=250, visits=500, seconds=600), PLACE)
    yield "crowd", seen_from(_served(clients=700, visits=800, seconds=25), PLACE)


def _served(*, clients: int, visits: int, seconds: float) -> list[Timed]:
    """Visits, each forwarded to a back end; checks every two seconds; the last back end is not up yet."""
    numbers, ports = dice(visits), Ports(visits)
    packets: list[Timed] = []
    for number in range(visits):
        at, client = BEGIN + numbers.uniform(0, seconds), public(8_000 + numbers.randrange(clients))
        size = numbers.randrange(400, 6_000)
        rtt, page = numbers.uniform(0.01, 0.15), [(0.01, 380, size)]
        ending = numbers.choice(["fin", "server", "open"])
        ends = (client, ports.take(client), PROXY, 443)
        packets += conversation(ends, tls("www.shop.example", page, number), start=at, rtt=rtt, ending=ending)
        inner: list[Page] = [(0.0, 420, size - 60)]
        ends = (PROXY, ports.take(PROXY), BACK_ENDS[number % 5], 8_080)
        packets += conversation(ends, http("shop", inner), start=at + 3 * rtt + 0.01, rtt=0.0005)
    for turn in range(int(seconds / 2)):
        for number, host in enumerate(BACK_ENDS):
            at, ends = BEGIN + 2 * turn + 0.05 * number, (PROXY, ports.take(PROXY), host, 8_080)
            if number == 5:
                packets += refused(ends, start=at)
            else:
                check = http("shop", [(0.0, 90, 20)], path="/health")
                packets += conversation(ends, check, start=at, rtt=0.0005)
    return packets
