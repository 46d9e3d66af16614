"""What mails say: the built-in letters, those an operator edited, and faults in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluator.errors import RoundError
from evaluator.model.records import Model
from evaluator.rounds.folder import Round
from evaluator.rounds.letters import KINDS, Facts, FaultFact, FileFact, Kind, letter, write_defaults
from evaluator.wording import LANGS, Lang
from tests.ledgers import LATE, NOW, entry, hand_made

FILES = tuple(
    FileFact(code=code, domain=f"domain {code}", name=f"A_{code}.xlsx", points=4) for code in ("SS", "SD", "ST")
)
FAULTS = (
    FaultFact(code="SS", domain="domain SS", sheet="Q", cell="F12", message="blank."),
    FaultFact(code="SD", domain="domain SD", message="no cell\r\nto name."),
)
A = entry("A", name="甲中心")


@pytest.fixture
def place(tmp_path: Path, model: Model) -> Round:
    return hand_made(tmp_path, model, contact="王工 010-1")


def edited(place: Round, text: str, kind: Kind = "invitation") -> Path:
    write_defaults(place.letters, place.settings.round.lang)
    path = place.letters / f"{kind}.{place.settings.round.lang}.txt.j2"
    path.write_text(text, encoding="utf-8")
    return path


def fault_of(place: Round) -> RoundError:
    with pytest.raises(RoundError) as caught:
        letter(place, "invitation", A, Facts(files=FILES), NOW)
    return caught.value


# The built-in ones


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("planned", [NOW, LATE])
@pytest.mark.parametrize("archive", ["", "all.zip"])
@pytest.mark.parametrize("contact", ["", "王工"])
def test_every_built_in_letter_names_the_institution_and_is_whole(
    tmp_path: Path, model: Model, lang: Lang, kind: Kind, planned: str, archive: str, contact: str
) -> None:
    place = hand_made(tmp_path, model, lang=lang, contact=contact)
    facts = Facts(files=FILES, archive=archive, missing=FILES[1:], faults=FAULTS, more_faults=2)
    made = letter(place, kind, A, facts, planned)
    assert place.settings.round.name in made.subject
    assert "甲中心" in made.body
    assert all(file.name in made.body for file in (FILES[1:] if kind == "reminder" else FILES))
    assert archive in made.body
    assert contact in made.body
    assert not {"{", "}", "%"} & set(made.subject + made.body)
    assert "\n\n\n" not in made.body
    assert made.body.endswith("\n")
    assert not made.body.endswith("\n\n")
    assert ("F12" in made.body) == (kind == "reminder"), "corrections leave single cells to their first sheet"


def test_deadline_and_day_stand_as_people_write_them(place: Round) -> None:
    made = letter(place, "invitation", A, Facts(files=FILES), "2026-03-20T17:00:00Z")
    assert "2026年3月31日" in made.subject
    assert made.body.rstrip().endswith("2026年3月21日"), "by the round's own clock"


def test_a_letter_after_the_deadline_does_not_ask_for_an_answer_before_it(place: Round) -> None:
    before, after = (letter(place, "reminder", A, Facts(missing=FILES), when) for when in (NOW, LATE))
    assert "已过截止日期" not in before.subject
    assert "已过截止日期" in after.subject
    assert "请尽快发回" in after.body


def test_a_reminder_says_only_what_is_owed(place: Round) -> None:
    missing = letter(place, "reminder", A, Facts(files=FILES[:1], missing=FILES[:1]), NOW).body
    faulty = letter(place, "reminder", A, Facts(faults=FAULTS), NOW).body
    assert ("尚未收到" in missing, "需要更正" in missing, "A_SD.xlsx" in missing) == (True, False, False)
    assert ("尚未收到" in faulty, "需要更正" in faulty, "随信" in faulty) == (False, True, False)


def test_a_correction_names_each_workbook_with_how_many_points_it_lists(place: Round) -> None:
    made = letter(place, "correction", A, Facts(files=FILES, faults=FAULTS), NOW)
    assert "12处" in made.subject
    assert all(f"{file.name}（4处）" in made.body for file in FILES)
    assert "首页列出了全部" in made.body


# Edited ones


def test_the_letters_are_written_to_be_edited_and_stay_as_edited(place: Round) -> None:
    written = write_defaults(place.letters, "zh")
    assert [path.name for path in written] == [f"{kind}.zh.txt.j2" for kind in KINDS]
    written[0].write_text("Subject: mine\n\nto {{ institution.name }}\n", encoding="utf-8")
    assert write_defaults(place.letters, "zh") == written
    made = letter(place, "invitation", A, Facts(), NOW)
    assert (made.subject, made.body) == ("mine", "to 甲中心\n")


@pytest.mark.parametrize("first", ["Subject: S", "subject:S", "主题：S", "\ufeffSubject: S", "\n\nSubject:  S "])
def test_the_first_line_gives_the_subject(place: Round, first: str) -> None:
    edited(place, f"{first}\n\nbody\n")
    assert letter(place, "invitation", A, Facts(), NOW).subject == "S"


@pytest.mark.parametrize("text", ["", "no subject\n\nbody", "Subject:\n\nbody", "Subject: {{ contact[:0] }}\n\nbody"])
def test_a_letter_without_a_subject_is_refused(place: Round, text: str) -> None:
    path = edited(place, text)
    error = fault_of(place)
    assert (error.key, error.params["path"]) == ("letter_without_subject", path)


@pytest.mark.parametrize(
    "line",
    [
        "{{ institution.nmae }}", "{{ nobody }}", "{{ files[7].name }}", "{% for f in files %}", "{{ 1 / 0 }}",
        "{{ institution | nosuch }}", "{{ ''.__class__.__mro__ }}", "{{ files.append(1) }}", "{% include 'x' %}",
        "{{ institution.__init__.__globals__ }}",
    ],
)  # fmt: skip
def test_a_fault_in_a_letter_names_file_and_line(place: Round, line: str) -> None:
    """Undefined names, syntax, and whatever the sandbox keeps a template from."""
    path = edited(place, f"Subject: S\n\none\n{line}\ntwo\n")
    error = fault_of(place)
    assert error.key in ("letter_faulty", "letter_unknown_name")
    assert error.params["path"] == path
    assert error.params["line"] == (5 if "for" in line else 4)
    assert (error.key == "letter_unknown_name") == ("known" in error.params)
    for lang in LANGS:
        assert "\n" not in error.message(lang)


def test_a_letter_that_is_gone_is_not_replaced_in_silence(place: Round) -> None:
    edited(place, "").unlink()
    assert fault_of(place).key == "letter_not_read"


def test_a_letter_that_is_no_text_is_said_to_be(place: Round) -> None:
    edited(place, "").write_bytes("Subject: 主题".encode("gbk"))
    error = fault_of(place)
    assert (error.key, "另存为UTF-8" in error.message("zh")) == ("letter_not_utf8", True)


@pytest.mark.parametrize(("line", "name"), [("{{ institution.nmae }}", "nmae"), ("{{ nobody }}", "nobody")])
def test_a_name_that_there_is_not_is_told_with_those_there_are(place: Round, line: str, name: str) -> None:
    edited(place, f"Subject: S\n\n{line}\n")
    error = fault_of(place)
    assert (error.key, error.params["name"]) == ("letter_unknown_name", name)
    assert all(one in error.message("en") for one in ("institution.name", "contact", "files (code domain name points)"))


def test_where_no_letter_of_the_rounds_language_was_edited_the_built_in_one_is_used(
    tmp_path: Path, model: Model
) -> None:
    place = hand_made(tmp_path, model, lang="en")
    write_defaults(place.letters, "zh")
    assert letter(place, "invitation", A, Facts(files=FILES), NOW).body.startswith("To 甲中心")


# What is filled in


@pytest.mark.parametrize(
    "evil", ["甲\r\nBcc: x@y.cn", "甲\nSubject: other", "甲\x00\x1b[2J", "甲\u2028x", "{{ 7 * 7 }}"]
)
def test_what_is_filled_in_can_neither_end_the_subject_nor_run(place: Round, evil: str) -> None:
    edited(place, "Subject: to {{ institution.name }}\n\n{{ institution.name }}|{{ round.name }}\n")
    made = letter(place, "invitation", replace(A, name=evil), Facts(), NOW)
    assert made.subject.startswith("to 甲") or made.subject == "to {{ 7 * 7 }}"
    assert "\n" not in made.subject
    assert made.subject.isprintable()
    assert made.body.count("\n") == 1
