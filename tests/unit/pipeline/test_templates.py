"""Forms written for each institution of a roster: in folders of their own, sealed where there is a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.errors import OutputError, RosterError
from evaluator.intake.terms import Terms
from evaluator.model.records import Model
from evaluator.pipeline import check, write_packages
from evaluator.seals import Sealed, is_genuine
from tests import forms
from tests.forms import CODES

ENTRIES = (
    {"id": "N01", "name": "苏州/中心", "uscc": CODES[0], "province": "江苏", "category": "Training"},
    {"id": "N02", "name": "CON", "uscc": CODES[1], "email": "a@example.org"},
)
KEY = bytes(range(32))


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    return forms.roster(tmp_path / "roster.xlsx", *ENTRIES)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_each_institution_has_a_folder_with_a_form_for_each_domain(tmp_path: Path, model: Model, roster: Path) -> None:
    told: list[tuple[str, int, int]] = []
    out = tmp_path / "out"
    written = write_packages(out, model, "zh", roster, key=KEY, round_name="r1", progress=lambda *at: told.append(at))
    assert told == [("templates", 1, 2), ("templates", 2, 2)]
    assert sorted(path.relative_to(out).as_posix() for path in written) == names(out)
    assert len(written) == 2 * len(model.domains)
    assert {path.parent.name for path in written} == {"N01_苏州_中心", "N02_CON"}
    assert written[0].name == "N01_1_SS_服务策略能力.xlsx"


def test_the_forms_say_who_they_are_for_under_a_seal(tmp_path: Path, model: Model, roster: Path) -> None:
    for path in write_packages(tmp_path / "out", model, "en", roster, key=KEY, round_name="r1"):
        form = forms.read(path.read_bytes())
        sealed = Sealed(**{key: form.meta.get(key, "") for key in Sealed._fields})
        assert is_genuine(KEY, sealed, form.meta["seal"])
        assert (sealed.round, sealed.institution) == ("r1", path.name[:3])
        assert sealed.model_hash == model.hash
        assert form.value("id") == path.name[:3]
    first = forms.read(next((tmp_path / "out").glob("N01*/*.xlsx")).read_bytes())
    assert (first.value("province"), first.value("category")) == ("Jiangsu", "Training")


def test_without_a_key_there_is_no_seal(tmp_path: Path, model: Model, roster: Path) -> None:
    first, *_ = write_packages(tmp_path / "out", model, "zh", roster)
    assert "seal" not in forms.read(first.read_bytes()).meta


def test_writing_again_changes_nothing_and_overwrites_no_other_file(tmp_path: Path, model: Model, roster: Path) -> None:
    out = tmp_path / "out"
    written = write_packages(out, model, "zh", roster, key=KEY, round_name="r1")
    before = {path: path.read_bytes() for path in written}
    assert write_packages(out, model, "zh", roster, key=KEY, round_name="r1") == written
    assert {path: path.read_bytes() for path in written} == before
    written[-1].write_bytes(b"mine")
    written[0].unlink()
    with pytest.raises(OutputError, match=r"N02_5_.*--force"):
        write_packages(out, model, "zh", roster, key=KEY, round_name="r1")
    assert not written[0].exists()
    assert written[-1].read_bytes() == b"mine"
    write_packages(out, model, "zh", roster, key=KEY, round_name="r1", force=True)
    assert {path: path.read_bytes() for path in written} == before


def test_a_file_in_the_folders_place_and_a_faulty_roster_are_told(tmp_path: Path, model: Model, roster: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        write_packages(tmp_path / "file", model, "zh", roster)
    bad = forms.roster(tmp_path / "bad.xlsx", {"id": "", "name": "x"})
    with pytest.raises(RosterError):
        write_packages(tmp_path / "out", model, "zh", bad)
    assert not (tmp_path / "out").exists()


def test_the_forms_are_genuine_on_the_rounds_terms_and_on_no_others(tmp_path: Path, model: Model, roster: Path) -> None:
    out = tmp_path / "out"
    write_packages(out, model, "zh", roster, key=KEY, round_name="r1")

    def about_identity(terms: Terms) -> set[str]:
        found = check([out], model, roster=roster, terms=terms).findings
        return {one.code for one in found if not one.code.startswith("answer.")}

    assert about_identity(Terms(round="r1", key=KEY, closes="")) == set()
    broken = about_identity(Terms(round="r1", key=bytes(32), closes=""))
    assert broken == {"identity.seal_broken", "return.missing_domain"}
