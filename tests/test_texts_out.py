"""What institutions typed goes into every output workbook as plain text: no formula, no link, nothing lost.

The texts come the whole way: typed into returned forms, through a run, to the results; and pre-filled into forms.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from evaluator import pipeline
from evaluator.model.records import Model
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.wording import LANGS, Lang
from evaluator.workbook import MAX_CELL_TEXT
from tests import forms

MARK = "坏文字"
"""In every hostile text, so that it is found wherever it goes."""
TEXTS = (
    f"=cmd|'/c {MARK}'!A1",
    f'=HYPERLINK("http://x.example/{MARK}","x")',
    f"{{=1+{MARK}}}",
    f"+1{MARK}",
    f"-1-{MARK}",
    f"@SUM({MARK})",
    f"\t=1{MARK}",
    f"http://x.example/{MARK}",
    f"mailto:{MARK}@x.example",
    f"\\\\server\\{MARK}",
    f"file:///c:/{MARK}",
    f"internal:'Sheet1'!{MARK}",
    f"external:..\\{MARK}.xlsx",
    f"<f>1</f>{MARK}&amp;]]>",
    f"%s{{0}}{{name}}{MARK}",
    f"{MARK}_x001B_[2J_x0007_",
    f"{MARK}_xD800_\u202e\u200b\U0001f600",
    MARK + "长" * 32_700,
)
IDS = ("=1+1", "../../N02", "CON", "a/b:c", "Ｎ😀05", "N06")


@pytest.fixture(scope="module", params=LANGS)
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: Model) -> Path:
    """The results of institutions that type hostile texts everywhere; the first returns all domains and is rated."""
    folder = tmp_path_factory.mktemp("texts")
    lang: Lang = request.param
    asked = [r.id for r in model.domain("SS").requirements]
    for n, identifier in enumerate(IDS):
        name = TEXTS[n] if n < 4 else TEXTS[-1 - n]
        fields = {"id": identifier, "name": name, "province": TEXTS[3], "city": TEXTS[4], "contact": TEXTS[5]}
        fields |= {"type": TEXTS[6], "category": TEXTS[0], "date": TEXTS[1], "phone": TEXTS[2], "email": TEXTS[8]}
        for domain in model.domains if n == 0 else model.domains[:1]:
            changed = {}
            if domain.code == "SS" and n:
                changed = {requirement: (words, words, words) for requirement, words in zip(asked, TEXTS, strict=False)}
            elif domain.code == "SS":
                changed = {asked[k]: ("full", words, words) for k, words in enumerate(TEXTS)}
            data = forms.filled(domain.code, "zh", changed=changed, fields=fields)  # type: ignore[arg-type]
            if domain.code == "SS" and n:
                data = forms.edited(data, forms.put(A7=TEXTS[1], K8=TEXTS[2], D9=TEXTS[0]))
            forms.folder(folder / "returned", **{f"{n}_{domain.code}": data})
    pipeline.score([folder / "returned"], folder / "out", model, lang=lang)
    return folder / "out"


def _workbooks(folder: Path) -> Iterator[tuple[Path, zipfile.ZipFile]]:
    for path in sorted(folder.rglob("*.xlsx")):
        with zipfile.ZipFile(path) as archive:
            yield path, archive


def _hostile_parts(archive: zipfile.ZipFile, files: Path | None = None) -> list[str]:
    """List formulas and links of a workbook that hold something that was typed in.

    A link to one of the institutions' reports, which are named after them, is none if the report is there.
    """
    found = [name for name in archive.namelist() if "externalLinks" in name]
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        for element in ET.fromstring(archive.read(name)).iter():  # noqa: S314 - our own output
            tag = element.tag.rpartition("}")[2]
            words = f"{element.text or ''} {' '.join(v for k, v in element.attrib.items() if k != 'display')}"
            if tag in ("f", "formula1", "formula2", "hyperlink", "definedName", "cfRule") and MARK in words:
                found.append(f"{name}: {words}")
            if tag == "Relationship" and "external" in element.get("TargetMode", "").lower():
                target = unquote(element.get("Target", "")).replace("\\", "/")
                if files is None or ".." in Path(target).parts or not (files / target).is_file():
                    found.append(f"{name}: {target}")
    return found


def test_no_text_of_an_institution_becomes_a_formula_or_a_link(results: Path) -> None:
    names = [path.name for path, _ in _workbooks(results)]
    assert {"ranking.xlsx", "regulator.xlsx"} <= set(names)
    assert len(names) == 2 + len(IDS)
    for path, archive in _workbooks(results):
        assert _hostile_parts(archive, results) == [], path.name


def test_texts_arrive_as_they_were_typed(results: Path) -> None:
    shown: dict[str, set[str]] = {}
    for path, _ in _workbooks(results):
        book = openpyxl.load_workbook(path)
        kinds = {
            (str(cell.value), cell.data_type)
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if MARK in str(cell.value)
        }
        assert {kind for _, kind in kinds} <= {"s"}, path.name
        shown[path.name] = {words for words, _ in kinds}
    assert any(TEXTS[0] in words for words in shown["ranking.xlsx"])
    report = next(words for name, words in shown.items() if name.startswith("=1+1_"))
    for typed in (*TEXTS[:6], *TEXTS[7:15]):
        assert any(typed in words for words in report), typed
    assert all(len(words) <= MAX_CELL_TEXT for words in report)


def test_files_are_named_safely(results: Path) -> None:
    names = [path.name for path in (results / "institutions").iterdir()]
    assert len(names) == len(IDS)
    for name in names:
        assert not set(name) & set('<>:"/\\|?*'), name
        assert not name.startswith((".", "CON.", "-"))
    assert not list(results.parent.glob("N02*"))


@pytest.mark.parametrize("words", [*TEXTS, f"{MARK}\x1b[2J\x00", f"\ud800{MARK}", MARK + "x" * 40_000], ids=repr)
def test_a_pre_filled_form_holds_texts_only(words: str, model: Model) -> None:
    asked = model.domain("SS").requirements
    stream = BytesIO()
    fields = dict.fromkeys(("name", "province", "city", "type", "category", "contact", "date", "email"), words)
    prefill = Prefill(fields={"id": "N01", **fields}, answers={asked[0].id: (words, words, words)})
    write_form(stream, model, model.domain("SS"), "zh", prefill=prefill, institution=words)
    with zipfile.ZipFile(stream) as archive:
        assert _hostile_parts(archive) == []
    form = forms.read(stream.getvalue())
    assert (form.rows[0].kind, form.rows[0].evidence_computed) == ("text", False)
    assert form.fields["name"].kind == "text"
    assert MARK in form.rows[0].typed
    assert MARK in form.rows[0].evidence
