"""Checking an explanation by hand: its printed lines, and METHOD.md's names for what they say, and nothing else.

Nothing here knows how the program makes a trace. Each printed equation must hold by itself; and the operands of each
must be the results of those it rests on, so that the total follows from the requirements' printed scores.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

HALF = Fraction(1, 2 * 10**9)
NEAR = Fraction(6, 10**10)
"""An operand may have 9 decimals where its own line has others that round to the same."""
_LINE = re.compile(r"^\s*((?:star|[A-Za-z])(?:\([^=()]*\))?) = (\S.*)$")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class Said:
    """One printed equation."""

    expression: str
    """Empty where the line gives the result alone."""
    result: Fraction
    digits: int
    """Decimals of the printed result."""


def equations(lines: Iterable[str]) -> dict[str, Said]:
    """Read all equations; one that is printed several times must be the same each time."""
    found: dict[str, Said] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        *expression, result = match[2].partition("  ")[0].split(" = ")
        assert len(expression) <= 1, line
        assert _NUMBER.fullmatch(result), line
        assert "." not in result or not result.endswith("0"), line
        said = Said("".join(expression), Fraction(result), len(result.partition(".")[2]))
        assert found.setdefault(match[1], said) == said, line
    return found


def holds(said: Said) -> bool:
    """Tell whether the left side, computed from the printed operands, rounds to the printed result, halves up."""
    if not said.expression:
        return True
    return said.digits <= 9 and -HALF <= computed(said.expression) - said.result < HALF


def computed(expression: str) -> Fraction:
    """Compute an expression exactly."""
    numbers: list[Fraction] = []

    def keep(match: re.Match[str]) -> str:
        numbers.append(Fraction(match[0]))
        return f"n[{len(numbers) - 1}]"

    return _of(ast.parse(_NUMBER.sub(keep, expression).replace("×", "*"), mode="eval").body, numbers)


def _of(node: ast.AST, numbers: list[Fraction]) -> Fraction:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return numbers[node.slice.value]
    assert isinstance(node, ast.BinOp), ast.dump(node)
    left, right = _of(node.left, numbers), _of(node.right, numbers)
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Mult):
        return left * right
    assert isinstance(node.op, ast.Div), ast.dump(node)
    return left / right


def values(said: Said) -> list[Fraction]:
    """Give the values that a weighted mean is made of, without their weights; of a single figure itself."""
    words = said.expression.removeprefix("5 × ")
    if not words:
        return [said.result]
    top = words[1:].partition(")")[0] if words.startswith("(") else words.partition(" / ")[0]
    return [Fraction(part.rpartition(" × ")[2]) for part in top.split(" + ")]


def names(found: dict[str, Said], start: str) -> list[str]:
    """Give the names that begin so, in the order of their lines."""
    return [name for name in found if name.startswith(start)]


def readded(lines: Iterable[str], method: str) -> dict[str, Said]:
    """Check a whole explanation from the requirements' scores up to the total; gives its equations.

    Raises:
        AssertionError: an equation does not hold, or does not rest on those below it.
    """
    found = equations(lines)
    for name, said in found.items():
        assert holds(said), (name, said)
    if method == "average":
        for name in names(found, "M("):
            _rests_on(found, name, [s for s in names(found, "s(") if s[2:].partition("-")[0] == name[2:-1]])
    else:
        for name in names(found, "x("):
            item, level = name[2:-1].split(",")
            _rests_on(found, name, [s for s in names(found, "s(") if re.match(rf"s\({item}-{level}[a-z]?\)", s)])
        for name in names(found, "D("):
            domain, level = name[2:-1].split(",")
            _rests_on(found, name, [x for x in names(found, "x(") if re.match(rf"x\({domain}[0-9]+,{level}\)", x)])
    domains = [name for name in names(found, "S(") if re.fullmatch(r"S\([A-Z]{2}\)", name)]
    for name in domains:
        if method == "average":
            below = [m for m in names(found, "M(") if m.startswith(f"M({name[2:-1]}")]
            _rests_on(found, name, below, factor=5)
        elif found[name].expression:
            passed, added = found[name].expression.split(" + ")
            step = found[f"D({name[2:-1]},{int(passed) + 1})"]
            assert abs(Fraction(added) - step.result) <= NEAR, name
        else:
            assert found[name].result == 5 or name[2:-1] not in str(names(found, "D(")), name
    if "S" in found:
        _rests_on(found, "S", domains)
    return found


def _rests_on(found: dict[str, Said], name: str, below: list[str], factor: int = 1) -> None:
    said = found[name]
    if not below:  # nothing applies: it is not passed, or has no score
        assert (said.expression, said.result) == ("", 0), name
        return
    wanted = [found[one].result for one in below]
    given = values(said) if said.expression else [said.result / factor]
    assert len(given) == len(wanted), (name, said, below)
    assert all(abs(a - b) <= NEAR for a, b in zip(given, wanted, strict=True)), (name, said, below)
