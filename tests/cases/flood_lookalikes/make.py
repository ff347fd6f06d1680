"""What ordinary hosts do that looks like a flood: high rates, one direction, many at once."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, PSH, RST, SYN, arp, icmp, tcp, udp
from oddwire.testing.sessions import dns_lookup, tcp_session
from oddwire.testing.wrapping import mixed, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_010.0
HOST, SERVER, FAR = "10.0.0.22", "10.0.0.80", "198.51.100.7"


def noise(seconds: float = 45) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def local(packets: list[Timed]) -> Iterator[Timed]:
    return routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "busy-web-server", mixed(noise(30), local(visits()))
    yield "load-test", mixed(noise(30), tested())
    yield (
        "iptv-multicast",
        mixed(noise(), stream("10.0.0.30", "239.1.1.1", 5_004, rate=1_100, count=14_000, size=1_328)),
    )
    yield (
        "rtp-one-way",
        mixed(noise(), local(stream(FAR, HOST, 16_384, rate=1_000, count=12_000, size=1_212))),
    )
    yield "calls-of-twenty-phones", mixed(noise(), calls())
    yield "quic-download", mixed(noise(), local(quic()))
    yield "iperf-udp", mixed(noise(), iperf())
    yield "game-server", mixed(noise(), local(game()))
    yield "tcp-download", mixed(noise(), local(download()))
    yield "backscatter-of-another-flood", mixed(noise(), local(backscatter()))
    yield "announcements", mixed(noise(), announcements())
    yield "office-in-the-morning", mixed(noise(60), morning())
    yield "syslog-burst", mixed(noise(), burst())
    yield "vpn-tunnel", mixed(noise(), local(stream(FAR, HOST, 51_820, rate=900, count=10_000, size=1_420)))
    yield "name-storm-after-an-outage", mixed(noise(), names())


def visits() -> list[Timed]:
    """Return three hundred complete new connections a second, each from another customer."""
    packets: list[Timed] = []
    dice = seeded(1)
    for number in range(1_800):
        client = f"203.0.{number // 250 + 120}.{number % 250 + 1}"
        port = dice.randrange(20_000, 60_000)
        packets += tcp_session(
            client,
            port,
            SERVER,
            443,
            [(400, dice.randrange(200, 3_000))],
            start=AT + number / 300,
            rtt=dice.uniform(0.02, 0.15),
        )
    return packets


def tested() -> list[Timed]:
    """Return a load test: one host, two hundred connections a second, all completed and answered."""
    packets: list[Timed] = []
    for number in range(2_000):
        packets += tcp_session(
            HOST, 20_000 + number, SERVER, 80, [(120, 600)], start=AT + number / 200, rtt=0.001
        )
    return packets


def stream(src: str, dst: str, port: int, *, rate: float, count: int, size: int) -> list[Timed]:
    """Return a stream as senders of television pace it: nothing comes back."""
    data = b"\x80\x21" + b"\x47" * (size - 2)
    return [(AT + number / rate, udp(src, port, dst, port, data, ttl=16)) for number in range(count)]


def calls() -> list[Timed]:
    """Return ten calls between twenty phones: fifty packets a second each way."""
    voice = b"\x80\0" + b"\xd5" * 170
    packets: list[Timed] = []
    for number in range(10):
        here, there, port = f"10.0.0.{number + 100}", f"10.0.0.{number + 120}", 11_000 + number * 2
        for step in range(700):
            time = AT + number * 0.3 + step * 0.02
            packets += [
                (time, udp(here, port, there, port, voice)),
                (time + 0.004, udp(there, port, here, port, voice)),
            ]
    return packets


def quic() -> list[Timed]:
    """Return a download by QUIC: many large packets in, few small ones out."""
    dice, packets, time = seeded(2), [], AT
    packets += [
        (
            AT - 0.06,
            udp(
                HOST,
                55_555,
                FAR,
                443,
                b"\xc3\0\0\0\x01\x08" + dice.randbytes(8) + b"\0\0\x44\x9e" + dice.randbytes(1_182),
            ),
        )
    ]
    packets += [
        (
            AT - 0.03,
            udp(
                FAR,
                443,
                HOST,
                55_555,
                b"\xc1\0\0\0\x01\0\x08" + dice.randbytes(8) + b"\0\x44\x9e" + dice.randbytes(1_182),
                ttl=55,
            ),
        )
    ]
    for number in range(10_000):
        time += dice.expovariate(1_500)
        packets.append(
            (time, udp(FAR, 443, HOST, 55_555, b"\x4d" + dice.randbytes(40) + b"\x9b" * 1_209, ttl=55))
        )
        if number % 10 == 9:
            packets.append((time + 0.0002, udp(HOST, 55_555, FAR, 443, b"\x55" + dice.randbytes(34))))
    return packets


def iperf() -> list[Timed]:
    """Return a test of the line: its control connection, ten seconds of datagrams, the report."""
    packets = tcp_session(HOST, 51_000, SERVER, 5_201, [(37, 1), (120, 2), (4, 1)], start=AT - 1, rtt=0.001)
    packets += stream(HOST, SERVER, 5_201, rate=1_000, count=10_000, size=1_448)
    return packets + tcp_session(HOST, 51_002, SERVER, 5_201, [(300, 320)], start=AT + 10.1, rtt=0.001)


def game() -> list[Timed]:
    """Return a game server with thirty players: thirty small packets a second each way."""
    dice, packets = seeded(3), []
    for player in range(30):
        client, port, late = f"203.0.113.{player + 90}", dice.randrange(20_000, 60_000), dice.random()
        for step in range(300):
            time = AT + late + step / 30
            packets.append((time, udp(client, port, SERVER, 27_015, b"\xff" * 48, ttl=52)))
            packets.append(
                (time + 0.002, udp(SERVER, 27_015, client, port, b"\xee" * dice.randrange(60, 400)))
            )
    return packets


def download() -> list[Timed]:
    """Return a fast download by TCP with an acknowledgement for every second segment."""
    packets = [
        (AT, tcp(HOST, 51_500, FAR, 443, SYN)),
        (AT + 0.02, tcp(FAR, 443, HOST, 51_500, SYN | ACK, ack=1)),
    ]
    packets.append((AT + 0.0201, tcp(HOST, 51_500, FAR, 443, ACK, seq=1, ack=1)))
    packets.append((AT + 0.021, tcp(HOST, 51_500, FAR, 443, PSH | ACK, seq=1, ack=1, data=b"\x17" * 300)))
    for number in range(8_000):
        time, seq = AT + 0.05 + number * 0.0006, 1 + number * 1_460
        packets.append((time, tcp(FAR, 443, HOST, 51_500, ACK, seq=seq, ack=301, data=b"\x17" * 1_460)))
        if number % 2:
            packets.append((time + 0.0001, tcp(HOST, 51_500, FAR, 443, ACK, seq=301, ack=seq + 1_460)))
    return packets


def backscatter() -> list[Timed]:
    """Return the answers of a flooded server to some of the addresses that were used: ours among them."""
    dice = seeded(4)
    return [
        (
            AT + number * 0.35,
            tcp(
                "198.51.100.99",
                80,
                f"10.0.0.{21 + number % 6}",
                dice.randrange(1_024, 65_000),
                flags,
                ack=7,
                ttl=47,
            ),
        )
        for number in range(80)
        for flags in ((SYN | ACK) if number % 4 else (RST | ACK),)
    ]


def announcements() -> list[Timed]:
    """Return forty devices that announce themselves at once by SSDP, WS-Discovery and mDNS."""
    dice, packets = seeded(5), []
    notify = (
        b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\nNT: upnp:rootdevice\r\n\r\n"
    )
    hello = b'<?xml version="1.0"?><Envelope><Body><Hello/></Body></Envelope>' * 8
    for number in range(40):
        host, time = f"10.0.0.{number + 100}", AT + dice.uniform(0, 2)
        seen = udp(host, 1_900, "239.255.255.250", 1_900, notify, ttl=4)
        here = udp(host, 50_000 + number, "239.255.255.250", 3_702, hello, ttl=1)
        names = udp(host, 5_353, "224.0.0.251", 5_353, b"\0\0\x84" + b"\0" * 9, ttl=255)
        packets += [(time + step * 0.05, seen) for step in range(12)]
        packets += [(time + step * 0.2, here) for step in range(4)]
        packets += [(time + wait, names) for wait in (0, 1, 3)]
    return packets


def morning() -> list[Timed]:
    """Return thirty hosts that are switched on within half a minute: DHCP, ARP, names, pages."""
    dice, packets = seeded(6), []
    for number in range(30):
        host, start = f"10.0.0.{number + 150}", AT + dice.uniform(0, 30)
        mine = f"02:00:0a:00:00:{number + 150:02x}"
        lease = (
            b"\x01\x01\x06\0"
            + dice.randbytes(4)
            + b"\0" * 20
            + bytes.fromhex(mine.replace(":", ""))
            + b"\0" * 202
        )
        ask = lease + b"\x63\x82\x53\x63\x35\x01\x01\xff"
        packets += [(start + step, udp("0.0.0.0", 68, "255.255.255.255", 67, ask)) for step in (0, 0.02)]  # noqa: S104
        packets += [(start + 1 + step, arp(1, src="0.0.0.0", dst=host, src_mac=mine)) for step in range(3)]  # noqa: S104
        for step, other in enumerate(("10.0.0.1", "10.0.0.2", "10.0.0.3")):
            packets += [
                (start + 4.1 + step, arp(1, src=host, dst=other)),
                (start + 4.1005 + step, arp(2, src=other, dst=host)),
            ]
        for step in range(15):
            name, port = f"host{step}.example.com", 50_000 + step * 2
            packets += dns_lookup(
                host, port, "10.0.0.2", name, f"203.0.113.{step + 1}", start=start + 5 + step * 0.1
            )
        packets += tcp_session(host, 51_000, "10.0.0.3", 445, [(300, 9_000)] * 3, start=start + 6, rtt=0.002)
        packets.append((start + 7, icmp(host, "10.0.0.1", 8)))
        packets.append((start + 7.001, icmp("10.0.0.1", host, 0)))
    return packets


def burst() -> list[Timed]:
    """Return a firewall that sends four thousand lines of its log within five seconds."""
    line = b"<134>Nov 14 22:13:20 fw filterlog: 5,,,1000000103,em0,match,block,in,4" + b",0x0" * 20
    return [(AT + number / 800, udp("10.0.0.1", 514, "10.0.0.40", 514, line)) for number in range(4_000)]


def names() -> list[Timed]:
    """Return forty hosts that ask for their names again when the line comes back: the resolver answers."""
    dice, packets = seeded(7), []
    for number in range(2_400):
        host, start = f"10.0.0.{number % 40 + 100}", AT + dice.uniform(0, 4)
        packets += dns_lookup(
            host, 20_000 + number, "10.0.0.2", f"n{number % 90}.example.com", "203.0.113.8", start=start
        )
    return packets
