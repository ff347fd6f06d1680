"""Every detector keeps to what every detector must."""

import os
import subprocess
import sys

import pytest

from oddwire.base.detector import Detector
from oddwire.engine.registry import all_detectors
from oddwire.testing.conformance import CHECKS, complaints, our_stage
from oddwire.testing.stimulus import KINDS

# A million hosts are shown without the tracer of coverage: it takes twice the time that is measured there.
CHECKED = [pytest.param(name, marks=pytest.mark.no_cover) if name == "bounds" else name for name in CHECKS]
# Prints what all detectors say of the stimulus, in a process whose sets are in another order.
PROGRAM = """
from hashlib import sha256
from oddwire.engine.registry import all_detectors
from oddwire.testing.conformance import our_stage
for one in all_detectors():
    print(one.name, sha256(chr(10).join(our_stage().plainly(one)).encode()).hexdigest())
"""


@pytest.mark.parametrize("check", CHECKED)
@pytest.mark.parametrize("detector", all_detectors(), ids=lambda one: one.name)
def test_a_detector_conforms(detector: type[Detector], check: str) -> None:
    assert complaints(detector, check) == []


@pytest.mark.parametrize(
    "detector", [one for one in all_detectors() if one.kind in KINDS], ids=lambda one: one.name
)
def test_the_stimulus_makes_it_speak(detector: type[Detector]) -> None:
    assert our_stage().plainly(detector)


def test_what_is_said_does_not_hang_on_the_order_of_sets() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
