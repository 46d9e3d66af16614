"""An institution's sealed forms, and the last look at whom they name."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path

import pytest

from evaluator.intake import archive
from evaluator.model.records import Model
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.reader import read_form
from evaluator.questionnaire.writer import write_form
from evaluator.rounds.folder import Round
from evaluator.rounds.packages import Masters, Package, masters_of, names_recipient, packages_of, sealed_as
from evaluator.seals import is_genuine
from tests.ledgers import entry, hand_made

A, B = entry("A", province="江苏省"), entry("B")


def edit(data: bytes, part: str, old: str, new: str) -> bytes:
    """Put other text into one part of a workbook."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old.encode(), new.encode()) if name == part else content)
    return stream.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Round:
    return hand_made(tmp_path_factory.mktemp("round"), model, contact="王工")


@pytest.fixture(scope="module")
def masters(place: Round) -> Masters:
    return masters_of(place)


@pytest.fixture(scope="module")
def package(place: Round, masters: Masters) -> Package:
    return packages_of(place, A, masters)[0]


def test_an_institution_gets_a_form_of_each_domain_in_the_models_order(place: Round, masters: Masters) -> None:
    made = packages_of(place, A, masters)
    assert [one.domain for one in made] == [domain.code for domain in place.model.domains]
    assert next(one.file_name for one in made) == "A_1_SS_服务策略能力.xlsx"
    assert all(unicodedata.is_normalized("NFC", one.file_name) for one in made)


def test_only_the_domains_asked_for_are_made(place: Round, masters: Masters) -> None:
    assert [one.domain for one in packages_of(place, A, masters, domains=("ST", "SS"))] == ["SS", "ST"]


def test_the_same_institution_gets_the_same_bytes_each_time(place: Round, masters: Masters) -> None:
    assert packages_of(place, A, masters) == packages_of(place, A, masters_of(place))


def test_a_package_is_what_a_full_build_writes(place: Round, package: Package) -> None:
    stream = BytesIO()
    write_form(
        stream,
        place.model,
        place.model.domains[0],
        "zh",
        prefill=Prefill(fields=asdict(A), answers={}),
        deadline="2026年3月31日",
        contact="王工",
        round_name=place.id,
        round_title=place.settings.round.name,
        institution="A",
        seal=package.seal,
    )
    assert stream.getvalue() == package.data


def test_the_seal_is_the_rounds_own_over_what_the_form_says(place: Round, package: Package) -> None:
    assert is_genuine(place.key, sealed_as(place, "A", "SS"), package.seal)
    parts = archive.unpack(package.data)
    assert not isinstance(parts, Unread)
    form = read_form(parts)
    assert not isinstance(form, Unread)
    assert (form.meta["institution"], form.meta["round"], form.meta["seal"]) == ("A", place.id, package.seal)


def test_neither_seal_nor_bytes_are_shown(package: Package) -> None:
    assert package.seal not in repr(package)
    assert "PK" not in repr(package)


def test_a_package_names_its_recipient(place: Round, masters: Masters) -> None:
    assert all(names_recipient(one.data, "A", place) for one in packages_of(place, A, masters))


def test_a_package_names_nobody_else(place: Round, package: Package) -> None:
    assert not names_recipient(package.data, "B", place)


def test_a_package_of_another_round_or_key_names_nobody(place: Round, package: Package) -> None:
    other = place.settings.model_copy(update={"round": place.settings.round.model_copy(update={"id": "other"})})
    assert not names_recipient(package.data, "A", replace(place, settings=other))
    assert not names_recipient(package.data, "A", replace(place, key=b"k" * 32))


def test_a_form_saved_by_another_program_still_names_its_recipient(place: Round, package: Package) -> None:
    assert names_recipient(edit(package.data, "xl/worksheets/sheet2.xml", "none", "none"), "A", place)


def test_a_form_whose_sheet_names_another_institution_is_refused(place: Round, package: Package) -> None:
    """Even where its hidden record and seal are whole."""
    changed = edit(package.data, "xl/worksheets/sheet2.xml", "<t>A</t>", "<t>B</t>")
    assert not names_recipient(changed, "A", place)


def test_a_form_with_another_institution_in_its_record_is_refused(place: Round, package: Package) -> None:
    changed = edit(package.data, "xl/worksheets/sheet6.xml", "<t>A</t>", "<t>B</t>")
    assert not names_recipient(changed, "A", place)
    assert not names_recipient(changed, "B", place)


@pytest.mark.parametrize("data", [b"", b"PK\3\4 no workbook", b"text"])
def test_what_is_no_form_names_nobody(place: Round, data: bytes) -> None:
    assert not names_recipient(data, "A", place)


def test_a_blank_form_names_nobody(place: Round, tmp_path: Path) -> None:
    write_form(tmp_path / "f.xlsx", place.model, place.model.domains[0], "zh", round_name=place.id)
    assert not names_recipient((tmp_path / "f.xlsx").read_bytes(), "A", place)
