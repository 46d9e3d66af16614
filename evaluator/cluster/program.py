"""Whether two machines would give the same results, byte for byte.

Owns: what results depend on beside the inputs: the program, the libraries that read, count and write, and the system's
compression.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

from evaluator import __version__
from evaluator.errors import WorkersError
from evaluator.fingerprint import LIBRARIES, digest_of

_SHOWN = 12
"""Digits of a digest that tell two apart."""
_SAMPLE = b"".join(b'<c r="%d"><v>%d</v></c>' % (n % 97, n * n) for n in range(4_000))
_LEVELS = (1, 6, 9)


@cache
def environment() -> Mapping[str, str]:
    """Say what results made in this process depend on, by what people call it."""
    packed = b"".join(zlib.compress(_SAMPLE, level) for level in _LEVELS)
    return {
        "evaluator": __version__,
        "evaluator files": digest_of("evaluator")[:_SHOWN],
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        **{name: version(name) for name in LIBRARIES},
        "zlib": hashlib.sha256(packed).hexdigest()[:_SHOWN],
    }


def check_same(place: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """Make sure that the environment at some place is as that of the process in charge.

    Raises:
        WorkersError: it is not.
    """
    for name in {**ours, **theirs}:
        one, other = theirs.get(name, "-"), ours.get(name, "-")
        if one != other:
            raise WorkersError("cluster_differs", place=place, name=name, theirs=one, ours=other)
