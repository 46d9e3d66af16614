"""Times of several ways to do a thing, taken in turn, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Lane = Callable[[], object]


@dataclass(frozen=True)
class Timed:
    """Seconds that each lane took, round by round."""

    seconds: Mapping[str, Sequence[float]]

    def median(self, lane: str) -> float:
        """Give a lane's usual time."""
        return median(self.seconds[lane])

    def each(self, counts: Mapping[str, int]) -> Timed:
        """Give the time of one thing where a lane does several."""
        return Timed({lane: [one / counts[lane] for one in taken] for lane, taken in self.seconds.items()})

    def ratio(self, lane: str, base: str) -> float:
        """Say how many times the base's time a lane takes: the median over the rounds."""
        return median(a / b for a, b in zip(self.seconds[lane], self.seconds[base], strict=True))


def in_turn(
    rounds: int, lanes: Mapping[str, Lane], *, warm: bool = True, clock: Callable[[], float] = time.perf_counter
) -> Timed:
    """Time the lanes: A B C, A B C, ..., after one round that does not count.

    Args:
        rounds: how often.
        lanes: what to time, by name.
        warm: whether to have that first round.
        clock: `time.process_time` for lanes that work in this process alone: what others use of a busy machine is then
            left out.
    """
    seconds: dict[str, list[float]] = {name: [] for name in lanes}
    for n in range(-1 if warm else 0, rounds):
        for name, lane in lanes.items():
            gc.collect()
            began = clock()
            lane()
            took = clock() - began
            if n >= 0:
                seconds[name].append(took)
    return Timed(seconds)
