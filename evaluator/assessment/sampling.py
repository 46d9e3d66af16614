"""Drawing a sample with given probabilities, so that anyone can draw it again without this program.

Owns: inclusion probabilities proportional to a measure of size, and randomised systematic selection. All arithmetic is
on whole numbers and fractions: it decides alike on every machine. Knows nothing of institutions' scores, and nothing of
why one has the measure it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

START_DIGITS = 12
"""Hexadecimal digits of the seed's hash that make the start: 48 bits, which a spreadsheet's numbers hold exactly."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One member of the population and what became of it; kept small, as a round has thousands."""

    row: int
    """Its place among the ids and sizes that were given."""
    hash: str
    """SHA-256 of `seed:id`, in hexadecimal digits."""
    size: int
    """Its measure of size `m`."""
    certain: bool
    """Whether it is taken in any case."""
    after: int
    """Sum `A` of the measures up to and with it, in the order of hashes; 0 where certain."""
    probability: Fraction
    """Its probability of being selected, above 0 and at most 1."""
    chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """A draw: who is in the sample, and all that is needed to check it."""

    seed: str
    size: int
    """How many are in the sample: as asked for, or all where there are no more."""
    asked: int
    units: tuple[Unit, ...]
    """The whole population: the certain ones first, each part in the order of hashes."""
    certain: int
    """How many are taken in any case."""
    total: int
    """Sum `M` of the measures of those that are not."""
    start: int
    """Where counting starts, 0 to `M` - 1."""

    @property
    def steps(self) -> int:
        """How many are drawn beside the certain ones: `k`."""
        return self.size - self.certain

    @property
    def everyone(self) -> bool:
        """Whether the whole population is in the sample: then nobody is drawn, and there is no start."""
        return self.size == len(self.units)

    @property
    def chosen(self) -> tuple[Unit, ...]:
        """The sample in the order of hashes, which has nothing to do with size: the first of it are a random part."""
        return tuple(sorted((unit for unit in self.units if unit.chosen), key=lambda unit: unit.hash))


def inclusion(sizes: Sequence[int], count: int) -> tuple[Fraction, ...]:
    """Give the inclusion probabilities of a sample of fixed size, proportional to size.

    `pi = count * m / sum(m)`; where that is 1 or more it is 1, and the rest is shared out again among the others until
    all are below 1. They sum to `count` exactly. Source: Särndal, Swensson, Wretman, Model Assisted Survey Sampling
    (1992); Tillé, Sampling Algorithms (2006).

    Args:
        sizes: the measures, each a whole number above 0.
        count: how many to select, 0 to `len(sizes)`.

    Raises:
        ValueError: a measure is not above 0, or there are fewer than `count`.
    """
    if any(size <= 0 for size in sizes) or not 0 <= count <= len(sizes):
        raise ValueError("measures of size must be above 0, and as many as are to be selected")
    certain = _certain(sizes, count)
    left, total = count - len(certain), sum(size for n, size in enumerate(sizes) if n not in certain)
    return tuple(Fraction(1) if n in certain else Fraction(left * size, total) for n, size in enumerate(sizes))


def draw(ids: Sequence[str], sizes: Sequence[int], count: int, seed: str) -> Draw:
    """Select by randomised systematic sampling with probability proportional to size.

    The members stand in the order of the SHA-256 of `seed:id`, each taking a stretch as long as its measure; from a
    start that the SHA-256 of `seed:start` gives, every `M/k`-th point selects whose stretch it lies in. Counted in
    `k`-th parts, so that all numbers are whole: the points are `s, s + M, ..., s + (k-1) M`, a stretch runs from
    `k (A - m)` up to but without `k A`, and `k m` of the `M` starts select it, so that the probabilities are exact.
    (The remainder of a 48-bit number favours no start by more than `M` in 2^48: less than one in ten million.)
    Source: Madow, On the theory of systematic sampling II, Ann. Math. Statist. 20 (1949); Hartley and Rao, Sampling
    with unequal probabilities and without replacement, ibid. 33 (1962).

    Args:
        ids: unique ids.
        sizes: their measures, each a whole number above 0.
        count: how many to select, at least 0; more than there are selects all.
        seed: any text.
    """
    size = min(count, len(ids))
    probabilities = inclusion(sizes, size)
    hashes = [hash_of(seed, name) for name in ids]
    order = sorted(range(len(ids)), key=lambda n: (hashes[n], ids[n]))
    certain = [n for n in order if probabilities[n] == 1]
    others = [n for n in order if probabilities[n] != 1]
    total, steps = sum(sizes[n] for n in others), size - len(certain)
    start = start_of(seed, total)
    units = [_unit(n, hashes[n], sizes[n], 0, probabilities[n], chosen=True) for n in certain]
    after = 0
    for n in others:
        after += sizes[n]
        chosen = points_in(steps * (after - sizes[n]), steps * after, start, total) > 0
        units.append(_unit(n, hashes[n], sizes[n], after, probabilities[n], chosen=chosen))
    return Draw(
        seed=seed, size=size, asked=count, units=tuple(units), certain=len(certain), total=total, start=start
    )  # fmt: skip


def hash_of(seed: str, name: str) -> str:
    """Give the SHA-256 of `seed:name` in UTF-8, in hexadecimal digits."""
    return sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).hexdigest()


def start_of(seed: str, total: int) -> int:
    """Give the start that a seed makes, 0 to `total` - 1; 0 where there is nothing to draw from."""
    return int(hash_of(seed, "start")[:START_DIGITS], 16) % total if total else 0


def points_in(low: int, high: int, start: int, step: int) -> int:
    """Count the points `start + t * step` from `low` up to but without `high`; `t` is any whole number."""
    return (start - low) // step - (start - high) // step


def _certain(sizes: Sequence[int], count: int) -> set[int]:
    """Find those that are taken in any case: again and again whoever has a share of 1 or more of what is left."""
    order = sorted(range(len(sizes)), key=lambda n: -sizes[n])
    total, left = sum(sizes), count
    certain: set[int] = set()
    for n in order:  # by falling size: once one has less than a share, all after it have
        if left * sizes[n] < total or not left:
            break
        certain.add(n)
        total -= sizes[n]
        left -= 1
    return certain


def _unit(row: int, hashed: str, size: int, after: int, probability: Fraction, *, chosen: bool) -> Unit:
    return Unit(
        row=row, hash=hashed, size=size, certain=probability == 1, after=after, probability=probability, chosen=chosen
    )
