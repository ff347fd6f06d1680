"""Developers: packages, images, servers that are still starting, probes of a cluster."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, refused
from oddwire.testing.names import lookup, public
from oddwire.testing.services import Page, http, ssh, tls
from oddwire.testing.wire import dice, seen_from

BEGIN = 1_700_600_000.0
HOST, NODE, PLACE = "10.20.0.51", "10.20.0.60", ("10.20.0.0/24", "10.20.0.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "packages", seen_from(_packages(), PLACE)
    yield "image", seen_from(_image(), PLACE)
    yield "starting-up", seen_from(_starting_up(), PLACE)
    yield "editor-far-away", seen_from(_editor(), PLACE)
    yield "node-and-pods", seen_from(_node(), ("10.20.0.0/24", "10.20.0.1"), ("10.244.1.0/24", "10.244.1.1"))


def _packages() -> list[Timed]:
    """200 connections to one address within a few seconds, some of which are dropped when they are done."""
    numbers, ports = dice(1), Ports(1)
    packets = lookup(HOST, 40_100, "10.20.0.2", "packages.example", [public(400)], start=BEGIN)
    for number in range(200):
        page: list[Page] = [(0.01, 260, numbers.randrange(900, 60_000))]
        ends = (HOST, ports.take(HOST), public(400), 443)
        start, ending = BEGIN + 0.2 + 0.035 * number, numbers.choice(["fin", "rst"])
        packets += conversation(ends, tls("packages.example", page, number), start=start, ending=ending)
    return packets


def _image() -> list[Timed]:
    """An image in six layers at once, of which one is asked for again and again until it is there."""
    ports, packets = Ports(2), []
    for number in range(6):
        layer: list[Page] = [(0.1, 400, 2_500_000 if number == 0 else 700_000)]
        ends = (HOST, ports.take(HOST), public(410), 443)
        packets += conversation(
            ends, tls("images.example", layer, number), start=BEGIN + 0.01 * number, rtt=0.01
        )
    return packets


def _starting_up() -> list[Timed]:
    """A program waits for its database and three helpers, on ports that are closed until they start."""
    ports, packets = Ports(3), []
    for turn in range(120):
        for port, up_after in ((5_432, 80), (6_379, 20), (8_080, 110), (9_092, 100)):
            ends, start = (HOST, ports.take(HOST), "10.20.0.52", port), BEGIN + 0.5 * turn
            if turn < up_after:
                packets += refused(ends, start=start)
            elif turn == up_after:
                packets += conversation(ends, http("db", [(0.2, 90, 900)] * 5), start=start, rtt=0.001)
    return packets


def _editor() -> list[Timed]:
    """An editor that works on another machine: keys as they are typed, three more sessions for its tools."""
    numbers, ports = dice(4), Ports(4)
    packets: list[Timed] = []
    for number in range(4):
        typed: list[Page] = [
            (numbers.expovariate(4), numbers.choice([36, 36, 52, 90]), numbers.choice([36, 52, 300, 4_000]))
            for _ in range(350)
        ]
        ends = (HOST, ports.take(HOST), "10.20.0.53", 22)
        packets += conversation(ends, ssh(typed, number), start=BEGIN + number, rtt=0.001, ending="open")
    return packets


def _node() -> list[Timed]:
    """A node asks 40 pods every ten seconds whether they live; four refuse; names are tried with suffixes."""
    numbers, ports = dice(5), Ports(5)
    packets: list[Timed] = []
    for turn in range(18):
        for number in range(40):
            at, pod = BEGIN + 10 * turn + 0.21 * number, f"10.244.1.{10 + number}"
            ends = (NODE, ports.take(NODE), pod, numbers.choice([8_080, 8_080, 9_090, 3_000]))
            if number % 10 == 6:
                packets += refused(ends, start=at, rtt=0.0002)
            else:
                check = http(pod, [(0.0, 110, 2)], path="/healthz")
                packets += conversation(ends, check, start=at, rtt=0.0002)
        for number in range(12):
            pod, at = f"10.244.1.{10 + number}", BEGIN + 10 * turn + numbers.uniform(0, 9)
            for step, suffix in enumerate(
                (".default.svc.cluster.local", ".svc.cluster.local", ".cluster.local", "")
            ):
                name, port = f"api.maker.example{suffix}", ports.take(pod)
                found = [] if suffix else [public(420)]
                packets += lookup(
                    pod, port, "10.96.0.10", name, found, start=at + step / 500, missing=not found
                )
    return packets
