"""The commands about a round: what they print, their exit codes, and an operator's mistakes in one line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluator import cli
from evaluator.rounds.folder import DATABASE, SETTINGS, Round, open_round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.planning import Plan
from evaluator.rounds.roster_changes import roster_of
from evaluator.rounds.sending import Outcome, Report
from tests import replies
from tests.mailrounds import institutions, made, write_roster

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def place(tmp_path: Path) -> Round:
    open_still = made(tmp_path, institutions(3)).path
    settings = open_still / SETTINGS
    changed = settings.read_text(encoding="utf-8").replace("deadline = 2026-03-31", "deadline = 2099-12-31")
    settings.write_text(changed, encoding="utf-8")
    return open_round(open_still)


def test_an_example_roster_starts_a_round(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "start", "--example")[0] == 0
    code, out, _ = run(
        "init", tmp_path / "round", "--roster", tmp_path / "start" / "roster.xlsx", "--deadline", "2099-12-31",
        "--id", "r-1", "--from", "a@b.example",
    )  # fmt: skip
    assert code == 0
    assert "r-1" in out
    assert open_round(tmp_path / "round").id == "r-1"
    assert run("init", tmp_path / "start", "--example")[0] == 2


def test_a_deadline_that_has_passed_is_pointed_out(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "start", "--example")
    roster = tmp_path / "start" / "roster.xlsx"
    code, _, said = run("init", tmp_path / "round", "--roster", roster, "--deadline", "2020-01-31")
    assert code == 0
    assert "2020-01-31" in said


def test_an_address_of_several_institutions_is_pointed_out(run: Run, tmp_path: Path) -> None:
    first, second = institutions(2)
    roster = write_roster(tmp_path / "r.xlsx", (first, replace(second, email=f"{first.email.upper()}; b@y.example")))
    code, _, said = run("init", tmp_path / "round", "--roster", roster, "--deadline", "2099-12-31", "-q")
    assert code == 0
    assert said.count("\n") == 1
    assert f"{first.id}, {second.id}" in said or f"{first.id}，{second.id}" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "x"), ("init", "x", "--roster", "r.xlsx"), ("init", "x", "--roster", "r.xlsx", "--deadline", "soon"),
        ("send", "nowhere"), ("collect", "nowhere"), ("status", "nowhere"), ("remind", "nowhere"),
        ("send", "nowhere", "--yes", "--eml", "x"), ("collect", "nowhere", "--mark-seen"),
        ("send", "nowhere", "--sent", "first"), ("override", "list", "nowhere"),
        ("override", "answer", "nowhere", "A", "SS1-1", "full"), ("score", "nowhere", "--out", "x"),
    ],
)  # fmt: skip
def test_an_operators_mistake_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, said = run(*arguments)
    assert code == 2
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_sending_is_a_dry_run_unless_told_otherwise(run: Run, place: Round) -> None:
    code, out, _ = run("send", place.path)
    assert code == 0
    assert all(one.id in out for one in institutions(3))
    assert len(list((place.outbox / "invitation").glob("*.eml"))) == 3
    assert states(place) == {"planned": 3}


def test_mails_sent_by_hand_are_settled(run: Run, place: Round, tmp_path: Path) -> None:
    assert run("send", place.path, "--eml", tmp_path / "hand", "--limit", "2")[0] == 0
    assert len(list((tmp_path / "hand").glob("*.eml"))) == 2
    assert run("send", place.path, "--sent", "1")[0] == 0
    assert states(place) == {"sent": 1, "planned": 1}
    assert run("send", place.path, "--sent", "all")[0] == 0
    assert states(place) == {"sent": 2}
    assert run("send", place.path, "--sent", "9")[0] == 2
    found = status(run, place)
    assert [one["domains"]["SS"]["state"] for one in found["institutions"]] == ["sent", "sent", "not_sent"]


def test_who_owes_nothing_is_said_to_and_a_roster_that_changed_after_sending_is_pointed_out(
    run: Run, place: Round, tmp_path: Path
) -> None:
    known = institutions(3)
    one = known[0].id
    run("send", place.path, "--eml", tmp_path / "hand")
    assert run("send", place.path, "--sent", "all")[0] == 0
    code, out, _ = run("remind", place.path, "--only", one)
    assert (code, one in out, known[1].id in out, "nothing to remind" in out) == (0, True, False, False)
    code, out, _ = run("send", place.path, "--corrections", "--only", one)
    assert (code, f"{one}: there is nothing to correct" in out) == (0, True)
    assert run("send", place.path, "--corrections", "--only", "nobody")[0] == 2
    write_roster(place.roster, (replace(known[0], name="新名称"), *known[1:]))
    out = run("send", place.path)[1]
    assert f"{one}: the roster changed after its forms went out (mail 1)" in out
    assert "--again NUMBER" in out
    assert run("send", place.path, "--again", "1")[0] == 0
    assert "To send: 1" in run("send", place.path)[1]


def test_a_mail_that_did_not_go_out_is_named_and_the_exit_code_says_so(
    run: Run, place: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(place: Round, ledger: Ledger, plan: Plan, **_: object) -> Report:
        left = tuple(Outcome(message=one, words="the line broke" if one.number == 2 else "") for one in plan.messages)
        return Report(sent=(), failed=(), unclear=(), left=left)

    monkeypatch.setattr("evaluator.rounds.sending.send", lost)
    monkeypatch.setattr("evaluator.rounds.wire.SmtpWire", lambda place: None)
    code, out, _ = run("send", place.path, "--yes")
    second = institutions(3)[1].id
    assert (code, f"Mail 2 ({second}) did not go out: the line broke; the next run sends it" in out) == (1, True)
    assert out.count("did not go out") == 1, "those that were not tried are only counted"


def test_mails_written_for_sending_by_hand_are_named_and_not_sent_as_well(
    run: Run, place: Round, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[Plan] = []

    def sent(place: Round, ledger: Ledger, plan: Plan, **_: object) -> Report:
        plans.append(plan)
        return Report(sent=(), failed=(), unclear=(), left=())

    monkeypatch.setattr("evaluator.rounds.sending.send", sent)
    monkeypatch.setattr("evaluator.rounds.wire.SmtpWire", lambda place: None)
    run("send", place.path, "--eml", tmp_path / "hand", "--limit", "2")
    code, out, _ = run("send", place.path, "--yes")
    assert (code, [one.number for one in plans[0].messages], out.count("to be sent by hand")) == (1, [3], 2)
    assert "--sent 1" in out
    run("send", place.path, "--yes", "--only", institutions(3)[0].id)
    assert [one.number for one in plans[1].messages] == [1]


def test_without_a_server_sending_ends_in_one_line(run: Run, place: Round) -> None:
    code, _, said = run("send", place.path, "--yes")
    assert code == 2
    assert said.count("\n") == 1
    assert states(place) == {"planned": 3}


def test_answers_are_collected_counted_and_scored(run: Run, place: Round, tmp_path: Path) -> None:
    run("send", place.path, "--eml", tmp_path / "hand")
    run("send", place.path, "--sent", "all")
    first, second, _ = known(place)
    for number, domain in enumerate(place.model.domains):
        form = replies.form(place, first, domain.code)
        replies.put(tmp_path / "came", replies.file_name(place, first, domain.code), form)
        if number == 0:
            spoilt = replies.form(place, second, domain.code, changed={"SS1-1": ("whatever", "x", "")})
            replies.put(tmp_path / "came", replies.file_name(place, second, domain.code), spoilt)
    code, out, _ = run("collect", place.path, tmp_path / "came")
    assert code == 1, "there is a form with errors"
    assert "6" in out
    everyone = status(run, place)["institutions"]
    found = {one["id"]: [form["state"] for form in one["domains"].values()] for one in everyone}
    assert found[first.id] == ["complete"] * 5
    assert found[second.id] == ["faulty", "sent", "sent", "sent", "sent"]
    code, out, _ = run("remind", place.path)
    assert code == 0
    assert "5" in out, "all were written to less than five days ago"
    code, out, _ = run("send", place.path, "--corrections")
    assert code == 0
    assert second.id in out
    assert first.id not in out
    assert len(list((place.path / "corrections").glob("*.xlsx"))) == 1
    code, out, _ = run("check", place.path, "--corrections", tmp_path / "mend", "--format", "json")
    assert code == 1
    assert len(list((tmp_path / "mend").glob("*.xlsx"))) == 1
    assert run("score", place.path, "--out", tmp_path / "results", "-q")[0] == 1
    assert (tmp_path / "results" / "ranking.xlsx").exists()
    assert run("score", place.path, "--roster", place.roster, "--out", tmp_path / "r2")[0] == 2
    assert run("status", place.path, "--out", tmp_path / "status.xlsx", "-q")[0] == 0
    assert (tmp_path / "status.xlsx").exists()
    assert run("status", place.path, "--out", tmp_path)[0] == 2


def test_a_decision_is_made_listed_and_withdrawn_and_the_ledger_follows(run: Run, place: Round, tmp_path: Path) -> None:
    first = known(place)[0]
    spoilt = replies.form(place, first, "SS", changed={"SS1-1": ("whatever", "x", "")})
    replies.put(tmp_path / "came", "1.xlsx", spoilt)
    run("collect", place.path, tmp_path / "came")
    assert state(run, place, first.id) == "faulty"
    why = ("--reason", "appeal granted", "--role", "head of review")
    code, out, _ = run("override", "answer", place.path, first.id, "SS1-1", "full", *why)
    assert code == 0
    assert "appeal granted" in out
    assert state(run, place, first.id) == "complete"
    assert run("override", "withdraw", place.path, "1", *why)[0] == 0
    assert state(run, place, first.id) == "faulty"
    assert run("override", "exclude", place.path, "1.xlsx", *why)[0] == 0
    assert state(run, place, first.id) == "returned"
    assert len(run("override", "list", place.path)[1].splitlines()) == 2
    assert run("override", "withdraw", place.path, "9", *why)[0] == 2


def test_a_mail_that_needed_a_person_is_settled_by_its_mark(run: Run, place: Round, tmp_path: Path) -> None:
    first = known(place)[0]
    replies.put(tmp_path / "came", "1.eml", replies.mail(first.email, words="收到，谢谢。").as_bytes())
    code, out, _ = run("collect", place.path, tmp_path / "came")
    assert code == 1
    mark = out.split()[0]
    assert run("collect", place.path, "--done", mark)[0] == 2, "how is to be said"
    assert run("collect", place.path, "--done", "ffffffff", "--why", "x")[0] == 2
    assert run("collect", place.path, "--done", mark, "--why", "a thank-you note")[0] == 0
    assert run("collect", place.path)[0] == 0
    assert status(run, place)["attention"] == []


def test_a_form_that_came_back_as_it_was_sent_is_listed_and_scores_nothing(
    run: Run, place: Round, tmp_path: Path
) -> None:
    run("send", place.path, "--eml", tmp_path / "hand", "--limit", "1")
    run("send", place.path, "--sent", "all")
    (mail,) = (tmp_path / "hand").iterdir()
    run("collect", place.path, mail)
    assert state(run, place, known(place)[0].id) == "sent"
    run("score", place.path, "--out", tmp_path / "results", "-q")
    with sqlite3.connect(tmp_path / "results" / "results.db") as database:
        files = database.execute("SELECT status FROM files WHERE role = 'return'").fetchall()
        codes = {code for (code,) in database.execute("SELECT code FROM findings")}
    assert files == [("excluded",)] * 5
    assert "return.unanswered" in codes
    assert "answer.blank" not in codes


def test_status_follows_the_settings_without_another_collecting(run: Run, place: Round, tmp_path: Path) -> None:
    first = known(place)[0]
    replies.put(tmp_path / "came", "1.xlsx", replies.form(place, first, "SS"))
    run("collect", place.path, tmp_path / "came")
    assert state(run, place, first.id) == "complete"
    settings = place.path / SETTINGS
    changed = settings.read_text(encoding="utf-8").replace("deadline = 2099-12-31", "deadline = 2020-12-31")
    settings.write_text(changed, encoding="utf-8")
    assert state(run, place, first.id) == "late"
    settings.write_text(changed.replace('late = "flag"', 'late = "exclude"'), encoding="utf-8")
    assert state(run, place, first.id) == "returned"


def test_a_status_workbook_is_written_over_an_earlier_one_and_nothing_else(
    run: Run, place: Round, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "status.xlsx"
    assert run("status", place.path, "--out", out, "-q")[0] == 0
    assert run("status", place.path, "--out", out, "--lang", "en", "-q")[0] == 0
    for path in (place.roster, place.database, place.path / "secret.key", tmp_path / "名单.xlsx"):
        before = path.read_bytes()
        code, _, said = run("status", place.path, "--out", path)
        assert (code, said.count("\n"), path.read_bytes()) == (2, 1, before)
    assert run("status", place.path, "--out", tmp_path / "status.txt")[0] == 2


@pytest.mark.parametrize("name", [DATABASE, SETTINGS, "secret.key"])
def test_a_round_that_lacks_a_file_says_which_and_is_never_called_none(run: Run, place: Round, name: str) -> None:
    (place.path / name).unlink()
    code, _, said = run("status", place.path)
    assert (code, said.count("\n")) == (2, 1)
    assert name in said
    assert "init" not in said


def test_an_empty_database_is_damaged_and_not_of_another_version(run: Run, place: Round) -> None:
    place.database.write_bytes(b"")
    code, _, said = run("status", place.path)
    assert code == 2
    assert "damaged" in said or "损坏" in said


def test_faulty_settings_are_one_line_with_the_place(run: Run, place: Round) -> None:
    settings = place.path / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8").replace("port = 587", 'port = "x"'), encoding="utf-8")
    code, _, said = run("status", place.path)
    assert code == 2
    assert "port" in said


def known(place: Round) -> list[Any]:
    with Ledger(place.database) as ledger:
        return list(roster_of(ledger))


def states(place: Round) -> dict[str, int]:
    with Ledger(place.path / DATABASE) as ledger:
        return dict(ledger.rows("SELECT state, count(*) FROM messages GROUP BY state"))


def status(run: Run, place: Round) -> dict[str, Any]:
    return json.loads(run("status", place.path, "--format", "json")[1])


def state(run: Run, place: Round, institution: str, domain: str = "SS") -> str:
    (found,) = [one for one in status(run, place)["institutions"] if one["id"] == institution]
    return found["domains"][domain]["state"]
