"""Forms returned as .xls and .ods read as the form they were, cell for cell, and hostile ones get nothing out of it."""

from __future__ import annotations

import datetime as dt
import http.server
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.intake import libreoffice
from evaluator.intake.conversion import convert
from evaluator.limits import Limits
from evaluator.model.records import Model
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.reader import ReturnedForm
from evaluator.wording import Lang
from tests import forms
from tests.client.test_libreoffice import fields, given
from tests.forms import cell_of, filled, put, read
from tests.libreoffice import require_libreoffice

KINDS = ("xls", "ods")
TYPED: dict[str, object] = {
    cell_of("SS1-2"): '=IF(1=1,"完全满足","")',
    cell_of("SS1-4"): dt.date(2025, 3, 4),
    cell_of("SS2-2"): dt.time(8, 30),
    cell_of("SS2-4"): 0.8,
    cell_of("SS3-2"): 3,
}
"""Answers of other types, typed over those of the form."""
ERROR, TRUTH = cell_of("SS3-4"), cell_of("SS4-2")


@pytest.fixture(autouse=True)
def _office() -> None:
    require_libreoffice()


def saved_as(kind: str, path: Path, folder: Path) -> Path:
    """Save a workbook in another format, as a person does in LibreOffice."""
    with tempfile.TemporaryDirectory(prefix="libreoffice_", ignore_cleanup_errors=True) as profile:
        user = f"-env:UserInstallation={Path(profile).as_uri()}"
        command = [require_libreoffice(), user, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{path.stem}.{kind}"


def converted(path: Path, kind: str, folder: Path) -> ReturnedForm:
    (found,) = convert({path: kind}, folder, Limits(seconds=120)).values()
    assert isinstance(found, Path), found
    return read(found.read_bytes())


@pytest.mark.parametrize(("kind", "lang"), [("xls", "zh"), ("ods", "en")])
def test_a_form_reads_as_the_one_it_was(tmp_path: Path, model: Model, kind: str, lang: Lang) -> None:
    """Rows, cells, sheets, identity: all of it, with contents that programs may be tempted to change."""
    form = forms.edited(
        filled("SS", lang, changed=given(model, 0), fields=fields("SS"), made_for="0042"),
        put(**{cell: value for cell, value in TYPED.items() if cell not in _odd_cells(model)}),
    )
    path = tmp_path / "甲 (1).xlsx"
    path.write_bytes(form)
    before, after = read(form), converted(saved_as(kind, path, tmp_path), kind, tmp_path / "new")
    assert after.meta == before.meta
    assert after.meta["institution"] == "0042"
    assert after.fields == before.fields
    assert after.strays == before.strays == {}
    assert [row.cell for row in after.rows] == [row.cell for row in before.rows]
    for was, now in zip(before.rows, after.rows, strict=True):
        # Of a formula, LibreOffice has the result and openpyxl has not; neither is an answer.
        assert now == (was._replace(typed=now.typed) if was.kind == "formula" else was)


def _odd_cells(model: Model) -> set[str]:
    return {cell_of(requirement) for requirement in given(model, 0)}


@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_other_types_stay_what_they_are(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(forms.edited(filled(), put(**TYPED, **{ERROR: "#N/A", TRUTH: True})))
    before = {row.cell: row for row in read(path.read_bytes()).rows}
    after = {row.cell: row for row in converted(saved_as(kind, path, tmp_path), kind, tmp_path / "new").rows}
    for cell in TYPED:
        assert after[cell].kind == before[cell].kind != "text", cell
        if after[cell].kind != "formula":
            assert after[cell].typed == before[cell].typed, cell
    for cell in (ERROR, TRUTH):  # LibreOffice makes formulas of them, which are no more an answer than they were
        assert before[cell].kind in ("error", "other")
        assert after[cell].kind == "formula"
    changed = {*TYPED, ERROR, TRUTH}
    assert {c: row for c, row in after.items() if c not in changed} == {
        c: row for c, row in before.items() if c not in changed
    }


def test_several_at_once_and_broken_ones_among_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(filled())
    xls, ods = (saved_as(kind, path, tmp_path) for kind in KINDS)
    (tmp_path / "half.xls").write_bytes(xls.read_bytes()[: xls.stat().st_size // 3])
    (tmp_path / "half.ods").write_bytes(ods.read_bytes()[: ods.stat().st_size // 2])
    (tmp_path / "noise.xls").write_bytes(xls.read_bytes()[:512] + bytes(range(256)) * 40)
    again = tmp_path / "again.xls"
    again.write_bytes(xls.read_bytes())
    kinds = {path: path.suffix[1:] for path in (*sorted(tmp_path.glob("*.ods")), *sorted(tmp_path.glob("*.xls")))}
    found = convert(kinds, tmp_path / "new", Limits(seconds=60))
    for whole in (xls, ods, again):
        workbook = found[whole]
        assert isinstance(workbook, Path)
        assert read(workbook.read_bytes()).rows == read(filled()).rows
    for name in ("half.ods", "half.xls", "noise.xls"):
        broken = found[tmp_path / name]
        assert isinstance(broken, Unread)
        assert broken.code in ("file.unreadable", "file.not_a_workbook")


# What a hostile file is after


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine: its address, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815 - the names it looks for

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}", asked
        running.shutdown()


def reaching_out(address: str, beside: Path) -> bytes:
    """A spreadsheet that tries every way out: pictures, objects, other sheets, web queries and services, files."""
    names = {
        **{name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text", "script")},
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "of": "urn:oasis:names:tc:opendocument:xmlns:of:1.2",
        "xlink": "http://www.w3.org/1999/xlink",
    }
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    old = 'office:value-type="string" office:string-value="old"><text:p>old</text:p></table:table-cell>'
    frames = "".join(
        f'<draw:frame svg:width="3cm" svg:height="3cm"><draw:{what} xlink:href="{address}/{what}" xlink:type="simple" '
        'xlink:show="embed" xlink:actuate="onLoad"/></draw:frame>'
        for what in ("image", "object", "floating-frame", "plugin")
    )
    cells = "".join(
        f'<table:table-cell table:formula="of:={formula}" {old}'
        for formula in (
            f"COM.MICROSOFT.WEBSERVICE(&quot;{address}/service&quot;)",
            f"'{address}/book.ods'#$S.A1",
            f"'{beside.as_uri()}'#$S.A1",
        )
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {declared} office:version="1.3">'
        f'<office:body><office:spreadsheet><table:table table:name="S"><table:shapes>{frames}</table:shapes>'
        f"<table:table-row>{cells}</table:table-row></table:table>"
        f'<table:table table:name="L"><table:table-source xlink:href="{address}/sheet.ods" table:table-name="S" '
        f'xlink:type="simple"/><table:table-row><table:table-cell {old}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return forms.archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def test_a_file_reaches_nobody_and_reads_no_other_file(
    tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = server
    beside = tmp_path / "S.csv"
    beside.write_text("secret\n", encoding="utf-8")
    path = tmp_path / "a.ods"
    path.write_bytes(reaching_out(address, beside))
    (found,) = convert({path: "ods"}, tmp_path / "new", Limits(seconds=120)).values()
    assert isinstance(found, Path)
    assert asked == []
    with zipfile.ZipFile(found) as workbook:
        texts = {name: workbook.read(name) for name in workbook.namelist()}
    assert b"secret" not in b"".join(texts.values())
    assert texts["xl/worksheets/sheet1.xml"].count(b"<v>old</v>") == 3

    monkeypatch.setattr(libreoffice, "_SETTINGS", ())
    convert({path: "ods"}, tmp_path / "new", Limits(seconds=120))
    assert asked != []  # the file does try, and LibreOffice as it comes would help it
