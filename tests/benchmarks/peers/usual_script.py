"""The whole job as it is usually done: `python -m tests.benchmarks.peers.usual_script MODEL ROSTER RETURNED OUT HOW`.

Reads the five workbooks of each institution with pandas and openpyxl, scores them with pandas, and writes a ranking and
a report for each institution. HOW is `once`, where each file is opened once, or `each`: once for each sheet. Knows no
hostile file, no duplicate and no other language.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from tests.benchmarks.peers import usual_scoring
from tests.benchmarks.peers.pandas_reader import NEEDED, read_each, read_once
from tests.benchmarks.peers.usual_reports import HEAD, HEAD_FONT, write_report


def main(model_file: Path, roster_file: Path, returned: Path, out: Path, *, each: bool) -> pd.DataFrame:
    """Do all of it; gives the ranking."""
    warnings.simplefilter("ignore")
    model = json.loads(model_file.read_text(encoding="utf-8"))
    roster = pd.read_excel(roster_file, dtype=str).fillna("").set_index("机构编号", drop=False)
    records, problems = [], []
    for path in sorted(returned.glob("*.xlsx")):
        found = read_each(path, NEEDED) if each else read_once(path, NEEDED)
        who = found.meta["institution"] or found.institution["机构编号"]
        records += [(who, *row, path.name) for row in found.rows]
        problems += [(who, path.name, problem) for problem in found.problems]
    answers = pd.DataFrame(records, columns=["institution", "requirement", "answer", "evidence", "remarks", "file"])
    rows = usual_scoring.judged(answers, usual_scoring.asked_of(model))
    domains = usual_scoring.domain_scores(rows, model["rules"]["pass_mark"])
    ranking = roster.join(usual_scoring.ranking(rows, domains, model), how="inner").sort_values("rank")
    listed = pd.DataFrame(problems, columns=["机构编号", "文件", "问题"])
    out.mkdir(parents=True)
    _write_ranking(out / "ranking.xlsx", ranking, domains, listed)
    by_domain, by_row = dict(list(domains.groupby("institution"))), dict(list(rows.groupby("institution")))
    of = listed.groupby("机构编号")["问题"].apply(list)
    for who, facts in ranking.iterrows():
        write_report(out / f"{who}.xlsx", facts, by_domain[who], by_row[who], of.get(who, []))
    return ranking


def _write_ranking(path: Path, ranking: pd.DataFrame, domains: pd.DataFrame, problems: pd.DataFrame) -> None:
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        ranking.to_excel(writer, sheet_name="排名", index=False)
        domains.to_excel(writer, sheet_name="能力域得分", index=False)
        problems.to_excel(writer, sheet_name="校验问题", index=False)
    book = load_workbook(path)
    for sheet in book:
        sheet.freeze_panes = "A2"
        for column, cell in enumerate(sheet[1], 1):
            cell.font, cell.fill = HEAD_FONT, HEAD
            sheet.column_dimensions[get_column_letter(column)].width = 14
    book.save(path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]), each=sys.argv[5] == "each")
