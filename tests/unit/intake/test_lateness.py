"""Late returns: flagged or refused by the round's rule, and never without cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluator.intake.lateness import timely
from evaluator.intake.returns import Return, split
from evaluator.intake.terms import Terms
from tests.forms import filled, model, read

CLOSES = "2026-03-31T16:00:00Z"
"""The end of 31 March in China."""
TERMS = Terms(round="r", key=b"", closes=CLOSES, utc_offset=8.0)
STRICT = replace(TERMS, late="exclude")


def a_return(file: str, arrived: str, *, answer: str = "full", sha256: str = "") -> Return:
    form = read(filled("SS", changed={"SS1-1": (answer, "x", "")}))
    ((one,), _) = split(file, form, "N01", model(), arrived, sha256)
    return one


@pytest.mark.parametrize(
    ("arrived", "late"),
    [("", False), ("2026-03-31T15:59:59Z", False), (CLOSES, True), ("2026-04-01T01:12:00Z", True)],
)
def test_late_is_what_arrived_after_closing_and_an_unknown_arrival_never_is(arrived: str, late: bool) -> None:
    one = a_return("a", arrived)
    flagged, refused = timely([one], TERMS), timely([one], STRICT)
    assert [f.code for f in flagged.findings] == ["return.late"] * late
    assert (flagged.returns, flagged.refused) == ((one,), ())
    assert [f.code for f in refused.findings] == ["return.too_late"] * late
    assert (refused.returns, refused.refused) == (((), (one,)) if late else ((one,), ()))


def test_without_a_round_or_a_deadline_nothing_is_late() -> None:
    one = a_return("a", "2099-01-01T00:00:00Z")
    assert timely([one], None).findings == ()
    assert timely([one], replace(TERMS, closes="")).findings == ()


def test_a_finding_says_both_times_in_the_rounds_own_zone() -> None:
    (finding,) = timely([a_return("a", "2026-03-31T17:30:59Z")], TERMS).findings
    assert (finding.severity, finding.institution, finding.domain, finding.file) == ("warning", "N01", "SS", "a")
    for lang in ("zh", "en"):
        assert "2026-04-01 01:30 (UTC+08:00)" in finding.message(lang)
        assert "2026-03-31 24:00 (UTC+08:00)" in finding.message(lang)


def test_a_copy_of_what_came_in_time_is_not_late() -> None:
    first, again = a_return("a", "2026-03-30T00:00:00Z"), a_return("b", "2026-04-02T00:00:00Z")
    other = a_return("c", "2026-04-02T00:00:00Z", answer="none")
    found = timely([first, again, other], STRICT)
    assert found.returns == (first, again)
    assert [f.file for f in found.findings] == ["c"]


def test_what_a_person_accepted_counts_however_late() -> None:
    one, other = (
        a_return(name, "2026-04-02T00:00:00Z", answer=a, sha256=name) for name, a in (("a", "full"), ("b", "none"))
    )
    found = timely([one, other], replace(STRICT, accepted={"a": "延期申请获准"}))
    assert (found.returns, found.refused) == ((one,), (other,))
    assert [(f.file, f.code) for f in found.findings] == [("a", "return.late"), ("b", "return.too_late")]
