"""ARP that looks forged and is not: fail-over, new cards, leases that pass on, two cards, roaming."""

import random
import struct
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import in_order, seeded
from oddwire.testing.icmp_messages import raw_ip
from oddwire.testing.office_lan import NOBODY, SITES, Lan, arp_frame, background, mac_bytes, resolve, visit
from oddwire.testing.packets import ethernet, udp
from oddwire.testing.spoofing import announce, probe, relayed, rounds

BEGIN = 1_700_000_000.0
LAN = Lan()
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23, 24, 25)]
REVERSE_ARP = 0x8035
UNSET = "0.0.0.0"  # noqa: S104  # no host binds it here
EVERYONE = "ff:ff:ff:ff:ff:ff"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "vrrp-failover", _vrrp(seeded(21))
    yield "cluster-address-moves", _cluster(seeded(22))
    yield "new-network-card", _new_card(seeded(23))
    yield "lease-passes-on", _lease(seeded(24))
    yield "proxy-arp", _proxy(seeded(25))
    yield "two-cards-answer", _flux(seeded(26))
    yield "balanced-bond", _bond(seeded(27))
    yield "machine-migrates", _migration(seeded(28))
    yield "docking-station", _docking(seeded(29))
    yield "morning-announcements", _morning(seeded(30))
    yield "both-sides-of-router", _both_sides(seeded(31))
    yield "router-announces-itself", _chatty_router(seeded(32))
    yield "wireless-extender", _extender(seeded(33))


def _vrrp(dice: random.Random) -> list[Timed]:
    """The second router takes over: announcements of the virtual hardware address, five at once."""
    virtual, routers = (
        "00:00:5e:00:01:0a",
        {"192.168.1.2": "00:1b:54:aa:00:02", "192.168.1.3": "00:1b:54:aa:00:03"},
    )
    lan, moved = Lan(router_mac=virtual, macs=routers), BEGIN + 150
    packets = background(dice, lan, OFFICE, BEGIN, 300, 30)
    packets = [packet for packet in packets if not moved - 3.5 < packet[0] < moved]
    for number in range(300):
        time, owner = BEGIN + number, "192.168.1.2" if number < 147 else "192.168.1.3"
        if not 147 <= number < 150:
            advert = bytes.fromhex("210a6401000159e6") + bytes([192, 168, 1, 1]) + bytes(8)
            frame = raw_ip(owner, "224.0.0.18", 112, advert, ttl=255)
            packets.append((time, mac_bytes("01:00:5e:00:00:12") + mac_bytes(virtual) + frame[12:]))
    packets += [(moved + turn * 0.000_2, announce(virtual, lan.router)) for turn in range(5)]
    return in_order(packets)


def _cluster(dice: random.Random) -> list[Timed]:
    """Keepalived without virtual hardware address: .100 goes to the other node, and back later."""
    nodes = ["00:50:56:9a:10:11", "00:50:56:9a:10:12"]
    before, after = (Lan(macs={"192.168.1.100": mac}) for mac in nodes)
    packets: list[Timed] = []
    for lan, start, end in ((before, 0, 200), (after, 203, 600), (before, 602, 900)):
        if start:
            again = [BEGIN + start + wait + turn * 0.001 for wait in (0, 5) for turn in range(5)]
            packets += [(time, announce(lan.macs["192.168.1.100"], "192.168.1.100")) for time in again]
        for host in OFFICE:
            for time in rounds(dice, BEGIN + start + dice.uniform(0.1, 20), BEGIN + end - 1, 47):
                packets += resolve(lan, host, "192.168.1.100", time)
                talk = visit(
                    dice, host, dice.randrange(49_152, 65_000), "192.168.1.100", time + 0.01, [900], 0.001
                )
                packets += lan.place(talk)
    return in_order([packet for packet in packets if packet[0] < BEGIN + 900])


def _new_card(dice: random.Random) -> list[Timed]:
    """A host is off for three minutes and comes back with another card."""
    old, new = "00:1e:4f:11:22:33", "a0:36:9f:44:55:66"
    before, after = (Lan(macs={"192.168.1.30": mac}) for mac in (old, new))
    packets = background(dice, before, [*OFFICE, "192.168.1.30"], BEGIN, 200, 25)
    packets += background(dice, before, OFFICE, BEGIN + 200, 180, 25)
    packets += probe(new, "192.168.1.30", BEGIN + 380)
    packets += resolve(after, "192.168.1.30", LAN.router, BEGIN + 388)
    packets += background(dice, after, [*OFFICE, "192.168.1.30"], BEGIN + 390, 200, 25)
    return in_order(packets + resolve(after, LAN.router, "192.168.1.30", BEGIN + 400))


def _lease(dice: random.Random) -> list[Timed]:
    """One laptop gives its address back, another gets it four minutes later."""
    first, second, address = "f0:18:98:01:02:03", "dc:a6:32:0a:0b:0c", "192.168.1.57"
    before, after = (Lan(macs={address: mac}) for mac in (first, second))
    packets = background(dice, before, [*OFFICE[:2], address], BEGIN, 240, 25)
    packets += background(dice, LAN, OFFICE[:2], BEGIN + 240, 240, 25)
    release = udp(address, 68, LAN.router, 67, _dhcp(first, 7, address))
    packets += before.place([(BEGIN + 241, release)])
    for step, kind in enumerate((1, 2, 3, 5)):
        packets.append(
            (BEGIN + 480 + step * 0.02, _asks(second, kind) if kind in {1, 3} else _offers(second, kind))
        )
    packets += probe(second, address, BEGIN + 480.2)
    packets += background(dice, after, [*OFFICE[:2], address], BEGIN + 488, 240, 25)
    return in_order(packets)


def _asks(mac: str, kind: int) -> bytes:
    frame = udp(UNSET, 68, "255.255.255.255", 67, _dhcp(mac, kind, UNSET))
    return mac_bytes(EVERYONE) + mac_bytes(mac) + frame[12:]


def _offers(mac: str, kind: int) -> bytes:
    frame = udp(LAN.router, 67, "255.255.255.255", 68, _dhcp(mac, kind, "192.168.1.57"))
    return mac_bytes(EVERYONE) + mac_bytes(LAN.router_mac) + frame[12:]


def _dhcp(mac: str, kind: int, address: str) -> bytes:
    head = struct.pack("!BBBBIHH", 2 if kind in {2, 5} else 1, 1, 6, 0, 0x3903F326, 0, 0)
    mine = bytes(4) if kind in {1, 3} else bytes(map(int, address.split(".")))
    body = head + (mine if kind == 7 else bytes(4)) + (mine if kind in {2, 5} else bytes(4)) + bytes(8)
    body += mac_bytes(mac) + bytes(10 + 192) + bytes.fromhex("63825363") + bytes([53, 1, kind, 255])
    return body.ljust(300, b"\0")


def _proxy(dice: random.Random) -> list[Timed]:
    """A wide mask in hosts, a router that answers for all of the other half of the network."""
    lan = Lan(network="192.168.0.0/23")
    packets = background(dice, lan, OFFICE, BEGIN, 300, 30)
    for host in OFFICE:
        for last in dice.sample(range(10, 60), 8):
            far, time = f"192.168.0.{last}", BEGIN + dice.uniform(1, 280)
            behind = Lan(macs={far: LAN.router_mac})
            packets += resolve(behind, host, far, time)
            packets += behind.place(
                visit(dice, host, dice.randrange(49_152, 65_000), far, time + 0.01, [700], 0.003)
            )
    return in_order(packets)


def _flux(dice: random.Random) -> list[Timed]:
    """A Linux host with two cards on one network: both answer each question for each of its addresses."""
    cards = ["00:25:90:7c:00:10", "00:25:90:7c:00:11"]
    packets = background(dice, LAN, OFFICE, BEGIN, 600, 60)
    for host in OFFICE:
        for time in rounds(dice, BEGIN + dice.uniform(1, 40), BEGIN + 590, 55):
            address = dice.choice(["192.168.1.70", "192.168.1.71"])
            asking = (LAN.mac(host), host)
            packets.append((time, arp_frame(1, asking, (NOBODY, address))))
            order = dice.sample(cards, 2)
            for place, mac in enumerate(order):
                answer = arp_frame(2, (mac, address), asking, dst=asking[0])
                packets.append((time + 0.000_3 + place * 0.000_05, answer))
            lan = Lan(macs={address: order[1]})
            talk = visit(dice, host, dice.randrange(49_152, 65_000), address, time + 0.01, [2_000], 0.001)
            packets += lan.place(talk)
    return in_order(packets)


def _bond(dice: random.Random) -> list[Timed]:
    """A balanced bond (balance-alb) names another of its cards to each client, and moves clients."""
    cards = [f"00:25:90:7c:00:2{last}" for last in range(3)]
    packets: list[Timed] = []
    for place, host in enumerate(OFFICE):
        for turn, time in enumerate(rounds(dice, BEGIN + dice.uniform(1, 40), BEGIN + 590, 50)):
            lan = Lan(macs={"192.168.1.80": cards[(place + turn // 5) % 3]})
            packets += resolve(lan, host, "192.168.1.80", time)
            talk = visit(
                dice, host, dice.randrange(49_152, 65_000), "192.168.1.80", time + 0.01, [4_000], 0.001
            )
            packets += lan.place(talk)
    return in_order(packets)


def _migration(dice: random.Random) -> list[Timed]:
    """A virtual machine moves to another host, which says so with the address it always had."""
    mac = LAN.mac("192.168.1.23")
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 3) + (mac_bytes(mac) + bytes(4)) * 2
    reverse = ethernet(body.ljust(46, b"\0"), src=mac, dst=EVERYONE, ethertype=REVERSE_ARP)
    packets = background(dice, LAN, OFFICE, BEGIN, 300, 25)
    packets += [(BEGIN + 150 + turn * 0.15, reverse) for turn in range(5)]
    return in_order([*packets, (BEGIN + 150.4, announce(mac, "192.168.1.23"))])


def _docking(dice: random.Random) -> list[Timed]:
    """A laptop keeps its address while it goes from radio to cable and back (reservation by name)."""
    radio, cable = "5c:e0:c5:77:00:01", "00:e0:4c:68:00:09"
    packets: list[Timed] = []
    for start, mac in ((0, radio), (250, cable), (700, radio)):
        lan = Lan(macs={"192.168.1.44": mac})
        packets += probe(mac, "192.168.1.44", BEGIN + start + 1)
        packets += resolve(lan, "192.168.1.44", LAN.router, BEGIN + start + 7)
        packets += resolve(lan, LAN.router, "192.168.1.44", BEGIN + start + 30)
        packets += background(dice, lan, [*OFFICE[:3], "192.168.1.44"], BEGIN + start + 8, 230, 40)
    return in_order(packets)


def _morning(dice: random.Random) -> list[Timed]:
    """Twenty hosts start within two minutes: each probes and announces its address (RFC 5227)."""
    packets: list[Timed] = []
    for last in range(100, 120):
        host, time = f"192.168.1.{last}", BEGIN + dice.uniform(0, 120)
        packets += probe(LAN.mac(host), host, time) + resolve(LAN, host, LAN.router, time + 8)
        packets += background(dice, LAN, [host], time + 9, 120, 40)
    return in_order(packets)


def _both_sides(dice: random.Random) -> list[Timed]:
    """A capture of both sides of a router: each packet twice, with other hardware addresses behind it."""
    packets: list[Timed] = []
    for host in OFFICE:
        time, port = BEGIN + dice.uniform(0, 10), 50_000
        while time < BEGIN + 200:
            packets += resolve(LAN, host, LAN.router, time - 0.01)
            talk = visit(dice, host, port, dice.choice(SITES), time, [dice.randrange(500, 9_000)])
            packets += relayed(talk, LAN.router_mac, Lan(router_mac="00:90:0b:31:00:01"))
            time, port = time + dice.expovariate(1 / 12), port + 1
    return in_order(packets)


def _chatty_router(dice: random.Random) -> list[Timed]:
    """A router that announces itself each thirty seconds, as reply and as request."""
    packets = background(dice, LAN, OFFICE, BEGIN, 600, 60)
    for turn, time in enumerate(rounds(dice, BEGIN + 3, BEGIN + 600, 30)):
        packets.append((time, announce(LAN.router_mac, LAN.router, operation=1 + turn % 2)))
    return in_order(packets)


def _extender(dice: random.Random) -> list[Timed]:
    """Phones roam behind a wireless extender, which puts its own hardware address into their frames."""
    box = "50:c7:bf:12:34:56"
    packets = background(dice, LAN, OFFICE, BEGIN, 900, 90)
    for place, phone in enumerate(("192.168.1.61", "192.168.1.62", "192.168.1.63")):
        near, behind = Lan(), Lan(macs={phone: box})
        for start, lan in ((0, near), (200 + 60 * place, behind), (600 + 40 * place, near)):
            packets += [(BEGIN + start + 1, announce(lan.mac(phone), phone))]
            packets += resolve(lan, LAN.router, phone, BEGIN + start + 20)
            packets += background(dice, lan, [phone], BEGIN + start + 2, 190, 30)
    return in_order(packets)
