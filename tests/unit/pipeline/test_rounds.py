"""Scoring a round's folder: its roster, files, key and deadline; what persons decided shows beside what was given."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from evaluator.assessment.coding import encoded
from evaluator.assessment.rejudging import rejudge, written
from evaluator.errors import RoundError
from evaluator.model.records import Model
from evaluator.pipeline.main import score
from evaluator.pipeline.rounds import check_round, score_round
from evaluator.pipeline.setup import Setup
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.reports.explaining.as_text import explanation
from evaluator.reports.explaining.explained import explain
from evaluator.reports.recorded import open_results
from evaluator.rounds.folder import DATABASE, KEY, ROSTER, SETTINGS, Round, at_work, fingerprint, open_round
from evaluator.rounds.inbox import Arrival, Entry, Inbox, record
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.overrides import add_override, withdraw
from evaluator.seals import Sealed, seal_of
from evaluator.wording import LANGS
from tests.forms import answers, cell_of
from tests.handcheck import readded

ID = "2026-t"
ONE = Setup(workers=1)
IN_TIME, TOO_LATE = "2026-03-30T01:00:00Z", "2026-04-01T01:12:00Z"
Changes = Mapping[str, tuple[object, str, str]]
GIVEN: Changes = {"SS1-1": ("full", "", ""), "SS1-2": ("", "", ""), "SD1-1": ("none", "", "")}
"""What N01 answers: one without evidence, one not at all."""
WHY = {"reason": "现场核实属实", "role": "复核组组长"}


def form(model: Model, key: bytes, institution: str, code: str, changed: Changes | None = None) -> bytes:
    """A sealed form that came back filled in."""
    domain, stream = model.domain(code), BytesIO()
    own = {what: given for what, given in (changed or {}).items() if what.startswith(code)}
    filled = Prefill(fields={"id": institution, "name": f"{institution}中心"}, answers=answers(code, "zh", own))
    seal = seal_of(key, Sealed(ID, institution, code, model.id, model.edition, model.hash))
    write_form(stream, model, domain, "zh", prefill=filled, round_name=ID, institution=institution, seal=seal)
    return stream.getvalue()


def made(folder: Path, model: Model, *, late: str = "flag", given: Changes = GIVEN) -> Round:
    """Make a round of N01 and N02, whose forms of all domains came in time, but for N02's CI."""
    folder.mkdir()
    (folder / SETTINGS).write_text(
        f'[round]\nid = "{ID}"\nname = "试评"\ndeadline = 2026-03-31\nlate = "{late}"\n', encoding="utf-8"
    )
    key = bytes(range(32))
    (folder / KEY).write_text(key.hex(), encoding="ascii")
    facts = {"round": ID, "model": model.id, "edition": model.edition, "model_hash": model.hash}
    Ledger.create(folder / DATABASE, {**facts, "key": fingerprint(key)})
    book = openpyxl.Workbook()
    for row in (("机构编号", "机构名称"), ("N01", "N01中心"), ("N02", "N02中心"), ("N03", "N03中心")):
        book.active.append(row)
    book.save(folder / ROSTER)
    place = open_round(folder)
    for institution, changed in (("N01", given), ("N02", None)):
        for domain in model.domains:
            when = TOO_LATE if (institution, domain.code) == ("N02", "CI") else IN_TIME
            came(place, f"{institution}/{domain.code}.xlsx", form(model, key, institution, domain.code, changed), when)
    with at_work(place) as ledger, ledger.step("judged") as database:
        database.execute(
            "INSERT INTO returns SELECT name, substr(name, 5, 2), substr(name, 1, 3), sha256, 'counted', 0, arrived,"
            " '[]', arrived FROM files"
        )
    return place


def came(place: Round, name: str, data: bytes, arrived: str) -> str:
    digest = Inbox(place.inbox).keep(data)
    entry = Entry(name=name, sha256=digest, size=len(data), arrived=arrived)
    with at_work(place) as ledger:
        record(ledger, [Arrival(post=None, entries=(entry,), bounced={})])
    return digest


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Round:
    """A round in which three answers of N01 are overridden, and an override of N02 is withdrawn."""
    place = made(tmp_path_factory.mktemp("rounds") / "round", model)
    with at_work(place) as ledger:
        for target, value in (("SS1-1", "full"), ("SS1-2", "large"), ("SD1-1", "full")):
            add_override(place, ledger, "answer", institution="N01", target=target, value=value, **WHY)
        gone = add_override(place, ledger, "answer", institution="N02", target="SS1-1", value="none", **WHY)
        withdraw(ledger, gone.number, reason="误录", role="管理员")
    return place


@pytest.fixture(scope="module")
def scored(place: Round, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scored") / "results"
    score_round(place.path, out, setup=ONE)
    return out


@pytest.fixture(scope="module")
def plain(place: Round, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files scored without the round."""
    folder = tmp_path_factory.mktemp("plain")
    with Ledger(place.database) as ledger:
        for name, sha256 in ledger.rows("SELECT name, sha256 FROM files"):
            target = folder / "returned" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(Inbox(place.inbox).place(sha256).read_bytes())
    score([folder / "returned"], folder / "out", model, roster=place.roster, setup=ONE)
    return folder / "out"


def rows(out: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(out / "results.db")) as database:
        return database.execute(query, values).fetchall()


def contents(folder: Path) -> Mapping[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_rounds_folder_is_scored_with_all_that_is_its_own(place: Round, scored: Path) -> None:
    listed = rows(scored, "SELECT path, status, arrived FROM files WHERE role = 'return' ORDER BY path")
    assert [path for path, *_ in listed] == sorted(f"N0{n}/{d.code}.xlsx" for n in (1, 2) for d in place.model.domains)
    assert {status for _, status, _ in listed} == {"counted"}
    assert ("N02/CI.xlsx", "counted", TOO_LATE) in listed
    assert rows(scored, "SELECT id, status FROM institutions") == [
        ("N01", "rated"),
        ("N02", "rated"),
        ("N03", "not_rated"),
    ]
    manifest = json.loads((scored / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["options"] == {
        "model": f"{place.model.id}@{place.model.edition}",
        "lang": "zh",
        "round": ID,
        "closes": "2026-03-31T16:00:00Z",
        "utc_offset": "8",
        "late": "flag",
        "draws": "1000",
        "spread": "0.25",
        "seed": "1",
    }
    secret = place.key.hex().encode()
    assert not [path for path in scored.rglob("*") if path.is_file() and secret in path.read_bytes()]


def test_two_runs_give_the_same_bytes_whatever_the_number_of_workers(
    place: Round, scored: Path, tmp_path: Path
) -> None:
    score_round(place.path, tmp_path / "again", setup=Setup(workers=2))
    assert contents(tmp_path / "again") == contents(scored)


def test_scoring_writes_nothing_into_the_round_and_waits_for_nobody(place: Round, scored: Path, tmp_path: Path) -> None:
    before = contents(place.path)
    with at_work(place):
        score_round(place.path, tmp_path / "out", lang="en", setup=ONE)
    assert contents(place.path) == before
    assert contents(tmp_path / "out") != contents(scored)


def test_decided_answers_count_and_no_other_figure_of_anyone_else_changes(scored: Path, plain: Path) -> None:
    query = "SELECT requirement, state, scored_as, score FROM answers WHERE institution = 'N01'"
    before, after = ({row[0]: row[1:] for row in rows(out, query)} for out in (plain, scored))
    assert {what: (before[what], after[what]) for what in after if before[what] != after[what]} == {
        "SS1-1": (("answered", "partial", 0.5), ("answered", "full", 1.0)),
        "SS1-2": (("blank", "none", 0.0), ("answered", "large", 0.8)),
        "SD1-1": (("answered", "none", 0.0), ("answered", "full", 1.0)),
    }
    ((low,),), ((high,),) = (rows(out, "SELECT score FROM institutions WHERE id = 'N01'") for out in (plain, scored))
    assert float(str(high)) > float(str(low))
    others = "SELECT id, score, star FROM institutions WHERE id <> 'N01'"
    assert rows(plain, others) == rows(scored, others)


def test_decided_answers_stay_decided_when_the_record_is_judged_anew(scored: Path) -> None:
    """N01's SS1-1 has no evidence and SS1-2 is blank; they count as a person decided, under any model."""
    record = open_results(scored)
    wrote = written(record.assessment, *record.shown(), record.decided)
    assert int(wrote.decided.sum()) == 3
    again = rejudge(record.assessment, wrote, record.model)
    for one, other in zip(encoded(again.answers), encoded(record.assessment.answers), strict=True):
        assert np.array_equal(one, other)
    undecided = rejudge(record.assessment, wrote._replace(decided=np.zeros_like(wrote.decided)), record.model)
    changed = undecided.answers["scored_as"].astype("str") != record.assessment.answers["scored_as"].astype("str")
    assert undecided.answers.loc[changed, "requirement"].tolist() == ["SS1-1", "SS1-2", "SD1-1"]


def test_what_was_given_stays_beside_what_was_decided(scored: Path) -> None:
    given = dict(rows(scored, "SELECT requirement, answer FROM answers WHERE institution = 'N01'"))
    assert (given["SS1-1"], given["SS1-2"], given["SD1-1"]) == ("full", "", "none")
    columns = "institution, target, value, reason, role, applied, state_before, answer_before, scored_as_before"
    assert rows(scored, f"SELECT {columns}, score_before FROM overrides ORDER BY target") == [  # noqa: S608 - test data
        ("N01", "SD1-1", "full", *WHY.values(), 1, "answered", "none", "none", 0.0),
        ("N01", "SS1-1", "full", *WHY.values(), 1, "answered", "full", "partial", 0.5),
        ("N01", "SS1-2", "large", *WHY.values(), 1, "blank", "", "none", 0.0),
    ]
    found = rows(scored, "SELECT institution, file, cell, severity FROM findings WHERE code = 'answer.overridden'")
    assert set(found) == {
        ("N01", f"N01/{what[:2]}.xlsx", cell_of(what), "info") for what in ("SS1-1", "SS1-2", "SD1-1")
    }
    settled = "SELECT code FROM findings WHERE institution = 'N01' AND requirement IN ('SS1-1', 'SS1-2')"
    assert {code for (code,) in rows(scored, settled)} == {"answer.overridden"}


def test_an_explanation_tells_decided_from_given_and_adds_up_to_the_decided_score(scored: Path) -> None:
    recorded = open_results(scored)
    for what, before in (("SS1-1", "已作答，“完全满足”，按“部分满足”计，得分0.5"), ("SS1-2", "未填写，得分0")):
        words = "".join("".join(explanation(explain(recorded, "N01", what), "zh")).split())
        assert f"裁定前：{before}。理由：{WHY['reason']}（{WHY['role']}，" in words
    found = readded(explanation(explain(recorded, "N01"), "zh"), recorded.model.rules.method)
    ((score,),) = rows(scored, "SELECT score FROM institutions WHERE id = 'N01'")
    assert float(found["S"].result) == pytest.approx(float(str(score)), abs=1e-9)


def test_whatever_was_given_and_whatever_was_decided_the_results_can_be_read_back(tmp_path: Path, model: Model) -> None:
    given = (
        ("full", "见附件", ""), ("full", "", ""), ("large", "\u200b", ""), ("none", "", ""), ("", "", ""),
        ("看情况", "", ""), ("na", "", "无此类业务"), ("na", "", ""),
    )  # fmt: skip
    asked = [one for one in model.requirements if one.na_allowed and not one.na_categories]
    asked += [one for one in model.requirements if not one.na_allowed]
    values = [None, *(answer.code for answer in model.scale)]
    pairs = [(one, decided) for one in given for decided in values]
    changed, decisions = {}, []
    for requirement, (one, decided) in zip(asked, [*pairs, *pairs], strict=False):
        changed[requirement.id] = one
        if decided is not None and (decided != "na" or requirement.na_allowed):
            decisions.append((requirement.id, decided))
    place = made(tmp_path / "round", model, given=changed)
    with at_work(place) as ledger:
        for requirement, decided in decisions:
            add_override(place, ledger, "answer", institution="N01", target=requirement, value=decided, **WHY)
    score_round(place.path, tmp_path / "out", setup=ONE)
    recorded = open_results(tmp_path / "out")
    assert {requirement for _, requirement in recorded.decided} == {requirement for requirement, _ in decisions}
    states = "SELECT DISTINCT state FROM answers WHERE institution = 'N01'"
    assert {state for (state,) in rows(tmp_path / "out", states)} == {"answered", "blank", "invalid", "not_applicable"}
    for lang in LANGS:
        assert explanation(explain(recorded, "N01"), lang)


def test_the_way_up_starts_from_the_decided_answers_and_says_so(scored: Path, tmp_path: Path, model: Model) -> None:
    def steps(out: Path) -> Mapping[str, str]:
        sheet = openpyxl.load_workbook(next((out / "institutions").glob("N01*"))).worksheets[1]
        return {row[1]: row[5] for row in sheet.iter_rows(values_only=True) if row[1] in model.domain_of}

    before = steps(scored)
    first = next(iter(before))
    place = made(tmp_path / "round", model)
    with at_work(place) as ledger:
        for requirement, value in (("SS1-1", "full"), ("SS1-2", "large"), ("SD1-1", "full"), (first, "partial")):
            add_override(place, ledger, "answer", institution="N01", target=requirement, value=value, **WHY)
    score_round(place.path, tmp_path / "out", setup=ONE)
    assert before[first] == "部分满足"
    assert steps(tmp_path / "out") == {**before, first: "部分满足（经裁定）"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_institutions_report_shows_both_answers_the_reason_the_role_and_the_time(
    place: Round, scored: Path, tmp_path: Path, lang: str
) -> None:
    out = scored
    if lang == "en":
        out = tmp_path / "out"
        score_round(place.path, out, lang="en", setup=ONE)
    book = openpyxl.load_workbook(next((out / "institutions").glob("N01*")))
    heads, *table = [[cell.value for cell in row] for row in book.worksheets[2].iter_rows(min_row=4)]
    assert len(heads) == len(set(heads)) == 18
    by_id = {row[0]: row for row in table}
    reason, role = WHY.values()
    expected = {
        "zh": ("经裁定", "完全满足", "完全满足", "完全满足（按部分满足计）", "完全满足", reason, role),
        "en": ("Decided", "Full", "Full", "Full (scored as Partly)", "Full", reason, role),
    }
    shown = by_id["SS1-1"]
    assert (*shown[4:7], *shown[13:17]) == expected[lang]
    assert str(shown[17]).endswith(" UTC")
    assert by_id["SS1-2"][13] == {"zh": "未填写", "en": "blank"}[lang]
    assert not any(by_id["SS1-3"][13:])
    card = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert [words for words in card if "SS1-1" in words and "SD1-1" in words]
    other = openpyxl.load_workbook(next((out / "institutions").glob("N02*")))
    assert other.worksheets[2].max_column == 13


def test_the_about_sheet_and_the_manifest_say_how_much_was_decided(
    place: Round, scored: Path, plain: Path, tmp_path: Path, model: Model
) -> None:
    manifest = json.loads((scored / "manifest.json").read_text(encoding="utf-8"))
    overrides = manifest["overrides"]
    assert overrides["count"] == 3
    about = openpyxl.load_workbook(scored / "ranking.xlsx").worksheets[0]
    words = [str(row[1]) for row in about.iter_rows(values_only=True) if row[0] == "人工决定"]
    assert len(words) == 1
    assert "采用3项：改判答案3项，排除文件0份，接受文件0份" in words[0]
    assert overrides["sha256"] in words[0]
    assert "overrides" not in json.loads((plain / "manifest.json").read_text(encoding="utf-8"))
    fresh = made(tmp_path / "round", model)
    score_round(fresh.path, tmp_path / "out", setup=ONE)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["overrides"]["count"] == 0


def test_without_a_round_no_trace_of_overrides_is_in_the_database(plain: Path) -> None:
    assert rows(plain, "SELECT name FROM sqlite_master WHERE name = 'overrides'") == []


def test_a_late_return_counts_with_a_warning_or_not_at_all_by_the_rounds_rule(
    place: Round, scored: Path, tmp_path: Path, model: Model
) -> None:
    query = "SELECT code, severity, institution, domain, file FROM findings WHERE code LIKE 'return.%late'"
    assert rows(scored, query) == [("return.late", "warning", "N02", "CI", "N02/CI.xlsx")]
    strict = made(tmp_path / "round", model, late="exclude")
    score_round(strict.path, tmp_path / "out", setup=ONE)
    assert rows(tmp_path / "out", query) == [("return.too_late", "error", "N02", "CI", "N02/CI.xlsx")]
    assert rows(tmp_path / "out", "SELECT status FROM files WHERE path = 'N02/CI.xlsx'") == [("not_counted",)]
    unrated = "SELECT status, reason FROM institutions WHERE id = 'N02'"
    assert rows(tmp_path / "out", unrated) == [("not_rated", "missing_domain")]
    with at_work(strict) as ledger:
        add_override(strict, ledger, "accept", institution="N02", target="N02/CI.xlsx", reason="延期", role="负责人")
    score_round(strict.path, tmp_path / "out", setup=ONE)
    assert rows(tmp_path / "out", unrated) == [("rated", "")]
    assert rows(tmp_path / "out", "SELECT kind, applied FROM overrides") == [("accept", 1)]


def test_an_excluded_return_does_not_count_and_a_ruling_on_it_has_no_effect(tmp_path: Path, model: Model) -> None:
    place = made(tmp_path / "round", model)
    with at_work(place) as ledger:
        add_override(place, ledger, "answer", institution="N01", target="SS1-1", value="full", **WHY)
        add_override(place, ledger, "exclude", target="N01/SS.xlsx", reason="非本人填报", role="项目负责人")
    out = tmp_path / "out"
    score_round(place.path, out, setup=ONE)
    assert rows(out, "SELECT reason FROM institutions WHERE id = 'N01'") == [("missing_domain",)]
    found = dict(rows(out, "SELECT code, message FROM findings WHERE institution = 'N01' AND code LIKE '%over%'"))
    assert list(found) == ["answer.override_unused"]
    assert rows(out, "SELECT kind, applied FROM overrides ORDER BY kind") == [("answer", 0), ("exclude", 1)]


def test_a_form_with_a_broken_seal_counts_once_it_is_accepted_for_whom_it_was_accepted(
    tmp_path: Path, model: Model
) -> None:
    place = made(tmp_path / "round", model)
    data = form(model, b"?" * 32, "N03", "SS")
    digest = came(place, "post/forged.xlsx", data, IN_TIME)
    listed = "SELECT institution, status FROM files WHERE path = 'post/forged.xlsx'"

    def scored_anew() -> Path:
        score_round(place.path, tmp_path / "out", setup=ONE)
        return tmp_path / "out"

    assert rows(scored_anew(), listed) == [("", "not_counted")]
    for who in ("N02", "N03"):
        with at_work(place) as ledger:
            one = add_override(
                place, ledger, "accept", institution=who, target=digest, reason="电话核实", role="负责人"
            )
        assert rows(scored_anew(), listed)[0][0] == who
        told = rows(tmp_path / "out", "SELECT institution, code FROM findings WHERE file = 'post/forged.xlsx'")
        assert (who, "identity.seal_accepted") in told
        assert {institution for institution, _ in told} == {who}
        with at_work(place) as ledger:
            withdraw(ledger, one.number, reason="误录", role="管理员")
    assert rows(scored_anew(), listed) == [("", "not_counted")]


def test_a_ruling_on_who_left_the_roster_is_said_to_have_no_effect(tmp_path: Path, model: Model) -> None:
    place = made(tmp_path / "round", model)
    with at_work(place) as ledger:
        add_override(place, ledger, "answer", institution="N01", target="SS1-1", value="full", **WHY)
    book = openpyxl.load_workbook(place.roster)
    book.active.delete_rows(2)
    book.save(place.roster)
    found = check_round(place.path, setup=ONE).findings
    assert [(f.institution, f.requirement) for f in found if f.code == "answer.override_unused"] == [("N01", "SS1-1")]


def test_check_says_of_a_round_what_score_finds(place: Round, scored: Path) -> None:
    found = check_round(place.path, setup=ONE)
    columns = "code, institution, file, cell"
    listed = rows(scored, f"SELECT {columns} FROM findings")  # noqa: S608 - test data
    assert [(f.code, f.institution, f.file, f.cell) for f in found.findings] == listed
    assert found.institutions == 2


def test_a_round_to_which_nothing_came_is_refused_on_one_line(tmp_path: Path, model: Model) -> None:
    place = made(tmp_path / "round", model)
    with at_work(place) as ledger, ledger.step("emptied") as database:
        database.execute("DELETE FROM files")
    for run in (lambda: score_round(place.path, tmp_path / "out"), lambda: check_round(place.path)):
        with pytest.raises(RoundError) as caught:
            run()
        assert caught.value.key == "nothing_collected"
    assert not (tmp_path / "out").exists()


def test_a_round_is_judged_by_its_key_alone_in_this_process(
    place: Round, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers, which may be other machines, are never sent the key."""
    from evaluator.pipeline import judging

    seen: list[bytes] = []
    real = judging.judge_part

    def spied(shared: tuple[Model, object], batch: object) -> object:
        seen.append(shared[1].key)  # type: ignore[attr-defined]
        return real(shared, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "judge_part", spied)
    check_round(place.path, setup=ONE)
    assert seen
    assert set(seen) == {b""}
