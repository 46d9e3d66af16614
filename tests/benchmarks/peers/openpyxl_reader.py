"""Reads a returned questionnaire with openpyxl's `read_only` mode and checks its answers."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import openpyxl

WORDS = ("完全满足", "大部分满足", "部分满足", "不满足", "不适用")
FIELDS = ("机构编号", "机构名称", "统一社会信用代码", "省份", "城市", "机构类型", "服务类别")


class Row(NamedTuple):
    """A requirement as it was answered."""

    requirement: str
    answer: str
    evidence: str
    remarks: str


class Return(NamedTuple):
    """A returned workbook."""

    meta: dict[str, str]
    institution: dict[str, str]
    rows: list[Row]
    problems: list[str]


def text(value: object) -> str:
    """Give a cell's text."""
    return "" if value is None else str(value).strip()


def problems_of(rows: list[Row]) -> list[str]:
    """Check the answers against the words that are allowed."""
    found = []
    for row in rows:
        if not row.answer:
            found.append(f"{row.requirement}: blank")
        elif row.answer not in WORDS:
            found.append(f"{row.requirement}: {row.answer} is no answer")
        elif row.answer in WORDS[:2] and not row.evidence:
            found.append(f"{row.requirement}: no evidence")
        elif row.answer == WORDS[4] and not row.remarks:
            found.append(f"{row.requirement}: no reason")
    return found


def read(path: Path) -> Return:
    """Read one workbook."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    meta = {text(row[0]): text(row[1]) for row in book["_meta"].iter_rows(max_col=2, values_only=True)}
    sheet = book["机构信息"].iter_rows(max_col=2, values_only=True)
    institution = {text(label): text(value) for label, value in sheet if text(label) in FIELDS}
    rows: list[Row] = []
    columns: list[int] = []
    for cells in book["自评问卷"].iter_rows(values_only=True):
        if columns:
            row = Row(*(text(cells[column]) for column in columns))
            if row.requirement:
                rows.append(row)
        elif text(cells[0]) == "编号":
            heads = [text(cell) for cell in cells]
            columns = [heads.index(head) for head in ("编号", "自评结果", "佐证材料", "备注")]
    book.close()
    return Return(meta, institution, rows, problems_of(rows))
