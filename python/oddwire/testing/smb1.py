"""The first SMB, as old servers and attacks on them speak it: messages, log-on, files, pipes."""

import struct
from dataclasses import dataclass, field

from oddwire.testing.conversations import Step

__all__ = ["INVALID_PARAMETER", "NO_RESOURCES", "Smb1", "message"]

NEGOTIATE, SESSION_SETUP, TREE_CONNECT, TRANS, CREATE = 0x72, 0x73, 0x75, 0x25, 0xA2
READ, WRITE, CLOSE, ECHO, NT_TRANS, TRANS2, TRANS2_MORE = 0x2E, 0x2F, 0x04, 0x2B, 0xA0, 0x32, 0x33
INVALID_PARAMETER, NO_RESOURCES = 0xC000_000D, 0xC000_0205
ALONE = b"\xff\0\0\0"
HEAD = 32
SYSTEM = b"Windows 7 Professional 7601 Service Pack 1\0Windows 7 Professional 6.1\0WORKGROUP\0"


def message(
    command: int,
    words: bytes = b"",
    data: bytes = b"",
    *,
    answer: bool = False,
    status: int = 0,
    tree: int = 2_048,
    number: int = 64,
) -> bytes:
    """Return a message in its NetBIOS frame; texts in it are not Unicode."""
    head = struct.pack("<4sBIBH", b"\xffSMB", command, status, 0x98 if answer else 0x18, 0x4001)
    head += bytes(12) + struct.pack("<HHHH", tree, 65_279, 2_048, number)
    body = head + bytes([len(words) // 2]) + words + struct.pack("<H", len(data) & 0xFFFF) + data
    return struct.pack("!I", len(body)) + body


@dataclass
class Smb1:
    """A session as it is spoken; `steps` is what was said so far."""

    server: str
    steps: list[Step] = field(default_factory=list)
    number: int = 64

    def turn(
        self,
        command: int,
        words: bytes = b"",
        data: bytes = b"",
        *,
        reply: tuple[bytes, bytes] | None = (b"", b""),
        status: int = 0,
        pause: float = 0.002,
    ) -> None:
        """Say something and, unless there is none, hear (words, data) as the answer."""
        self.steps.append((pause, True, message(command, words, data, number=self.number)))
        if reply is not None:
            told = message(command, *reply, answer=True, status=status, number=self.number)
            self.steps.append((0.001, False, told))
        self.number += 1

    def log_on(self, share: str, *, kind: bytes = b"IPC\0") -> None:
        """Agree on the dialect, log on without a name, and open a share."""
        offer = struct.pack(
            "<HBHHIIIIQhB", 0, 3, 50, 1, 4_356, 65_536, 0, 0x8000_E3FC & ~0x8000_0000, 1 << 56, 0, 8
        )
        self.turn(NEGOTIATE, b"", b"\x02NT LM 0.12\0", reply=(offer, b"\x11" * 8 + b"W\0G\0\0\0P\0\0\0"))
        setup = ALONE + struct.pack("<HHHIHHII", 4_356, 10, 0, 0, 1, 0, 0, 0xD4)
        names = b"\0" + b"\0\0" + b"Unix\0Samba\0"
        self.turn(SESSION_SETUP, setup, names, reply=(ALONE + b"\0\0", SYSTEM))
        path = b"\0" + f"\\\\{self.server}\\{share}".encode() + b"\0" + b"?????\0"
        told = (ALONE + b"\x01\0", kind + b"\0")
        self.turn(TREE_CONNECT, ALONE + struct.pack("<HH", 0, 1), path, reply=told)

    def open_file(self, name: str) -> None:
        """Open a file or a pipe; it is number 16,384."""
        text = name.encode() + b"\0"
        ask = ALONE + struct.pack("<BHIIIQIIIIIB", 0, len(text), 0, 0, 0x2019F, 0, 0, 3, 1, 0x40, 2, 3)
        told = (
            ALONE + struct.pack("<BHI", 0, 0x4000, 1) + bytes(32) + struct.pack("<IQQHHB", 128, 0, 0, 2, 5, 0)
        )
        self.turn(CREATE, ask, text, reply=(told, b""))

    def read(self, data: bytes, at: int = 0) -> None:
        """Read: the data comes with the answer."""
        ask = ALONE + struct.pack("<HIHHIHI", 0x4000, at, 60_000, 0, 0, 0, 0)
        told = ALONE + struct.pack("<HHHHHI6x", 0xFFFF, 0, 0, len(data), HEAD + 1 + 24 + 2 + 1, 0)
        self.turn(READ, ask, reply=(told, b"\0" + data))

    def write(self, data: bytes, at: int = 0) -> None:
        """Write."""
        where = HEAD + 1 + 28 + 2 + 1
        ask = ALONE + struct.pack("<HIIHHHHHI", 0x4000, at, 0, 8, 0, 0, len(data), where, 0)
        self.turn(WRITE, ask, b"\0" + data, reply=(ALONE + struct.pack("<HHI", len(data), 0, 0), b""))

    def close(self) -> None:
        """Close the file."""
        self.turn(CLOSE, struct.pack("<HI", 0x4000, 0xFFFF_FFFF))

    def peek_pipe(self) -> None:
        """Ask for a pipe that is not open: an unpatched server says that it lacks resources."""
        words = struct.pack(
            "<HHHHBBHIHHHHHBBHH", 0, 0, 0xFFFF, 0xFFFF, 0, 0, 0, 0, 0, 0, 74, 0, 74, 2, 0, 0x23, 0
        )
        self.turn(TRANS, words, b"\\PIPE\\\0", status=NO_RESOURCES)

    def large_request(self, parts: int, dice_bytes: bytes) -> None:
        """Ask something of another kind with more data than fits, and add part after part to it."""
        words = struct.pack("<BHIIIIIIIIBH", 1, 0, 30, 66_512, 30, 0, 30, 75, 974, 105, 1, 0) + b"\0\0"
        self.turn(NT_TRANS, words, bytes(1_004))
        for part in range(parts):
            more = struct.pack("<HHHHHHHHH", 0, 4_096, 0, 0, 0, 4_096, 53, part * 4_096 & 0xFFFF, 0)
            self.turn(TRANS2_MORE, more, dice_bytes[:4_096], reply=None, pause=0.0005)

    def last_part(self, filler: bytes) -> None:
        """Send the part that breaks it: the answer is that a parameter is wrong."""
        more = struct.pack("<HHHHHHHHH", 0, 4_096, 0, 0, 0, 4_096, 53, 0xF000, 0)
        self.turn(TRANS2_MORE, more, filler[:4_096], status=INVALID_PARAMETER)

    def echo(self) -> None:
        """Ask whether it is there."""
        self.turn(ECHO, b"\x01\0", b"A" * 12, reply=(b"\x01\0", b"A" * 12))
