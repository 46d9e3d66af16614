"""The explanation of random results: checked by hand from its printed lines, and held against the oracle."""

from __future__ import annotations

import re
from fractions import Fraction

from hypothesis import given, settings

from evaluator.model.records import DIMENSIONS, LEVELS
from evaluator.reports.explaining.as_json import as_json
from evaluator.wording import LANGS
from tests import small
from tests.explaining import explained, lines
from tests.handcheck import readded
from tests.oracle import Verdict
from tests.property.strategies import Round, rounds_at_thresholds

NEAR = Fraction(1, 10**9)


@settings(deadline=None, max_examples=60)
@given(rounds_at_thresholds())
def test_printed_lines_add_up_to_what_the_oracle_says(drawn: Round) -> None:
    found = small.assessed(drawn.model, drawn.answers, category=drawn.categories)
    method = drawn.model.rules.method
    for row, verdict in enumerate(drawn.verdicts):
        said = {name: one.result for name, one in readded(lines(found, row), method).items()}
        same(said, "S", None if verdict.not_rated else verdict.S)
        for name, (total, _, _) in verdict.methods.items():
            if name != method:
                same(said, f"S({name})", None if verdict.not_rated else total)
        for name in DIMENSIONS:
            same(said, f"P({name})", None if verdict.not_rated else verdict.P[name])
        assert said.get("star") == verdict.star
        for domain in (one for one in drawn.model.domains if one.code not in verdict.missing):
            same(said, f"S({domain.code})", verdict.S_d[domain.code])
            same(said, f"C({domain.code})", verdict.coverage[domain.code])
            same(said, f"N({domain.code})", verdict.na_share[domain.code])
            for item in domain.items:
                same(said, f"M({item.code})", verdict.item_scores[item.code])
            if method != "average":
                for level in LEVELS:
                    same(said, f"D({domain.code},{level})", verdict.D[domain.code, level])
                    for item in domain.items:
                        same(said, f"x({item.code},{level})", verdict.x[item.code, level])
            for requirement in domain.requirements:
                same(said, f"s({requirement.id})", verdict.requirement_scores[requirement.id])


def same(said: dict[str, Fraction], name: str, exact: Fraction | None) -> None:
    """Hold a printed figure against the oracle's; one that is `None` is not printed."""
    assert (name in said) == (exact is not None), name
    if exact is not None:
        assert abs(said[name] - exact) < NEAR, name


@settings(deadline=None, max_examples=40)
@given(rounds_at_thresholds())
def test_star_limits_reasons_and_shares_are_the_oracles(drawn: Round) -> None:
    found = small.assessed(drawn.model, drawn.answers, category=drawn.categories)
    for row, verdict in enumerate(drawn.verdicts):
        one = explained(found, row)
        data, trace = as_json(one), one.trace
        assert trace.reason == (verdict.not_rated or "")
        assert {domain.code for domain in trace.domains if not domain.came} == verdict.missing
        assert data["reason"] == trace.reason
        if trace.star is None:
            assert verdict.not_rated
            broken(verdict, one.trace.domains, drawn)
            continue
        assert (trace.star.star, trace.star.limited_by) == (verdict.star, verdict.limited_by)
        assert min(limit.most for limit in trace.star.limits if limit.most is not None) == verdict.star
        assert trace.star.fewest == min(verdict.p.values())
        assert set(trace.star.weakest) == {code for code, p in verdict.p.items() if p == min(verdict.p.values())}
        for method in trace.methods:
            assert (method.star, method.limited_by) == verdict.methods[method.method][1:]
        means = [one.total for one in trace.methods]
        means += [level.attainment for d in trace.domains for level in d.levels if level.attainment is not None]
        means += [cell for d in trace.domains for item in d.items for cell in item.cells if cell is not None]
        for mean in means:
            assert not mean.in_force or abs(sum(term.share for term in mean.terms) - 1) < 1e-12


def broken(verdict: Verdict, domains: object, drawn: Round) -> None:
    """Hold the shares that keep an institution from being rated against the oracle's."""
    rules = drawn.model.rules
    for domain in domains:  # type: ignore[attr-defined]
        assert domain.coverage.kept == (
            round(verdict.coverage[domain.code], 9) >= round(Fraction(str(rules.min_coverage)), 9)
        )
        assert domain.na_share.kept == (
            round(verdict.na_share[domain.code], 9) <= round(Fraction(str(rules.max_na_share)), 9)
        )


@settings(deadline=None, max_examples=10)
@given(rounds_at_thresholds())
def test_both_languages_print_the_same_arithmetic(drawn: Round) -> None:
    found = small.assessed(drawn.model, drawn.answers, category=drawn.categories)
    zh, en = (readded(lines(found, 0, lang), drawn.model.rules.method) for lang in LANGS)
    assert zh == en


def test_the_hand_check_sees_a_wrong_figure() -> None:
    """Else it would prove nothing: any one figure changed is noticed."""
    model = small.model(
        small.domain("AA", 0.6, small.item("AA1", 0.6), small.item("AA2", 0.4)),
        small.domain("BB", 0.4, small.item("BB1", 1.0)),
    )
    words = ["full", "full", "large", "partial", "partial"] * 3
    printed = lines(small.assessed(model, {"I1": words}), 0)
    readded(printed, "staged")
    changed = 0
    for n, line in enumerate(printed):
        if not re.match(r"\s*[SDx](\([A-Z].*\))? = .* = ", line):
            continue
        name, _, rest = line.partition(" = ")
        for digit in re.finditer(r"(?<=[ .(])[0-9](?=[ )]|$)", f" {rest.partition('  ')[0]}"):
            at = len(name) + 2 + digit.start()
            other = line[:at] + str((int(line[at]) + 3) % 10) + line[at + 1 :]
            assert not passes([*printed[:n], other, *printed[n + 1 :]]), other
            changed += 1
    assert changed > 40


def passes(printed: list[str]) -> bool:
    try:
        readded(printed, "staged")
    except (AssertionError, KeyError):
        return False
    return True
