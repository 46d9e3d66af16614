"""Synthetic rounds: good ones give no finding, faulty ones exactly what is planted, and equal arguments equal bytes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from evaluator.assessment.results import Assessment
from evaluator.errors import OutputError
from evaluator.findings import Finding, codes
from evaluator.intake import uscc
from evaluator.intake.institutions import Institution
from evaluator.intake.roster import read_roster
from evaluator.model.files import load_model
from evaluator.model.records import Domain, Model
from evaluator.pipeline import evaluate
from evaluator.synthesis import vocabulary
from evaluator.synthesis.faults import FAULTS
from evaluator.synthesis.people import make_people
from evaluator.synthesis.round import RoundMade, make_round
from evaluator.wording import LANGS, Lang, catalogue, text

PLACE = ("code", "institution", "file", "domain", "sheet", "cell", "requirement")
NOT_PLANTED = {
    "file.too_large", "file.crashed_reader", "answer.na_over_cap", "file.not_unpacked", "file.nothing_inside",
    "file.converted", "form.unknown_format", "form.other_domain", "form.fields_differ", "form.formula_field",
    "evidence.formula", "return.bad_date", "form.comments", "form.objects", "form.no_text",
    "form.merged_cells", "form.merged_evidence",
    "form.choices_altered", "form.hidden_rows", "form.respelt_text", "identity.unsealed", "return.future_date",
    "identity.field_changed", "identity.no_seal", "identity.seal_accepted", "identity.seal_broken", "return.excluded",
    "return.late", "return.other_round", "return.too_late", "return.unanswered", "answer.overridden",
    "answer.override_unused",
}  # fmt: skip
"""A file over 20 MB is too large for a sample; no crash of the reader is known; the built-in model permits less N/A; a
sample has no containers and no other formats; a
sample is no round over mail; the rest have cases of their own (`tests/cases/`)."""
Place = tuple[str, ...]


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def faulty(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("faulty") / "round"
    make_round(out, model, "zh", institutions=60, seed=5, faults=True)
    return out


def roster_of(out: Path, model: Model) -> tuple[Institution, ...]:
    return read_roster(out / "roster.xlsx", model)


def findings_of(out: Path, model: Model) -> tuple[tuple[Finding, ...], Assessment]:
    """Read and check a round as a run does."""
    results = evaluate([out / "returned"], model, roster=out / "roster.xlsx")
    return results.findings, results.assessment


def place_of(found: Finding) -> Place:
    values = {key: str(getattr(found, key)) for key in PLACE}
    return tuple({**values, "file": values["file"].removeprefix("returned/")}.values())


def planted_in(out: Path) -> list[Mapping[str, object]]:
    entries: list[Mapping[str, object]] = json.loads((out / "planted.json").read_text(encoding="utf-8"))["faults"]
    return entries


def places_planted(out: Path) -> set[Place]:
    return {tuple(str(entry[key]) for key in PLACE) for entry in planted_in(out)}


def assert_exact(out: Path, model: Model) -> None:
    """Every planted finding is found, and every error and warning that is found was planted, place by place."""
    found = {place_of(finding): finding.severity for finding in findings_of(out, model)[0]}
    planted = places_planted(out)
    assert planted - set(found) == set()
    assert {place for place, severity in found.items() if severity != "info"} - planted == set()


def contents(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("lang", LANGS)
def test_a_round_without_faults_gives_no_finding_and_rates_all(model: Model, tmp_path: Path, lang: Lang) -> None:
    made = make_round(tmp_path / "new", model, lang, institutions=20, seed=3, faults=False)
    findings, assessment = findings_of(tmp_path / "new", model)
    assert made == RoundMade(institutions=20, files=100, planted=0)
    assert findings == ()
    assert set(assessment.institutions["status"]) == {"rated"}
    assert planted_in(tmp_path / "new") == []


def test_what_is_found_is_what_was_planted(model: Model, faulty: Path) -> None:
    assert_exact(faulty, model)


@pytest.mark.parametrize(("institutions", "seed", "lang"), [(1, 1, "zh"), (2, 2, "en"), (13, 4, "zh"), (40, 6, "en")])
def test_other_rounds_are_as_exact(model: Model, tmp_path: Path, institutions: int, seed: int, lang: Lang) -> None:
    make_round(tmp_path, model, lang, institutions=institutions, seed=seed, faults=True)
    assert_exact(tmp_path, model)


def test_every_code_that_can_be_is_planted(faulty: Path) -> None:
    assert {str(entry["code"]) for entry in planted_in(faulty)} == set(codes()) - NOT_PLANTED


@pytest.mark.parametrize(("institutions", "least"), [(12, 20), (40, 36)])
def test_small_rounds_have_many_codes(model: Model, tmp_path: Path, institutions: int, least: int) -> None:
    make_round(tmp_path, model, "zh", institutions=institutions, seed=1, faults=True)
    assert len({str(entry["code"]) for entry in planted_in(tmp_path)}) >= least


def test_too_much_na_is_planted_where_a_model_permits_it(model: Model, tmp_path: Path) -> None:
    domains = [_with_na(domain) for domain in model.domains]
    lenient = Model.model_validate({key: getattr(model, key) for key in Model.model_fields} | {"domains": domains})
    make_round(tmp_path, lenient, "zh", institutions=40, seed=1, faults=True)
    assert "answer.na_over_cap" in {str(entry["code"]) for entry in planted_in(tmp_path)}
    assert_exact(tmp_path, lenient)


def _with_na(domain: Domain) -> Domain:
    """Permit N/A from level 3 on."""
    items = [
        item.model_copy(
            update={"requirements": tuple(r.model_copy(update={"na_allowed": r.level >= 3}) for r in item.requirements)}
        )
        for item in domain.items
    ]
    return Domain.model_validate({key: getattr(domain, key) for key in Domain.model_fields} | {"items": items})


def test_equal_arguments_give_equal_bytes_whatever_the_workers(model: Model, tmp_path: Path) -> None:
    for name, workers in (("one", 1), ("two", 2)):
        make_round(tmp_path / name, model, "zh", institutions=14, seed=9, faults=True, workers=workers)
    make_round(tmp_path / "other", model, "zh", institutions=14, seed=10, faults=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert contents(tmp_path / "one") != contents(tmp_path / "other")


def test_progress_reaches_the_total(model: Model, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    make_round(tmp_path, model, "zh", institutions=3, seed=1, faults=False, progress=lambda *step: told.append(step))
    assert told[-1] == ("sample", 3, 3)


def test_stars_of_all_kinds_occur_most_of_them_in_the_middle(model: Model) -> None:
    from evaluator.assessment.levels import all_methods
    from evaluator.assessment.scoring import score, weights_of
    from evaluator.synthesis.answers import replies

    values = {answer.code: answer.value for answer in model.scale}
    people = make_people(model, "zh", 300, 7)
    given = [[one.code for one in replies(person, model, "zh", 7).values()] for person in people]
    scored = pd.DataFrame(given).replace(values).astype("float64")
    applicable = scored.notna().to_numpy()
    points, weights = scored.fillna(0.0).to_numpy(), weights_of(model)
    scores = score(points, applicable, weights, model.rules.pass_mark)
    stars = pd.Series(all_methods(scores, applicable & (points == 0), weights, model.rules)["staged"].star)
    shares = stars.value_counts(normalize=True)
    assert set(shares.index) == {0, 1, 2, 3, 4, 5}
    assert shares[[1, 2, 3]].sum() > 0.65


@pytest.mark.parametrize("lang", LANGS)
def test_institutions_are_unique_and_their_codes_valid(model: Model, lang: Lang) -> None:
    people = make_people(model, lang, 600, 1)
    for key in ("id", "name", "uscc", "email"):
        assert len({person.fields[key] for person in people}) == 600
    assert len({person.short for person in people}) == 600
    assert all(uscc.fault(person.fields["uscc"]) is None for person in people)
    starts = {kind.type: kind.uscc for kind in vocabulary.kinds()}
    for person in people:
        kind = next(entry.zh for entry in model.types if entry.say(lang) == person.fields["type"])
        assert person.fields["uscc"].startswith(starts[kind])
    assert all(person.fields["email"].endswith(".example") for person in people)


def test_the_roster_reads_back(model: Model, faulty: Path) -> None:
    entries = roster_of(faulty, model)
    people = make_people(model, "zh", 60, 5)
    assert [(entry.id, entry.name, entry.province, entry.category) for entry in entries] == [
        (person.id, person.fields["name"], person.fields["province"], person.category) for person in people
    ]


def test_provinces_are_those_of_the_form() -> None:
    known = catalogue("form")["provinces"]
    assert isinstance(known, list)
    for province in vocabulary.provinces():
        assert province.name._asdict() in known


def test_first_and_second_characters_of_names_have_readings_of_their_own() -> None:
    for key in ("first", "second"):
        readings = [entry.en.lower() for entry in vocabulary.names(key)]
        assert len(set(readings)) == len(readings)


def test_each_fault_says_what_it_does() -> None:
    names = [fault.__name__ for fault in FAULTS]
    assert len(set(names)) == len(names)
    assert all(text(f"synthesis.note.{name}").en for name in names)


def test_notes_say_it_in_both_languages(faulty: Path) -> None:
    for entry in planted_in(faulty):
        note = entry["note"]
        assert isinstance(note, dict)
        assert note["zh"]
        assert note["en"]


def test_faulty_workbooks_that_can_be_read_open_elsewhere_too(faulty: Path) -> None:
    """Faults made in the XML leave sound workbooks: another program's reader opens them."""
    changed = {"form.duplicate_rows", "form.stray_content", "form.external_links", "form.macro", "answer.formula"}
    files = {str(entry["file"]) for entry in planted_in(faulty) if entry["code"] in changed}
    assert len(files) >= len(changed)
    for file in files:
        load_workbook(BytesIO((faulty / "returned" / file).read_bytes()))


def test_the_bomb_is_small_on_disk(faulty: Path) -> None:
    file = next(str(entry["file"]) for entry in planted_in(faulty) if entry["code"] == "file.bomb")
    path = faulty / "returned" / file
    assert path.stat().st_size < 60_000
    with zipfile.ZipFile(path) as archive:
        assert max(entry.file_size for entry in archive.infolist()) > 4 * 1024 * 1024


def test_a_folder_with_anything_in_it_is_refused(model: Model, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(OutputError) as refused:
        make_round(tmp_path, model, "zh", institutions=1, seed=1, faults=False)
    assert refused.value.key == "not_empty"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_place_that_can_not_be_written_is_the_operators_to_mend(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError) as refused:
        make_round(tmp_path / "file" / "below", model, "zh", institutions=1, seed=1, faults=False)
    assert refused.value.key == "not_writable"
