"""The ordinary noise of a network: names, monitoring, pings, routes, machines that start, a stream."""

import time
from collections.abc import Callable, Iterator

from oddwire.testing.capture import Timed
from tests.cases.namespaces import Host, Network
from tests.cases.services import Scene, name_server, office, record_all

SERVER, FAR = "10.77.0.10", "10.77.9.9"
LEASES = ["--dhcp-range=10.77.0.40,10.77.0.60,12h", "--dhcp-authoritative", "--no-ping"]
LEASES += [f"--dhcp-host=52:54:00:3b:00:{number:02x},10.77.0.{number}" for number in range(40, 50)]
LEASE = """#!/bin/sh
[ "$1" = bound ] && ip addr add "$ip/$mask" dev "$interface" && ip route add default via "$router"
exit 0
"""


def lan(script: str, *, seconds: float = 20.0, uplink: bool = False) -> Scene:
    """Return the scene of one host with a script, in an office at work."""

    def scene(network: Network) -> list[Timed]:
        office(network)
        client = network.host("client", "10.77.0.30/24", gateway="10.77.0.1" if uplink else "")
        if uplink:
            way_out(network)
        with network.record() as tape:
            client.run("sh", "-c", script, seconds=seconds)
            time.sleep(0.5)
        return tape.packets

    return scene


def way_out(network: Network) -> None:
    """Add two routers in a row and a host behind them."""
    first = network.router("first", lan="10.77.0.1/24", middle="10.77.8.1/24")
    second = network.router("second", middle="10.77.8.2/24", far="10.77.9.1/24")
    network.host("far", f"{FAR}/24", segment="far", gateway="10.77.9.1")
    first.run("ip", "route", "add", "10.77.9.0/24", "via", "10.77.8.2")
    second.run("ip", "route", "add", "10.77.0.0/24", "via", "10.77.8.1")


def starting(wake: Callable[[Network, int], Host]) -> Scene:
    """Return the scene of ten machines that start one by one and greet their server and each other."""

    def scene(network: Network) -> list[Timed]:
        server = network.host("server", f"{SERVER}/24")
        name_server(server, *LEASES)
        with network.record() as tape:
            for number in range(40, 50):
                host = wake(network, number)
                others = " ".join(f"10.77.0.{other}" for other in (10, *range(40, number)))
                host.loop(f"for other in {others}; do ping -c 1 -W 1 $other; done; sleep 2")
            time.sleep(3.0)
        return tape.packets

    return scene


def fixed(network: Network, number: int) -> Host:
    """Start a machine with an address of its own, which it announces."""
    host = network.host(f"desk{number}", f"10.77.0.{number}/24", f"fd77::{number}/64")
    host.start("arping", "-q", "-c", "2", "-U", "-I", "eth0", f"10.77.0.{number}")
    time.sleep(0.5)
    return host


def leased(network: Network, number: int) -> Host:
    """Start a machine that asks for its address with DHCP."""
    host = network.host(f"desk{number}").join("lan", number=number)
    script = host.folder / "lease"
    script.write_text(LEASE)
    script.chmod(0o755)
    host.run("udhcpc", "-f", "-q", "-n", "-i", "eth0", "-s", str(script), "-x", f"hostname:desk{number}")
    return host


def clocks(network: Network) -> list[Timed]:
    """Let three machines ask for the time, and one keep its clock by it."""
    office(network)
    server = network.host("clock", "10.77.0.11/24")
    # -x: nobody sets the clock, of which the machine has one. A real chronyd keeps its command socket.
    keeper = ("chronyd", "-x", "-d", "-u", "root", "-U", "port 123", "cmdport 0", "bindcmdaddress /")
    server.start(*keeper, "local stratum 3", "allow 10.77.0.0/24", "pidfile clock.pid")
    network.host("desk41", "10.77.0.41/24").start(
        *keeper, "server 10.77.0.11 iburst minpoll 0 maxpoll 1", "pidfile d.pid"
    )
    with network.record() as tape:
        for number in (42, 43, 44):
            network.host(f"desk{number}", f"10.77.0.{number}/24").loop("ntpdig 10.77.0.11; sleep 1")
        time.sleep(10.0)
    return tape.packets


def stream(network: Network) -> list[Timed]:
    """Send five seconds of a steady UDP stream, as a camera does."""
    office(network)
    sender, receiver = network.host("camera", "10.77.0.60/24"), network.host("recorder", "10.77.0.61/24")
    receiver.start("iperf3", "-s", "-1")
    with network.record() as tape:
        time.sleep(0.5)
        sender.run("iperf3", "-u", "-c", "10.77.0.61", "-t", "5", "-b", "20M", "-l", "1400")
        time.sleep(0.5)
    return tape.packets


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield one capture an ordinary event; the long ones first, beside each other."""
    checks = f"for port in 22 25 53 80 443 8080; do nc -z -w 1 {SERVER} $port; done"
    hosts = "10.77.0.10 10.77.0.21 10.77.0.22 10.77.0.77 10.77.0.78"
    health = f"for h in {hosts}; do ping -c 1 -W 1 $h; curl -s -m 1 -o page http://$h/health; done"
    ask = f"dig +short +time=1 +tries=1 @{SERVER}"
    asked = ("host$i.office.test", "srv$i.office.test", "a$i.com AAAA")
    names = f"for i in $(seq 100); do {'; '.join(f'{ask} {name}' for name in asked)}; done"
    trace = "traceroute -n -w 1"
    many = " ".join(f"host{number % 220}.office.test" for number in range(300))
    return record_all(
        {
            "monitoring": lan(f"while :; do {checks}; {health}; sleep 1; done", seconds=22.0),
            "ping-steady": lan(f"ping -i 0.2 -c 100 {SERVER}", seconds=22.0),
            "ping-of-a-dead-host": lan("ping -i 0.5 -c 40 10.77.0.99", seconds=22.0),
            "ping-large": lan(f"ping -s 1400 -i 0.1 -c 80 {SERVER}; ping -s 4000 -i 0.1 -c 40 {SERVER}"),
            "names": lan(names),
            "names-in-a-batch": lan(f"dig +short +time=1 +tries=1 @{SERVER} {many}"),
            "traceroute-udp": lan(f"{trace} {FAR}; {trace} -q 1 -m 12 10.77.9.77", uplink=True),
            "traceroute-icmp": lan(f"{trace} -I {FAR}; {trace} -I -m 8 10.77.9.77", uplink=True),
            "traceroute-tcp": lan(f"{trace} -T -p 443 {FAR}; {trace} -T -m 8 {FAR}", uplink=True),
            "machines-start": starting(fixed),
            "machines-ask-for-addresses": starting(leased),
            "three-ports": lan(f"nmap -n -sT -p 22,80,443 {SERVER}"),
            "clocks": clocks,
            "stream": stream,
        }
    )
