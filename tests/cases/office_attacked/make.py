"""An office on an ordinary day, and in each capture one attack that hides in it."""

from collections.abc import Iterator

from oddwire.testing import office_attacks
from oddwire.testing.capture import Timed
from oddwire.testing.office import SEGMENTS, office
from oddwire.testing.wire import seen_from

BEGIN = 1_701_200_000.0
UPLINK = ("203.0.113.16/29", "203.0.113.17")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    quiet = office(begin=BEGIN, seed=41)
    for name, attack in (
        ("slow-syn-scan", office_attacks.slow_syn_scan(BEGIN + 30)),
        ("udp-scan", office_attacks.udp_scan(BEGIN + 200)),
        ("arp-scan", office_attacks.arp_scan(BEGIN + 400)),
        ("smb-sweep", office_attacks.smb_sweep(BEGIN + 300)),
        ("ssh-guessing", office_attacks.ssh_guessing(BEGIN + 100, port=22)),
        ("ssh-guessing-2222", office_attacks.ssh_guessing(BEGIN + 250, port=2_222)),
        ("syn-flood", office_attacks.syn_flood(BEGIN + 500)),
        ("dns-reflection", office_attacks.dns_reflection(BEGIN + 600)),
        ("slowloris", office_attacks.slowloris(BEGIN + 300)),
        ("icmp-tunnel", office_attacks.icmp_tunnel(BEGIN + 350)),
    ):
        yield name, _merged(quiet, seen_from(attack, *SEGMENTS, UPLINK))
    yield "arp-spoofing", office_attacks.between(quiet, start=BEGIN + 300, end=BEGIN + 700)


def _merged(quiet: list[Timed], attack: list[Timed]) -> list[Timed]:
    return sorted(quiet + attack, key=lambda packet: packet[0])
