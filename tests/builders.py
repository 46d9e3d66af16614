"""Small synthetic results for tests of the reports: many answers, a few odd institutions, no files read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evaluator.assessment.answers import CELL_COLUMNS, judge
from evaluator.assessment.results import assess
from evaluator.assessment.robustness import robustness
from evaluator.assessment.texts import blocks_of
from evaluator.findings import Finding, in_order, joined
from evaluator.model.files import load_model
from evaluator.model.records import Model, Requirement
from evaluator.reports.record import Results
from evaluator.wording import Lang

PROVINCES = ("江苏省", "浙江省", "广东省", "四川省", "内蒙古自治区")


def make(institutions: int = 40, seed: int = 1, lang: Lang = "zh", model: Model | None = None) -> Results:
    """Make the results of a round with that many institutions.

    Every seventh institution has a name that looks like a formula, some lack one domain (index 5 of 11) or all of them
    (index 7 of 23), and some answers are blank, invalid, N/A or without evidence.
    """
    model = model or load_model()
    rng = np.random.default_rng(seed)
    table = _institutions(institutions, model)
    rows = [row for n in range(institutions) for row in _answers(n, table["id"][n], model, rng, lang)]
    cells = pd.DataFrame(rows, columns=list(CELL_COLUMNS))
    judged = judge(cells, model, dict(zip(table["id"], table["category"], strict=True)))
    blank = judged[judged["state"].eq("blank")]
    findings = [
        Finding(
            code="answer.blank",
            institution=row.institution,
            domain=row.domain,
            file=row.file,
            sheet=row.sheet,
            cell=row.cell,
            requirement=row.requirement,
            params={"requirement": row.requirement, "options": joined(a.label.say(lang) for a in model.scale)},
        )
        for row in blank.head(200).itertuples()
    ]
    found = assess(judged, table, model)
    return Results(
        assessment=found,
        texts=blocks_of(judged, len(model.requirements)),
        findings=in_order(findings),
        files=_files(table["id"], model, lang),
        has_roster=True,
        options={"model": f"{model.id}@{model.edition}", "lang": lang},
        robustness=robustness(found),
    )


def _institutions(count: int, model: Model) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"SME{n + 1:04d}" for n in range(count)],
            "name": [
                f"{PROVINCES[n % 5][:2]}某某中小企业综合服务中心有限责任公司{n + 1}"
                if n % 7
                else f'=HYPERLINK("http://x","{n}")'
                for n in range(count)
            ],
            "uscc": ["91320000MA1XXXXX0X"] * count,
            "province": [PROVINCES[n % 5] for n in range(count)],
            "city": ["南京市"] * count,
            "type": [model.types[n % 3].zh for n in range(count)],
            "category": [model.categories[n % 12].zh for n in range(count)],
        }
    )


def _answers(n: int, institution: str, model: Model, rng: np.random.Generator, lang: Lang) -> Iterator[tuple[str, ...]]:
    ability = rng.uniform(0.5, 6.0)
    codes = [domain.code for domain in model.domains]
    gone = set(codes) if n % 23 == 7 else {str(rng.choice(codes))} if n % 11 == 5 else set()
    for domain in model.domains:
        tilt = rng.normal(0, 0.5)
        file = f"returned/{institution}_{domain.code}.xlsx"
        for row, requirement in enumerate(domain.requirements, start=12):
            kind, typed, evidence, remarks = _answer(requirement, ability + tilt, model, rng, lang)
            if domain.code in gone:
                yield (institution, requirement.id, domain.code, "no_form", "blank", *[""] * 9)
                continue
            yield (
                institution, requirement.id, domain.code, "row", kind, typed, lang, evidence, remarks,
                file, "自评问卷", f"F{row}", f"G{row}", f"H{row}",
            )  # fmt: skip


def _answer(
    requirement: Requirement, ability: float, model: Model, rng: np.random.Generator, lang: Lang
) -> tuple[str, str, str, str]:
    strength = ability - requirement.level + rng.normal(0, 0.6)
    code = "full" if strength > 0.5 else "large" if strength > 0 else "partial" if strength > -0.7 else "none"
    shown = code in ("full", "large") and rng.random() > 0.03
    remarks = ""
    if requirement.na_allowed and rng.random() < 0.2:
        code, remarks = "na", "本机构无此业务"
    kind, typed = "text", model.answer(code).label.say(lang)
    chance = rng.random()
    if chance < 0.01:
        kind, typed = "blank", ""
    elif chance < 0.015:
        typed = "差不多"
    return kind, typed, f"{requirement.id} 佐证材料：制度文件、台账" if shown else "", remarks


def _files(ids: pd.Series[str], model: Model, lang: Lang) -> pd.DataFrame:
    rows = [
        {
            "path": f"returned/{institution}_{domain.code}.xlsx",
            "sha256": "ab" * 32,
            "size": 23456,
            "institution": institution,
            "domain": domain.code,
            "role": "return",
            "status": "counted",
            "edition": model.edition,
            "lang": lang,
            "arrived": "",
        }
        for institution in ids
        for domain in model.domains
    ]
    return pd.DataFrame(rows).sort_values("path", ignore_index=True)
