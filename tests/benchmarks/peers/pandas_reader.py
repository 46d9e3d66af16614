"""Reads a returned questionnaire with pandas and checks its answers: opening the file once, or once for each sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tests.benchmarks.peers.openpyxl_reader import FIELDS, Return, Row, problems_of

ALL = ("填写说明", "机构信息", "自评问卷", "_lists", "_preview", "_meta")
NEEDED = ("机构信息", "自评问卷", "_meta")


def read_once(path: Path, sheets: tuple[str, ...] = ALL) -> Return:
    """Read one workbook, opened once."""
    with pd.ExcelFile(path, engine="openpyxl") as book:
        return _return(pd.read_excel(book, sheet_name=list(sheets), header=None, dtype=str))


def read_each(path: Path, sheets: tuple[str, ...] = ALL) -> Return:
    """Read one workbook, one `read_excel` for each sheet."""
    return _return(
        {name: pd.read_excel(path, sheet_name=name, header=None, dtype=str, engine="openpyxl") for name in sheets}
    )


def _return(sheets: Mapping[str, pd.DataFrame]) -> Return:
    meta = sheets["_meta"].fillna("").set_index(0)[1].to_dict()
    stated = sheets["机构信息"].fillna("").set_index(0)[1]
    institution = stated[stated.index.isin(FIELDS)].to_dict()
    table = sheets["自评问卷"].fillna("")
    head = table.index[table[0].eq("编号")][0]
    table.columns = table.loc[head]
    table = table.loc[head + 1 :, ["编号", "自评结果", "佐证材料", "备注"]]
    table = table.apply(lambda column: column.str.strip())
    rows = [Row(*row) for row in table[table["编号"].ne("")].itertuples(index=False, name=None)]
    return Return(meta, institution, rows, problems_of(rows))
