"""Remote calls of Windows (DCE/RPC) by name, over pipes of SMB and over TCP: sealed or in the clear."""

import struct
from collections.abc import Sequence
from uuid import UUID

from oddwire.testing.dialogue import Dialogue
from oddwire.testing.smb_talk import SmbTalk, ntlm_authenticate, ntlm_challenge, ntlm_negotiate

__all__ = ["INTERFACES", "calls", "map_port", "pipe_calls", "service_by_pipe"]

BIND, BIND_ACK, REQUEST, RESPONSE, AUTH3 = 11, 12, 0, 2, 16
WHOLE, NTLM, PRIVACY, AUTH_CONTEXT = 3, 10, 6, 79_231
NDR = UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + struct.pack("<I", 2)
# Names of interfaces: their number and version.
INTERFACES = {
    "epmapper": ("e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3),
    "svcctl": ("367abb81-9844-35f1-ad32-98f038001003", 2),
    "tasks": ("86d35949-83c9-4044-b424-db363231fd0c", 1),
    "srvsvc": ("4b324fc8-1670-01d3-1278-5a47bf6ee188", 3),
    "samr": ("12345778-1234-abcd-ef00-0123456789ac", 1),
    "lsarpc": ("12345778-1234-abcd-ef00-0123456789ab", 0),
    "netlogon": ("12345678-1234-abcd-ef00-01234567cffb", 1),
    "spoolss": ("12345678-1234-abcd-ef00-0123456789ab", 1),
    "activator": ("000001a0-0000-0000-c000-000000000046", 0),
    "wbem_login": ("f309ad18-d86a-11d0-a075-00c04fb68820", 0),
    "wbem": ("9556dc99-828c-11cf-a37e-00aa003240c7", 0),
}


def _pdu(kind: int, call: int, body: bytes, auth: bytes = b"") -> bytes:
    trailer = b""
    if auth:
        padding = -len(body) % 4
        trailer = bytes(padding) + struct.pack("<BBBBI", NTLM, PRIVACY, padding, 0, AUTH_CONTEXT) + auth
    size = 16 + len(body) + len(trailer)
    return struct.pack("<BBBBIHHI", 5, 0, kind, WHOLE, 0x10, size, len(auth), call) + body + trailer


def _bind(name: str, auth: bytes = b"") -> bytes:
    number, version = INTERFACES[name]
    context = struct.pack("<HBB", 0, 1, 0) + UUID(number).bytes_le + struct.pack("<I", version) + NDR
    return _pdu(BIND, 1, struct.pack("<HHIBBH", 5_840, 5_840, 0, 1, 0, 0) + context, auth)


def _bound(port: str, auth: bytes = b"") -> bytes:
    address = struct.pack("<H", len(port) + 1) + port.encode() + b"\0"
    address += bytes(-(len(address) + 8) % 4)
    results = struct.pack("<BBHHH", 1, 0, 0, 0, 0) + NDR
    return _pdu(BIND_ACK, 1, struct.pack("<HHI", 5_840, 5_840, 0x1234) + address + results, auth)


def _asked(call: int, number: int, stub: bytes, auth: bytes = b"") -> bytes:
    return _pdu(REQUEST, call, struct.pack("<IHH", len(stub), 0, number) + stub, auth)


def _told(call: int, stub: bytes, auth: bytes = b"") -> bytes:
    return _pdu(RESPONSE, call, struct.pack("<IHH", len(stub), 0, 0) + stub, auth)


def calls(
    talk: Dialogue, name: str, numbers: Sequence[int], *, user: str = "administrator", size: int = 400
) -> Dialogue:
    """Bind to an interface over TCP with NTLM and call it, everything sealed."""
    dice, verifier = talk.dice, struct.pack("<I", 1) + bytes(12)
    talk.open().ask(_bind(name, ntlm_negotiate())).answer(
        _bound(str(talk.sport), ntlm_challenge(talk)), 0.001
    )
    talk.ask(_pdu(AUTH3, 1, bytes(4), ntlm_authenticate(talk, user)), 0.001)
    for call, number in enumerate(numbers, 2):
        ask, answer = (dice.randbytes(dice.randrange(size // 2, size) // 16 * 16) for _ in range(2))
        talk.ask(_asked(call, number, ask, verifier), 0.004).answer(_told(call, answer, verifier), 0.01)
    return talk.finish(after=0.4)


def map_port(talk: Dialogue, wanted: str, port: int) -> Dialogue:
    """Ask the end point mapper on port 135 where an interface listens."""
    number, version = INTERFACES[wanted]
    tower = _tower(number, version, 0, "0.0.0.0")  # noqa: S104  # asked for any address
    inside = struct.pack("<II", len(tower), len(tower)) + tower
    ask = struct.pack("<I", 1) + bytes(16) + struct.pack("<I", 2) + inside
    ask += bytes(-len(ask) % 4) + bytes(20) + struct.pack("<I", 4)
    tower = _tower(number, version, port, talk.server)
    told = (
        bytes(20) + struct.pack("<IIIII", 1, 4, 0, 1, 3) + struct.pack("<II", len(tower), len(tower)) + tower
    )
    told += bytes(-len(told) % 4) + struct.pack("<I", 0)
    talk.open().ask(_bind("epmapper")).answer(_bound("135"), 0.001)
    return talk.ask(_asked(2, 3, ask), 0.001).answer(_told(2, told), 0.001).finish(after=0.1)


def _tower(number: str, version: int, port: int, address: str) -> bytes:
    def floor(left: bytes, right: bytes) -> bytes:
        return struct.pack("<H", len(left)) + left + struct.pack("<H", len(right)) + right

    floors = floor(b"\x0d" + UUID(number).bytes_le + struct.pack("<H", version), bytes(2))
    floors += floor(b"\x0d" + NDR[:18], bytes(2)) + floor(b"\x0b", bytes(2))
    floors += floor(b"\x07", struct.pack("!H", port))
    floors += floor(b"\x09", bytes(int(part) for part in address.split(".")))
    return struct.pack("<H", 5) + floors


def pipe_calls(smb: SmbTalk, pipe: str, name: str, numbers: Sequence[int], *, size: int = 300) -> SmbTalk:
    """Open a pipe, bind to an interface there with NTLM and call it, everything sealed."""
    dice, verifier = smb.talk.dice, struct.pack("<I", 1) + bytes(12)
    smb.open(pipe)
    told = _bound(f"\\pipe\\{pipe}", ntlm_challenge(smb.talk))
    smb.transceive(_bind(name, ntlm_negotiate()), told)
    smb.write(_pdu(AUTH3, 1, bytes(4), ntlm_authenticate(smb.talk, smb.user)))
    for call, number in enumerate(numbers, 2):
        ask, answer = (dice.randbytes(dice.randrange(size // 2, size) // 16 * 16) for _ in range(2))
        smb.transceive(_asked(call, number, ask, verifier), _told(call, answer, verifier))
    return smb.close()


def _string(text: str) -> bytes:
    data = f"{text}\0".encode("utf-16-le")
    return struct.pack("<III", len(data) // 2, 0, len(data) // 2) + data + bytes(-len(data) % 4)


def service_by_pipe(smb: SmbTalk, service: str, program: str) -> SmbTalk:
    """Make a service and start it by the pipe svcctl, in clear text, as PsExec and worms do."""
    dice = smb.talk.dice
    manager, handle = bytes(4) + dice.randbytes(16), bytes(4) + dice.randbytes(16)
    fine = bytes(4)
    machine = struct.pack("<I", 0x20000) + _string(f"\\\\{smb.talk.server}") + struct.pack("<II", 0, 0xF003F)
    made = manager + _string(service) + struct.pack("<I", 0x20004) + _string(service)
    made += struct.pack("<IIII", 0xF01FF, 0x10, 3, 0) + _string(program) + bytes(28)
    smb.open("svcctl").transceive(_bind("svcctl"), _bound("\\pipe\\ntsvcs"))
    smb.transceive(_asked(2, 15, machine), _told(2, manager + fine))
    smb.transceive(_asked(3, 12, made), _told(3, bytes(4) + handle + fine))
    smb.transceive(_asked(4, 19, handle + bytes(8)), _told(4, fine))
    for call, closed in ((5, handle), (6, manager)):
        smb.transceive(_asked(call, 0, closed), _told(call, bytes(20) + fine))
    return smb.close()
