"""The long suites stand on the same programs and captures as the heavy ones."""

from tests.heavy.conftest import pack, program, tshark

__all__ = ["pack", "program", "tshark"]
