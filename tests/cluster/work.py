"""Work for a cluster's workers, who import it from here: some of it ends the process that does it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

DEADLY = 13
"""The item that does harm."""


def doubled(batch: Sequence[int]) -> list[int]:
    return [2 * item for item in batch]


def places(batch: Sequence[int]) -> list[tuple[int, int]]:
    """Give the process that works, and the one that started it."""
    time.sleep(0.2)
    return [(os.getpid(), os.getppid()) for _ in batch]


def killing(batch: Sequence[int]) -> list[int]:
    if DEADLY in batch:
        os.kill(os.getpid(), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    return doubled(batch)


def hanging(batch: Sequence[int]) -> list[int]:
    while DEADLY in batch:
        pass
    return doubled(batch)


def hogging(batch: Sequence[int]) -> list[int]:
    return [len(bytes(1 << 32)) for item in batch if item == DEADLY] or doubled(batch)


def failing(batch: Sequence[int]) -> list[int]:
    raise ValueError(f"no {batch[0]}")


def noting(folder: Path, batch: Sequence[int]) -> list[int]:
    """Leave a note of each item that was begun."""
    for item in batch:
        (folder / str(item)).touch()
    time.sleep(1)
    return doubled(batch)
