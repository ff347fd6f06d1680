"""Controllers and their masters on ordinary days: reads, writes, restarts, mistakes, a second master."""

import struct
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.industry import NO_ADDRESS, Dnp3, Modbus, command
from oddwire.testing.office_lan import Lan

PLANT = Lan(network="192.168.50.0/24", router="192.168.50.1")
MASTER, SECOND, HMI, HISTORIAN, ENGINEER, GATEWAY = (f"192.168.50.{last}" for last in (10, 9, 11, 12, 15, 30))
PLCS = [f"192.168.50.{last}" for last in (21, 22, 23, 24, 25)]
SELECT, OPERATE, WRITE, ENABLE_UNSOLICITED, MEASURE_DELAY = 3, 4, 2, 20, 23
EVENTS = bytes.fromhex("3c02063c03063c0406")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "master-reads-and-writes", _master()
    yield "display-and-historian", _readers()
    yield "engineering-station", _engineer()
    yield "controller-restarts", _restart()
    yield "second-master-takes-over", _second()
    yield "gateway-with-many-units", _gateway()
    yield "missing-register", _missing()
    yield "dnp3-polls-and-commands", _dnp3()
    yield "dnp3-unsolicited", _unsolicited()
    yield "begun-in-the-middle", _middle()


def _line(scene: Scene, source: str, plc: str, at: float) -> Modbus:
    return Modbus(scene.talk(source, plc, 502, at))


def _reads(scene: Scene, source: str, seconds: float, every: float, *, writes: int = 0) -> None:
    """Read from all controllers, each on a line of its own; each so many rounds a set point is written."""
    for number, plc in enumerate(PLCS):
        line, turn = _line(scene, source, plc, 0.5 + number * 0.1), 0
        while line.talk.time < scene.begin + seconds:
            line.read(1, 3, 0, 40, pause=every * 0.9)
            line.read(1, 1, 0, 16, pause=every * 0.1)
            turn += 1
            if writes and turn % writes == number + 1:
                line.write(1, 100, [turn % 50 + 200, 12], pause=0.01)
            if writes and turn % (writes * 2) == number + 9:
                line.switch(1, 4, on=turn % 3 == 0, pause=0.01)
        scene.add(line.talk)


def _master() -> list[Timed]:
    """One master polls five controllers each second and writes its set points, as it always has."""
    scene = Scene(581, lan=PLANT)
    _reads(scene, MASTER, 600, 1.0, writes=20)
    return scene.done()


def _readers() -> list[Timed]:
    """A display polls and switches what its user touches; a historian reads the same each ten seconds."""
    scene = Scene(582, lan=PLANT)
    _reads(scene, HMI, 900, 2.0, writes=40)
    _reads(scene, HISTORIAN, 900, 10.0)
    return scene.done()


def _engineer() -> list[Timed]:
    """Beside the master, an engineer's station reads, writes and asks for names since the begin."""
    scene = Scene(583, lan=PLANT)
    _reads(scene, MASTER, 900, 2.0)
    line = _line(scene, ENGINEER, PLCS[1], 4)
    name = b"\x00\x09Schneider" + b"\x01\x0bBMX P34 202" + b"\x02\x04v2.8"
    while line.talk.time < scene.begin + 880:
        for at in range(0, 300, 100):
            line.read(1, 3, at, 100, pause=0.5)
        line.exchange(1, bytes.fromhex("2b0e0100"), bytes.fromhex("2b0e01810000") + b"\x03" + name, pause=1)
        line.write(1, 210, scene.dice.randrange(900), pause=8)
        line.write(1, 220, [scene.dice.randrange(90) for _ in range(6)], pause=10)
    scene.add(line.talk)
    return scene.done()


def _restart() -> list[Timed]:
    """A controller goes down for a minute: the line breaks, the master knocks, then all is as before."""
    scene = Scene(584, lan=PLANT)
    _reads(scene, MASTER, 700, 2.0, writes=30)
    line = _line(scene, MASTER, "192.168.50.26", 1)
    while line.talk.time < scene.begin + 240:
        line.read(1, 3, 0, 40, pause=1)
    scene.add(line.talk.reset(by="server"))
    for number in range(12):
        talk = scene.talk(MASTER, "192.168.50.26", 502, 245 + 5 * number)
        scene.add(talk.unanswered(1) if number < 7 else talk.refused())
    line = _line(scene, MASTER, "192.168.50.26", 306)
    line.read(1, 3, 0, 1)
    line.write(1, 100, [200, 12, 7, 0, 0, 1], pause=0.1)
    while line.talk.time < scene.begin + 690:
        line.read(1, 3, 0, 40, pause=1)
    scene.add(line.talk)
    return scene.done()


def _second() -> list[Timed]:
    """The second master only looks whether controllers answer; when the first one stops, it does its work."""
    scene = Scene(585, lan=PLANT)
    _reads(scene, MASTER, 450, 2.0, writes=15)
    for plc in PLCS:
        for turn in range(15):
            line = _line(scene, SECOND, plc, 10 + 30 * turn)
            line.read(1, 3, 0, 1)
            scene.add(line.talk.finish())
    standby = scene.packets
    scene.packets = []
    scene.begin += 455
    _reads(scene, SECOND, 440, 2.0, writes=15)
    scene.packets += standby
    return scene.done()


def _gateway() -> list[Timed]:
    """Forty meters behind one gateway are read in turn, as ever; two of them do not answer any more."""
    scene = Scene(586, lan=PLANT)
    line = _line(scene, MASTER, GATEWAY, 1)
    while line.talk.time < scene.begin + 900:
        for unit in range(1, 41):
            if unit in {13, 27}:
                line.fails(unit, struct.pack("!BHH", 4, 0, 12), 11, pause=0.9)
            else:
                line.read(unit, 4, 0, 12, pause=0.15)
    scene.add(line.talk)
    return scene.done()


def _missing() -> list[Timed]:
    """The project of the master names registers that one controller lacks: an exception each round."""
    scene = Scene(587, lan=PLANT)
    _reads(scene, MASTER, 600, 2.0, writes=25)
    line = _line(scene, MASTER, "192.168.50.27", 2)
    while line.talk.time < scene.begin + 590:
        line.read(1, 3, 0, 20, pause=0.8)
        line.fails(1, struct.pack("!BHH", 3, 4_000, 10), NO_ADDRESS, pause=0.1)
        line.fails(1, struct.pack("!BHH", 4, 300, 2), NO_ADDRESS, pause=0.1)
    scene.add(line.talk)
    return scene.done()


def _dnp3() -> list[Timed]:
    """A master polls all classes, sets clocks, and switches by select and operate every other minute."""
    scene = Scene(588, lan=PLANT)
    for number, plc in enumerate(PLCS[:4]):
        line, turn = Dnp3(scene.talk(MASTER, plc, 20_000, 0.5 + number), 1, 10 + number), 0
        while line.talk.time < scene.begin + 1_200:
            line.poll(pause=5)
            turn += 1
            if turn % 24 == number + 1:
                block = command(number, code=0x41 if turn % 48 < 24 else 0x81)
                line.ask(SELECT, block, block, pause=0.3)
                line.ask(OPERATE, block, block, pause=0.2)
            if turn % 60 == 4 + number:
                line.ask(MEASURE_DELAY, b"", bytes.fromhex("340207010200"), pause=0.2)
                now = int(line.talk.time * 1_000).to_bytes(6, "little")
                line.ask(WRITE, b"\x32\x01\x07\x01" + now, pause=0.05)
        scene.add(line.talk)
    return scene.done()


def _unsolicited() -> list[Timed]:
    """Outstations report events of their own accord, in bursts; the master confirms, and polls rarely."""
    scene = Scene(589, lan=PLANT)
    for number, plc in enumerate(PLCS[:4]):
        line = Dnp3(scene.talk(MASTER, plc, 20_000, 0.5 + number), 1, 10 + number)
        line.ask(ENABLE_UNSOLICITED, EVENTS, pause=0.2)
        while line.talk.time < scene.begin + 900:
            for _ in range(scene.dice.randrange(1, 12)):
                line.unsolicited(pause=scene.dice.expovariate(1.5))
            line.poll(pause=30)
        scene.add(line.talk)
    return scene.done()


def _middle() -> list[Timed]:
    """Master, display and engineer are at work when the capture begins: no handshake is seen, writes are."""
    scene = Scene(590, lan=PLANT)
    scene.begin -= 100
    _reads(scene, MASTER, 700, 2.0, writes=12)
    _reads(scene, HMI, 700, 4.0, writes=9)
    return [packet for packet in scene.done() if packet[0] >= scene.begin + 100]
