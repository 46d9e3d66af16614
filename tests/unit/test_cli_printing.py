"""What institutions typed, in the lines that `check` prints."""

from __future__ import annotations

import sys

import pytest

from evaluator.cli import printing
from evaluator.findings import Finding


def test_a_findings_line_obeys_nothing_that_an_institution_typed() -> None:
    params = {"requirement": "SS1-1", "found": "\x1b]0;x\x07\u202e\nOK", "options": "x"}
    finding = Finding(
        code="answer.invalid", institution="N\x9b1m", file="a\udcff\r.xlsx", sheet="S\u2066", cell="F5", params=params
    )
    head, body = printing.finding_line(finding).split("\n")
    assert head.endswith("answer.invalid  N\\u009b1m  a\\udcff\\u000d.xlsx  S\\u2066!F5")
    assert "\\u001b]0;x\\u0007\\u202e\\u000aOK" in body
    assert (head + body).isprintable()


def test_a_long_name_does_not_widen_a_table_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    printing.print_table([("id", "name", "state"), ("1", "甲" * 60, "done"), ("2", "乙", "owed")])
    head, long, short = capsys.readouterr().out.splitlines()
    assert long == f"1   {'甲' * 21}…  done"
    assert short == f"2   乙{' ' * 43}owed"
    assert head.endswith("state")


def test_a_table_that_is_not_on_a_terminal_keeps_its_texts_whole(capsys: pytest.CaptureFixture[str]) -> None:
    printing.print_table([("id", "name", "state"), ("1", "甲" * 60, "done"), ("2", "乙", "owed")])
    _, long, short = capsys.readouterr().out.splitlines()
    assert long == f"1   {'甲' * 60}  done"
    assert short == f"2   乙{' ' * 118}  owed"
