"""An uninvited guest in the small office of the demo: it looks round, finds the file server, and guesses."""

import random

from oddwire.testing.capture import Timed
from oddwire.testing.demo import BEGIN, FILES, WORKSTATIONS, demo_packets
from oddwire.testing.dialogue import Dialogue, hammer
from oddwire.testing.packets import arp
from oddwire.testing.scans import TOP_100, Victim, scan_tcp
from oddwire.testing.ssh_sessions import guess

__all__ = ["GUEST", "guest_packets", "visited_packets"]

GUEST = "192.168.10.66"
ARP_AT, SCAN_AT, GUESS_AT = BEGIN + 180, BEGIN + 205, BEGIN + 240
GUESSES, TASKS = 60, 4


def visited_packets() -> list[Timed]:
    """Return the ten minutes of the office with the guest in it."""
    return demo_packets() + guest_packets()


def guest_packets(seed: int = 7) -> list[Timed]:
    """Return what the guest does: it asks for everybody, tries ports of the file server, and guesses."""
    dice = random.Random(seed)  # noqa: S311  # made traffic, the same every time
    return _looking_round() + _trying_ports(dice) + _guessing(dice)


def _looking_round() -> list[Timed]:
    packets: list[Timed] = []
    present = {FILES, *WORKSTATIONS}
    for number in range(1, 255):
        wanted, at = f"192.168.10.{number}", ARP_AT + 0.01 * number
        packets.append((at, arp(1, src=GUEST, dst=wanted)))
        if wanted in present:
            packets.append((at + 0.0006, arp(2, src=wanted, dst=GUEST)))
    return packets


def _trying_ports(dice: random.Random) -> list[Timed]:
    server = Victim(ip=FILES, open=frozenset({22, 139, 445}))
    ports = sorted(TOP_100)
    dice.shuffle(ports)
    return scan_tcp(GUEST, server, ports, start=SCAN_AT, gap=0.02, dice=dice)


def _guessing(dice: random.Random) -> list[Timed]:
    def connect(time: float, port: int) -> Dialogue:
        talk = Dialogue(client=GUEST, cport=port, server=FILES, sport=22, start=time, dice=dice)
        return guess(talk, attempts=3)

    return hammer(dice, connect, GUESSES, start=GUESS_AT, tasks=TASKS)
