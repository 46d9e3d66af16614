"""Rulings: the decided answer scores, the given one stays beside it."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from evaluator.assessment import answers, checks, rulings
from evaluator.assessment.results import assess
from evaluator.assessment.rulings import Applied, Decision, Ruling
from evaluator.model.records import Model
from tests.small import INVALID, cells, domain, institutions, item, model, requirement

SMALL = model(
    domain(
        "AA",
        1.0,
        item(
            "AA1",
            1.0,
            requirement("AA1-1", veto_star=1),
            requirement("AA1-2", na_allowed=True),
            *(requirement(f"AA1-{n}") for n in (3, 4, 5)),
        ),
    )
)
GIVEN = ("none", "full-", "", "?", "na")


def ruling(answer: str) -> Ruling:
    return Ruling(answer=answer, reason="现场核实", role="复核组组长", made="2026-04-05T08:15:00Z")


def applied(given: Mapping[str, Sequence[str]], decided: Mapping[str, Mapping[str, str]], of: Model = SMALL) -> Applied:
    judged = answers.judge(cells(of, given), of, {})
    wanted = {who: {what: ruling(code) for what, code in own.items()} for who, own in decided.items()}
    return rulings.apply(judged, wanted, of)


def row(frame: pd.DataFrame, what: str, who: str = "N1") -> Mapping[str, object]:
    found = frame[frame["institution"].eq(who) & frame["requirement"].eq(what)]
    return found.iloc[0].to_dict()


def test_without_rulings_nothing_is_touched() -> None:
    judged = answers.judge(cells(SMALL, {"N1": GIVEN}), SMALL, {})
    assert rulings.apply(judged, {}, SMALL).judged is judged
    assert rulings.apply(judged, {"N9": {"AA1-1": ruling("full")}}, SMALL) == Applied(judged, (), ())


@pytest.mark.parametrize(
    ("what", "state", "answer", "scored_as", "score", "before"),
    [
        ("AA1-1", "answered", "none", "none", 0.0, ("不满足", "None")),
        ("AA1-2", "answered", "full", "partial", 0.5, ("完全满足（按部分满足计）", "Full (scored as Partial)")),
        ("AA1-3", "blank", "", "none", 0.0, ("未填写", "blank")),
        ("AA1-4", "invalid", "", "none", 0.0, ("差不多", "差不多")),
        ("AA1-5", "invalid", "na", "none", 0.0, ("不适用（按不满足计）", "Na (scored as None)")),
    ],
)
def test_a_ruling_counts_whatever_was_given_and_keeps_that_beside_it(
    what: str, state: str, answer: str, scored_as: str, score: float, before: tuple[str, str]
) -> None:
    found = applied({"N0": GIVEN, "N1": GIVEN}, {"N1": {what: "large"}})
    decided = row(found.judged, what)
    assert (decided["state"], decided["scored_as"], decided["score"]) == ("answered", "large", 0.8)
    assert decided["answer"] == answer
    assert not any(decided[flag] for flag in ("no_evidence", "na_refused", "na_unreasoned"))
    (one,) = found.ruled
    assert (one.institution, one.requirement, one.ruling) == ("N1", what, ruling("large"))
    assert (one.state, one.answer, one.scored_as, one.score, tuple(one.before)) == (
        state, answer, scored_as, score, before,
    )  # fmt: skip
    other = [column for column in found.judged.columns if column != "institution"]
    untouched = answers.judge(cells(SMALL, {"N0": GIVEN, "N1": GIVEN}), SMALL, {})
    same = found.judged["requirement"].ne(what) | found.judged["institution"].ne("N1")
    pd.testing.assert_frame_equal(found.judged.loc[same, other], untouched.loc[same, other], check_dtype=False)


def test_a_ruling_of_na_leaves_the_requirement_out() -> None:
    decided = row(applied({"N1": GIVEN}, {"N1": {"AA1-2": "na"}}).judged, "AA1-2")
    assert (decided["state"], decided["answer"], decided["scored_as"]) == ("not_applicable", "full", "")
    assert math.isnan(float(str(decided["score"])))


def test_the_finding_says_what_was_given_what_counts_why_and_who() -> None:
    (finding,) = applied({"N1": GIVEN}, {"N1": {"AA1-4": "full"}}).findings
    assert (finding.code, finding.severity, finding.institution, finding.domain) == (
        "answer.overridden", "info", "N1", "AA",
    )  # fmt: skip
    assert (finding.file, finding.sheet, finding.cell, finding.requirement) == (
        "N1_AA.xlsx",
        "自评问卷",
        "F15",
        "AA1-4",
    )
    for lang in ("zh", "en"):
        said = finding.message(lang)
        assert all(words in said for words in ("差不多", "现场核实", "复核组组长", "2026-04-05 08:15 UTC"))
    assert "“完全满足”" in finding.message("zh")
    assert "'Full'" in finding.message("en")


def test_a_domain_that_never_came_is_not_decided_by_single_answers() -> None:
    given = {"N1": ["missing"] * 5}
    found = applied(given, {"N1": {"AA1-2": "full"}})
    assert row(found.judged, "AA1-2")["state"] == "missing"
    assert found.ruled == ()
    (finding,) = found.findings
    assert (finding.code, finding.severity, finding.requirement) == ("answer.override_unused", "warning", "AA1-2")


def test_what_is_decided_is_no_fault_any_more() -> None:
    given = {"N1": ("none", "full-", "", "?formula", "na")}
    every = {"AA1-2": "full", "AA1-3": "none", "AA1-4": "full", "AA1-5": "partial"}
    before = {f.code for f in checks.check(applied(given, {}).judged, SMALL)}
    assert {"evidence.missing", "answer.blank", "answer.formula", "answer.na_not_permitted"} <= before
    assert checks.check(applied(given, {"N1": every}).judged, SMALL) == ()


def test_the_method_runs_on_the_decided_answers() -> None:
    decided = {"AA1-1": "full", "AA1-2": "full", "AA1-3": "full", "AA1-4": "large", "AA1-5": "none"}
    table = institutions(["N1", "N2"])
    ruled = assess(applied({"N1": GIVEN, "N2": GIVEN}, {"N1": decided}).judged, table, SMALL)
    same = {"N1": ("full", "full", "full", "large", "none"), "N2": GIVEN}
    given = assess(answers.judge(cells(SMALL, same), SMALL, {}), table, SMALL)
    pd.testing.assert_frame_equal(ruled.institutions, given.institutions)
    pd.testing.assert_frame_equal(ruled.domains, given.domains)
    assert ruled.institutions["star"].tolist()[0] == 4


@pytest.mark.parametrize("seed", range(12))
def test_a_decided_answer_scores_as_if_it_had_been_given_with_its_evidence_or_reason(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - test data
    words = ["full", "full-", "large", "large-", "partial", "none", "na", "na-", "", "no_row", *INVALID]
    given = {f"N{n}": [chance.choice(words) for _ in SMALL.requirements] for n in range(6)}
    given["N5"] = ["missing"] * len(SMALL.requirements)
    decided: dict[str, dict[str, str]] = {}
    as_if = {who: list(own) for who, own in given.items()}
    for who in ("N0", "N2", "N3", "N5"):
        for n, asked in enumerate(SMALL.requirements):
            if chance.random() < 0.5:
                code = chance.choice(["full", "large", "partial", "none", *(["na"] if asked.na_allowed else [])])
                decided.setdefault(who, {})[asked.id] = code
                as_if[who][n] = code if who != "N5" else "missing"
    table = institutions(given)
    ruled = assess(applied(given, decided).judged, table, SMALL)
    expected = assess(answers.judge(cells(SMALL, as_if), SMALL, {}), table, SMALL)
    for frame in ("institutions", "domains", "items", "dimensions", "ranks"):
        pd.testing.assert_frame_equal(getattr(ruled, frame), getattr(expected, frame))


def test_the_hash_of_decisions_does_not_hang_on_their_order_and_tells_any_change() -> None:
    def decision(number: int, **changed: str) -> Decision:
        fields = {"kind": "answer", "institution": "N1", "target": f"AA1-{number}", "value": "full"}
        return Decision(**{**fields, "reason": "r", "role": "p", "made": "2026-04-05T08:15:00Z", **changed})

    every = [decision(n) for n in range(1, 6)]
    shuffled = random.Random(1).sample(every, len(every))  # noqa: S311 - test data
    assert rulings.digest(shuffled) == rulings.digest(every)
    for key in ("kind", "institution", "target", "value", "reason", "role", "made"):
        assert rulings.digest([*every[1:], decision(1, **{key: "x"})]) != rulings.digest(every)
