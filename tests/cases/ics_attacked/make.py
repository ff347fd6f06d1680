"""Somebody new talks to controllers: looks around, switches, stops them."""

import struct
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.industry import (
    CLASSES,
    NO_ADDRESS,
    NO_DEVICE,
    NO_FUNCTION,
    Dnp3,
    Modbus,
    command,
    enip_identity,
    s7_setup,
)
from oddwire.testing.office_lan import Lan
from oddwire.testing.wrapping import tagged

PLANT = Lan(network="192.168.50.0/24", router="192.168.50.1")
MASTER, HMI, EVIL, GATEWAY = (f"192.168.50.{last}" for last in (10, 11, 66, 30))
PLCS = [f"192.168.50.{last}" for last in (21, 22, 23, 24, 25)]
OUTSIDE = "91.240.118.172"
COLD_RESTART, WARM_RESTART, DIRECT_OPERATE, DISABLE_UNSOLICITED = 13, 14, 5, 21
NOT_HERE = 1 << 8  # the indication: this function is not implemented


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "function-scan", _functions()
    yield "unit-scan", _units()
    yield "register-scan", _registers()
    yield "new-writer", _writer()
    yield "write-flood", _flood()
    yield "restart-by-diagnostics", _restart()
    yield "identification", _identification()
    yield "master-from-outside", _outside()
    yield "dnp3-cold-restart", _cold()
    yield "dnp3-direct-operate", _operate()
    yield "dnp3-function-scan", _dnp3_functions()
    yield "controllers-found", _found()
    yield "new-writer-tagged", [(time, tagged(frame, 50)) for time, frame in _writer()]
    yield "new-writer-odd-port", _odd_port()


def _plant(seed: int, seconds: float = 900, every: float = 2.0) -> Scene:
    """The master reads from five controllers, all the time; it writes nothing."""
    scene = Scene(seed, lan=PLANT)
    for number, plc in enumerate(PLCS):
        line = Modbus(scene.talk(MASTER, plc, 502, 0.5 + number * 0.1))
        while line.talk.time < scene.begin + seconds:
            line.read(1, 3, 0, 40, pause=every * 0.9)
            line.read(1, 1, 0, 16, pause=every * 0.1)
        scene.add(line.talk)
    return scene


def _stations(seed: int, seconds: float = 900) -> Scene:
    """The same by DNP3: each outstation is asked for all classes each five seconds."""
    scene = Scene(seed, lan=PLANT)
    for number, plc in enumerate(PLCS[:3]):
        line = Dnp3(scene.talk(MASTER, plc, 20_000, 0.5 + number * 0.3), 1, 10 + number)
        while line.talk.time < scene.begin + seconds:
            line.poll(pause=5)
        scene.add(line.talk)
    return scene


def _evil(scene: Scene, plc: str, at: float, source: str = EVIL) -> Modbus:
    return Modbus(scene.talk(source, plc, 502, at))


def _functions() -> list[Timed]:
    """Which functions does the controller know? All 127 are tried, most are refused."""
    scene = _plant(561)
    line = _evil(scene, PLCS[0], 600)
    for function in range(1, 128):
        known = {1: (0, 8), 2: (0, 8), 3: (0, 4), 4: (0, 4)}.get(function)
        if known:
            line.read(1, function, *known, pause=0.1)
        else:
            line.fails(1, bytes([function]), NO_FUNCTION, pause=0.1)
    scene.add(line.talk.finish())
    return scene.done()


def _units() -> list[Timed]:
    """Who is behind the gateway? Units 1 to 247 are asked for a register; five are there."""
    scene = _plant(562)
    line = _evil(scene, GATEWAY, 600)
    for unit in range(1, 248):
        if unit in {1, 2, 3, 17, 100}:
            line.read(unit, 3, 0, 1, pause=0.05)
        else:
            line.fails(unit, struct.pack("!BHH", 3, 0, 1), NO_DEVICE, pause=0.25)
    scene.add(line.talk.finish())
    return scene.done()


def _registers() -> list[Timed]:
    """What is where? All holding registers are read in steps of 100; those above 1,200 do not exist."""
    scene = _plant(563)
    for number, plc in enumerate(PLCS[:2]):
        line = _evil(scene, plc, 500 + 60 * number)
        for at in range(0, 65_500, 100):
            if at < 1_200:
                line.read(1, 3, at, 100, pause=0.03)
            else:
                line.fails(1, struct.pack("!BHH", 3, at, 100), NO_ADDRESS, pause=0.03)
        scene.add(line.talk.finish())
    return scene.done()


def _writer() -> list[Timed]:
    """After ten quiet minutes somebody else switches coils and sets registers of three controllers."""
    scene = _plant(564)
    for number, plc in enumerate(PLCS[:3]):
        line = _evil(scene, plc, 620 + 20 * number)
        line.read(1, 1, 0, 16)
        for coil in range(4):
            line.switch(1, coil, on=False, pause=0.5)
        line.write(1, 10, [9_999, 0, 0, 9_999], pause=0.7)
        scene.add(line.talk.finish(after=0.3))
    return scene.done()


def _odd_port() -> list[Timed]:
    """A controller that listens on port 10502: its master reads, and somebody else writes, late."""
    scene = Scene(573, lan=PLANT)
    line = Modbus(scene.talk(MASTER, PLCS[0], 10_502, 1))
    while line.talk.time < scene.begin + 1_500:
        line.read(1, 4, 100, 24, pause=1.5)
    scene.add(line.talk)
    line = Modbus(scene.talk(EVIL, PLCS[0], 10_502, 1_200))
    for at in (40, 41, 55):
        line.write(1, at, 0, pause=4)
    scene.add(line.talk.finish(after=1))
    return scene.done()


def _flood() -> list[Timed]:
    """A coil is switched on and off as fast as the controller answers: 2,500 writes in half a minute."""
    scene = _plant(565)
    line = _evil(scene, PLCS[2], 640)
    for number in range(2_500):
        line.switch(1, 3, on=number % 2 == 0, pause=0.004)
    scene.add(line.talk.finish())
    return scene.done()


def _restart() -> list[Timed]:
    """Two controllers are told to restart their communication, then to listen only, and fall silent."""
    scene = _plant(566)
    for number, plc in enumerate(PLCS[3:]):
        line = _evil(scene, plc, 630 + 15 * number)
        for sub, value in ((0, 0x1234), (1, 0), (1, 0xFF00)):
            ask = struct.pack("!BHH", 8, sub, value)
            line.exchange(1, ask, ask, pause=0.4)
        line.exchange(1, struct.pack("!BHH", 8, 4, 0), b"", pause=1.0)
        scene.add(line.talk.wait(5).reset())
    return scene.done()


def _identification() -> list[Timed]:
    """Each controller is asked who it is (43/14, 17), unit by unit, by a script of a scanner."""
    scene = _plant(567)
    for number, plc in enumerate(PLCS):
        for unit in (1, 2, 3):
            line = _evil(scene, plc, 600 + 4 * number + unit)
            name = b"\x00\x09Schneider" + b"\x01\x0bBMX P34 202" + b"\x02\x04v2.8"
            if unit == 1:
                told = b"\x11\x0c" + b"\x01\xff" + b"BMX P34202"
                line.exchange(unit, b"\x11", told, pause=0.01)
                line.exchange(unit, bytes.fromhex("2b0e0100"), bytes.fromhex("2b0e01810000") + b"\x03" + name)
            else:
                line.fails(unit, b"\x11", NO_DEVICE, pause=0.01)
                line.fails(unit, bytes.fromhex("2b0e0100"), NO_DEVICE)
            scene.add(line.talk.finish())
    return scene.done()


def _outside() -> list[Timed]:
    """A stranger from the Internet reads what two controllers have, and sets a register."""
    scene = _plant(568)
    for number, plc in enumerate(PLCS[:2]):
        line = _evil(scene, plc, 610 + 90 * number, OUTSIDE)
        for at in range(0, 400, 50):
            line.read(1, 3, at, 50, pause=0.8)
        line.write(1, 12, 0, pause=3)
        scene.add(line.talk.finish(after=0.5))
    return scene.done()


def _cold() -> list[Timed]:
    """A second master tells two outstations to restart from cold."""
    scene = _stations(569)
    for number, plc in enumerate(PLCS[:2]):
        line = Dnp3(scene.talk(EVIL, plc, 20_000, 640 + 10 * number), 1, 10 + number)
        line.ask(COLD_RESTART, b"", bytes.fromhex("340207010a00"), pause=0.2)
        scene.add(line.talk.wait(1).finish())
    return scene.done()


def _operate() -> list[Timed]:
    """A second master opens breakers at three outstations without selecting them first."""
    scene = _stations(570)
    for number, plc in enumerate(PLCS[:3]):
        line = Dnp3(scene.talk(EVIL, plc, 20_000, 640 + 8 * number), 3, 10 + number)
        for point in range(5):
            block = command(point, code=0x81)
            line.ask(DIRECT_OPERATE, block, block, pause=0.4)
        scene.add(line.talk.finish(after=0.5))
    return scene.done()


def _dnp3_functions() -> list[Timed]:
    """Functions 0 to 33 are tried at an outstation, of which it knows few; it is told to report no more."""
    scene = _stations(571)
    line = Dnp3(scene.talk(EVIL, PLCS[1], 20_000, 630), 100, 11)
    for function in (1, *range(6, 13), *range(15, 20), *range(22, 34)):
        line.ask(function, CLASSES if function == 1 else b"", told=NOT_HERE, pause=0.3)
    line.ask(DISABLE_UNSOLICITED, CLASSES[:9], pause=0.3)
    scene.add(line.talk.finish(after=0.5))
    return scene.done()


def _found() -> list[Timed]:
    """What controllers are there? Ports of Siemens, Rockwell, Modbus, DNP3 and IEC 104 at twenty hosts."""
    scene = _plant(572)
    for number in range(20):
        host = f"192.168.50.{20 + number}"
        for step, port in enumerate((102, 502, 44_818, 20_000, 2_404)):
            talk = scene.talk(EVIL, host, port, 600 + 2.5 * number + 0.1 * step)
            real = host in PLCS
            if real and port == 102 and number % 2:
                scene.add(s7_setup(talk, S7_LISTS))
            elif real and port == 44_818:
                scene.add(enip_identity(talk))
            elif real and port == 502:
                scene.add(talk.open().finish())
            else:
                scene.add(talk.refused() if host <= "192.168.50.35" else talk.unanswered(1))
    return scene.done()


S7_LISTS = [bytes.fromhex("0300002102f080320700000000000800080001120411440100ff09000400110001")]
