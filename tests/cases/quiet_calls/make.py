"""Calls: many candidates tried, few that work, then sound and pictures at a steady pace."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation
from oddwire.testing.media import hole_punching, rtp_call, sip_turn, stun_check
from oddwire.testing.names import public
from oddwire.testing.services import tls
from oddwire.testing.wire import dice, seen_from

BEGIN = 1_700_080_000.0
HOST, PLACE = "192.168.10.104", ("192.168.10.0/24", "192.168.10.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "candidates", seen_from(_candidates(), PLACE)
    yield "telephones", seen_from(_telephones(), PLACE)
    yield "conference", seen_from(_conference(), PLACE)


def _candidates() -> list[Timed]:
    """Two calls between peers: 60 candidates each on random ports, private ones among them."""
    numbers = dice(1)
    packets: list[Timed] = []
    for turn in range(2):
        start = BEGIN + 200 * turn
        packets += hole_punching(HOST, 50_004 + turn, numbers, start=start)
        ends = (HOST, 50_004 + turn, public(600 + turn), 41_000 + turn)
        packets += rtp_call(ends, start=start + 3, seconds=60, size=90, kind=111)
    return packets


def _telephones() -> list[Timed]:
    """Six telephones register at an exchange each minute; three calls go on at once."""
    exchange, packets = "192.168.20.11", []
    for number in range(6):
        phone = f"192.168.10.{31 + number}"
        for turn in range(15):
            at = BEGIN + 60 * turn + 7 * number
            refusal = sip_turn(phone, exchange, "REGISTER", start=at, answer="401 Unauthorized")
            packets += refusal + sip_turn(phone, exchange, "REGISTER", start=at + 0.05)
            packets += sip_turn(phone, exchange, "OPTIONS", start=at + 30)
        if number < 3:
            packets += sip_turn(phone, exchange, "INVITE", start=BEGIN + 100 + number)
            ends = (phone, 11_780 + 2 * number, exchange, 18_000 + 2 * number)
            packets += rtp_call(ends, start=BEGIN + 101 + number, seconds=40)
    return packets


def _conference() -> list[Timed]:
    """A video conference: eight relays measured on four ports each, then one stream of pictures both ways."""
    ports, packets = Ports(3), []
    for relay in range(8):
        for port in (3_478, 3_479, 3_480, 3_481):
            ends = (HOST, 50_020, public(700 + relay), port)
            packets += stun_check(
                ends, relay, start=BEGIN + relay / 50, dead=relay in {5, 6} and port != 3_478
            )
    ends = (HOST, ports.take(HOST), public(700), 443)
    packets += conversation(ends, tls("meet.example", [(0.2, 900, 4_000)] * 6), start=BEGIN - 2)
    pictures = (HOST, 50_022, public(700), 3_481)
    sound = (HOST, 50_020, public(700), 3_479)
    packets += rtp_call(pictures, start=BEGIN + 4, seconds=40, every=0.006, size=1_050, kind=107)
    return packets + rtp_call(sound, start=BEGIN + 4, seconds=40, size=100, kind=111)
