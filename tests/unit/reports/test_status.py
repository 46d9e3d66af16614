"""A round's progress as a workbook, as rows for a terminal and as JSON: the same figures in all three."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from evaluator.model.records import Model
from evaluator.reports.status import COLOURS, write_status
from evaluator.reports.status_record import KINDS, STATES, Standings
from evaluator.reports.status_table import as_json, attention_table, form_words, sentence, table, totals_table
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.standing import standings
from evaluator.wording import LANGS, Lang, say
from tests.ledgers import LATE, NOW, Scribe, entry, hand_made

HOSTILE = "=1+1"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Standings:
    """Six institutions with every state and everything that needs a person."""
    place = hand_made(tmp_path_factory.mktemp("status"), model, name="2026 & <自评>")
    domains = [domain.code for domain in model.domains]
    with Ledger(place.database, clock=lambda: NOW) as ledger:
        scribe = Scribe(ledger)
        provinces = ["江苏省", "北京市", "江苏省", "", "北京市", "北京市"]
        scribe.roster(*(entry(f"N{n}", province=p, category="培训服务") for n, p in enumerate(provinces, 1)))
        scribe.roster(entry("N2", name=HOSTILE, province="北京市", category="培训服务"))
        for one in ("N1", "N2"):
            scribe.mail(one, domains)
        for code in domains:
            scribe.came("N1", code)
        faulty = scribe.came("N2", "SS", faults=["F8", "F9"], at=LATE, late="return.late")
        scribe.mail("N2", ["SS"], kind="correction", corrects=faulty)
        scribe.came("N2", "SD", status="conflict")
        scribe.came("N2", "ST", at=LATE, late="return.late")
        scribe.mail("N3", domains, state="bounced", detail="550 5.1.1 User unknown")
        scribe.mail("N4", domains, state="unclear", detail="stopped")
        scribe.mail("N5", domains, state="failed", detail="552 too large")
        scribe.letter("person", sender="N6@x.cn")
        scribe.came("", "SS", name="loose.xlsx", faults=["B2"], mail="")
        return standings(place, ledger)


def nobody(folder: Path, model: Model) -> Standings:
    place = hand_made(folder, model)
    with Ledger(place.database, clock=lambda: NOW) as ledger:
        return standings(place, ledger)


def written(standings: Standings, model: Model, lang: Lang = "zh") -> Workbook:
    stream = BytesIO()
    write_status(stream, standings, model, lang)
    return load_workbook(stream)


def sheet(book: Workbook, key: str, lang: Lang = "zh") -> Worksheet:
    return book[say(f"rounds.status.sheet.{key}", lang)]


def below(page: Worksheet, words: str, lang: Lang = "zh") -> list[tuple[Any, ...]]:
    """Give the rows of the table under a section, without its header and down to its closing row."""
    rows = list(page.iter_rows(values_only=True))
    start = next(n for n, row in enumerate(rows) if row[0] == words) + 2
    end = next(n for n, row in enumerate(rows[start:], start) if row[0] == say("rounds.status.everyone", lang))
    return rows[start : end + 1]


def test_every_state_and_every_need_is_among_what_is_tested(found: Standings) -> None:
    assert {form.state for one in found.institutions for form in one.forms} == set(STATES)
    assert [one.kind for one in found.attention] == list(KINDS)


@pytest.mark.parametrize("lang", LANGS)
def test_sheets_stand_in_order_and_name_the_round(found: Standings, model: Model, lang: Lang) -> None:
    book = written(found, model, lang)
    assert book.sheetnames == [say(f"rounds.status.sheet.{key}", lang) for key in ("overview", "matrix", "attention")]
    for page in book.worksheets:
        assert "2026 & <自评>" in page["A2"].value
        assert "2026-03-31" in page["A2"].value
        assert "2026-03-20 16:00" in page["A2"].value


@pytest.mark.parametrize("lang", LANGS)
def test_the_matrix_says_each_forms_state_in_words_on_its_colour(found: Standings, model: Model, lang: Lang) -> None:
    page = sheet(written(found, model, lang), "matrix", lang)
    for row, one in enumerate(found.institutions, 4):
        assert page.cell(row, 1).value == one.institution.id
        for column, form in enumerate(one.forms, 5):
            cell = page.cell(row, column)
            assert cell.value == form_words(form, lang)
            assert cell.fill.fgColor.rgb == f"FF{COLOURS[form.state][1:]}"


def test_the_matrix_keeps_names_in_view_and_can_be_filtered_and_printed(found: Standings, model: Model) -> None:
    page = sheet(written(found, model), "matrix")
    assert page.freeze_panes == "C4"
    assert page.auto_filter.ref == "A3:N9"
    assert page.print_title_rows == "$3:$3"
    assert page.page_setup.fitToHeight == 0


def test_lateness_and_corrections_are_said_beside_the_state(found: Standings) -> None:
    forms = {(one.institution.id, form.domain): form for one in found.institutions for form in one.forms}
    assert form_words(forms["N2", "SS"], "zh") == "有误（逾期）·更正表已发"
    assert form_words(forms["N2", "SS"], "en") == "Faulty (late); correction sent"
    assert form_words(forms["N2", "ST"], "en") == "Late"


def test_names_are_texts_never_formulas(found: Standings, model: Model) -> None:
    page = sheet(written(found, model), "matrix")
    cell = next(cell for (cell,) in page.iter_rows(min_col=2, max_col=2) if cell.value == HOSTILE)
    assert cell.data_type == "s"


@pytest.mark.parametrize("by", ["domain", "province", "category"])
def test_every_table_of_the_overview_adds_up_to_its_closing_row(found: Standings, model: Model, by: str) -> None:
    page = sheet(written(found, model), "overview")
    *groups, total = below(page, say(f"rounds.status.overview.by_{by}", "zh"))
    sums = tuple(sum(column) for column in zip(*(group[3:11] for group in groups), strict=True))
    assert sums == total[3:11] == (30, *(found.everyone.forms[state] for state in STATES))
    if by != "domain":
        assert tuple(sum(column) for column in zip(*(group[1:3] for group in groups), strict=True)) == total[1:3]
    assert total[1:3] == (6, 1)
    assert total[11] == pytest.approx(found.everyone.settled / 30)


def test_the_overview_draws_a_chart_by_domain_and_one_by_province(found: Standings, model: Model) -> None:
    stream = BytesIO()
    write_status(stream, found, model, "zh")
    with zipfile.ZipFile(stream) as parts:
        assert [name for name in parts.namelist() if name.startswith("xl/charts/chart")] == [
            "xl/charts/chart1.xml",
            "xl/charts/chart2.xml",
        ]


@pytest.mark.parametrize("lang", LANGS)
def test_what_needs_a_person_says_what_where_and_what_to_do(found: Standings, model: Model, lang: Lang) -> None:
    rows = list(sheet(written(found, model, lang), "attention", lang).iter_rows(min_row=4, values_only=True))
    assert [row[0] for row in rows] == [say(f"rounds.status.kind.{kind}", lang) for kind in KINDS]
    assert all(row[9] for row in rows)
    assert [row[2] or "" for row in rows] == [one.mark for one in found.attention]
    assert [bool(row[2]) for row in rows] == [False, False, False, True, False]
    assert [row[3] for row in rows] == ["N4", "N5", "N3", "N6", None]
    assert [row[8] for row in rows[1:3]] == ["552 too large", "550 5.1.1 User unknown"]
    assert rows[0][8] is None


@pytest.mark.parametrize("lang", LANGS)
def test_a_round_of_nobody_has_a_workbook_that_says_so(tmp_path: Path, model: Model, lang: Lang) -> None:
    book = written(nobody(tmp_path, model), model, lang)
    assert sheet(book, "overview", lang)["A3"].value == say("rounds.status.no_institutions", lang)
    assert sheet(book, "attention", lang)["A4"].value == say("rounds.status.attention.none", lang)


def test_equal_standings_give_equal_bytes(found: Standings, model: Model) -> None:
    one, other = BytesIO(), BytesIO()
    write_status(one, found, model, "zh")
    write_status(other, found, model, "zh")
    assert one.getvalue() == other.getvalue()


# On a terminal, and for machines


@pytest.mark.parametrize("lang", LANGS)
def test_the_terminals_table_has_a_row_for_each_institution(found: Standings, lang: Lang) -> None:
    head, *rows = table(found, lang)
    assert head[2:7] == found.domains
    assert [row[0] for row in rows] == [one.institution.id for one in found.institutions]
    assert {len(row) for row in rows} == {len(head)}


def test_the_terminals_table_can_leave_out_who_owes_nothing(found: Standings) -> None:
    assert [row[0] for row in list(table(found, "en", open_only=True))[1:]] == ["N2", "N3", "N4", "N5", "N6"]


def test_the_terminals_totals_are_those_of_the_workbook(found: Standings, model: Model) -> None:
    _, everyone, *groups = totals_table(found, model, "en")
    assert everyone == ("All", "6", *(str(found.everyone.forms[state]) for state in STATES), "20%")
    assert [row[0] for row in groups if row[0]] == ["北京市", "江苏省", "Not stated", "Training"]


@pytest.mark.parametrize("lang", LANGS)
def test_the_terminal_lists_what_needs_a_person_as_the_workbook_does(found: Standings, lang: Lang) -> None:
    head, *rows = attention_table(found, lang)
    assert [row[2:4] for row in rows] == [(one.mark, one.institution) for one in found.attention]
    assert [row[0] for row in rows] == [say(f"rounds.status.kind.{kind}", lang) for kind in KINDS]
    assert {len(row) for row in rows} == {len(head)}


def test_the_sentence_counts_institutions_and_forms(found: Standings) -> None:
    assert sentence(found, "en") == (
        "Institutions: 6, of which done: 1, owing something: 1, unreachable by mail: 1, not sent anything: 3. "
        "Forms: 30, of which complete: 6 (20.0%), late among these: 1."
    )


def test_the_json_holds_the_same_and_nothing_but_plain_data(found: Standings) -> None:
    plain = json.loads(json.dumps(as_json(found)))
    assert plain["totals"]["all"]["forms"] == dict(found.everyone.forms)
    assert plain["totals"]["all"]["institutions"] == dict(found.everyone.overall)
    second = plain["institutions"][1]
    assert (second["id"], second["overall"], second["errors"]) == ("N2", "owes", 2)
    assert second["domains"]["SS"] == {
        "state": "faulty",
        "late": True,
        "correction": "out",
        "errors": 2,
        "since": LATE,
    }
    assert second["domains"]["SS"]["late"] is True
    assert [one["kind"] for one in plain["attention"]] == list(KINDS)
    [letter] = [one for one in plain["attention"] if one["kind"] == "mail"]
    assert (len(letter["mark"]), letter["institution"]) == (8, "N6")
