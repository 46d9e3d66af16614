"""A figure is blamed on nothing that it can't follow from, and on forgery only where nothing else is left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluator.reports.comparing.reasons import Reasons, reasons_of
from evaluator.reports.comparing.sealed import Facts, Sealed
from evaluator.reports.comparing.tables import Figure
from evaluator.reports.comparing.verdict import Again, Cause, Unfounded

ANSWER = Figure(
    table="answers", key={"institution": "N01", "requirement": "SS1-1"}, institution="N01", file="in/a.ods",
    figure="answer", recorded="full", recomputed="none",
)  # fmt: skip
RANK = Figure(table="ranks", key={"institution": "N02"}, institution="N02", figure="rank", recorded=1, recomputed=2)
NUMPY = Cause(kind="version", what="library", culprit="numpy", recorded="1.0", found="2.0")
PROGRAM = Cause(kind="version", what="program", culprit="evaluator", recorded="0.0.9", found="0.1.0")


def reasons(
    causes: Sequence[Cause] = (), *, converted: Sequence[str] = (), unfounded: Unfounded | None = None
) -> tuple[Reasons, Reasons]:
    facts = Facts(model="m@1", model_hash="h")
    sealed = Sealed(
        folder=Path(), manifest={}, is_whole=True, fault=None, outputs={}, seal=facts, record=facts, facts=facts,
        model=None, owners={},
    )  # fmt: skip
    again = Again(
        folder=None, reports={}, inputs=None, moved={}, roster=None, model=None, model_from="builtin", model_files=(),
        converted=frozenset(converted),
    )  # fmt: skip
    give = reasons_of(causes, (), (ANSWER, RANK), sealed, again, unfounded)
    return give(ANSWER), give(RANK)


def test_where_nothing_accounts_for_a_figure_it_was_made_with_the_seal() -> None:
    assert reasons() == reasons([NUMPY]) == ((("seal", ""),),) * 2


def test_the_programs_version_may_account_for_it() -> None:
    assert reasons([NUMPY, PROGRAM]) == ((("version", "evaluator"),),) * 2


def test_where_answers_of_a_converted_file_differ_another_libreoffice_may_account_for_it() -> None:
    assert reasons(converted=["in/a.ods", "in/b.ods"]) == ((("reconversion", "in/a.ods"),),) * 2
    assert reasons(converted=["in/b.ods"]) == ((("seal", ""),),) * 2


def test_a_record_that_contradicts_itself_is_said_of_the_institution_that_it_does_so_of() -> None:
    found = Unfounded(institution="N02", figure="rank", recorded=1, by_answers=2)
    assert reasons(unfounded=found) == ((("seal", ""),), (("itself", "results.db"),))


def test_a_changed_input_is_its_institutions_reason_and_of_several_none_alone_is_anothers() -> None:
    one = Cause(kind="input", what="changed", culprit="in/a.ods", institution="N01")
    two = Cause(kind="input", what="changed", culprit="in/c.xlsx", institution="N03")
    assert reasons([one]) == ((("input", "in/a.ods"),), (("others", "in/a.ods"),))
    assert reasons([one, two]) == ((("input", "in/a.ods"),), (("others", ""),))
