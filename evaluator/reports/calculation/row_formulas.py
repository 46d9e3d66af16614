"""The lower half of the method as spreadsheet formulas: from the answers' sheet to the domains.

Owns: the text of the formulas of requirements, items and domains, by column. Knows nothing of institutions or their
figures.
"""

from __future__ import annotations

from evaluator.assessment.codes import ANSWERED, BLANK, INVALID, MISSING, NOT_APPLICABLE
from evaluator.model.records import LEVELS, Domain, Item, Model, Requirement
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.layout import Block, cell
from evaluator.reports.calculation.terms import NOTHING, TOP, Terms, agrees, mean, rounded, row_agrees

_OPEN = (BLANK, INVALID, MISSING)
"""States in which nothing counts as answered."""


# Domains


def domain_formulas(terms: Terms, model: Model, number: int) -> dict[str, str]:
    """Compute a domain's figures."""
    domain, row = model.domains[number], terms.at.domains.first + number
    items, asked = terms.at.items_of[number], terms.at.requirements_of[number]
    weights, total = items.range(at.WEIGHT), f"SUM({items.range(at.WEIGHT)})"
    came, missing = cell(at.COVERAGE, row), terms.states[MISSING]

    def if_came(formula: str) -> str:
        return f'IF({came}={missing},"{NOTHING}",{formula})'

    found = {}
    for level, column in zip(LEVELS, at.LEVEL_COLUMNS, strict=True):
        if any(r.level == level for r in domain.requirements):
            found[column] = if_came(mean(weights, items.range(column), of_none="0"))
    found[at.COVERAGE] = (
        f"IF(COUNTIF({asked.range(at.STATE)},{missing})={asked.size},{missing},"
        f"SUMPRODUCT({weights},{items.range(at.COVERAGE)})/{total})"
    )
    found[at.NA_SHARE] = if_came(f"SUMPRODUCT({weights},{items.range(at.NA_SHARE)})/{total}")
    found[at.PASSED] = if_came(_passed(terms, domain, row))
    passed = cell(at.PASSED, row)
    levels = f"{cell(at.LEVEL_COLUMNS[0], row)}:{cell(at.LEVEL_COLUMNS[-1], row)}"
    found[at.STAGED] = if_came(f"IF({passed}={TOP},{TOP},{passed}+INDEX({levels},{passed}+1))")
    found[at.AVERAGE] = if_came(f"{TOP}*{mean(weights, items.range(at.ITEM_SCORE), of_none='0')}")
    return found


def _passed(terms: Terms, domain: Domain, row: int) -> str:
    """Count the levels passed from 1 up; those that the model does not ask count as passed."""
    asked, formula = {r.level for r in domain.requirements}, str(TOP)
    mark = rounded(terms.at.parameter("pass_mark"))
    for level in sorted(asked, reverse=True):
        attained = rounded(cell(at.LEVEL_COLUMNS[level - 1], row))
        formula = f"IF({attained}<{mark},{level - 1},{formula})"
    return formula


def domain_agrees(terms: Terms, model: Model, number: int) -> str:
    """Tell whether a domain's figures are the program's; of the scores only the official method's are there."""
    row, reported = terms.at.domains.first + number + 1, terms.at.reported.first + number + 1
    official = at.AVERAGE if model.rules.method == "average" else at.STAGED
    columns = [*at.LEVEL_COLUMNS, at.COVERAGE, at.NA_SHARE, at.PASSED, official]
    return agrees([(f"{column}{row}", f"{column}{reported}") for column in columns])


# Items


def item_formulas(terms: Terms, model: Model, number: int) -> dict[str, str]:
    """Compute an item's figures."""
    item, asked, row = model.items[number], terms.at.asked_of[number], terms.at.items.first + number
    weights, counted = asked.range(at.WEIGHT), asked.range(at.COUNTS_AS)
    applicable, scores, total = asked.range(at.APPLICABLE), asked.range(at.SCORE), f"SUM({asked.range(at.WEIGHT)})"
    found = {
        column: _cell(item, asked, level)
        for level, column in zip(LEVELS, at.LEVEL_COLUMNS, strict=True)
        if any(r.level == level for r in item.requirements)
    }
    open_ = "+".join(f"({counted}={terms.states[state]})" for state in _OPEN)
    found[at.COVERAGE] = f"1-SUMPRODUCT(({open_})*{weights})/{total}"
    found[at.NA_SHARE] = f"SUMPRODUCT(({counted}={terms.labels['na']})*{weights})/{total}"
    found[at.ITEM_APPLICABLE] = f"SUM({applicable})"
    below = cell(at.ITEM_APPLICABLE, row)
    found[at.ITEM_SCORE] = f'IF({below}=0,"{NOTHING}",SUMPRODUCT({applicable},{scores})/{below})'
    found[at.AGREES] = row_agrees(row)
    return found


def _cell(item: Item, asked: Block, level: int) -> str:
    """Average an item's requirements of a level; of a single one the mean is its score."""
    numbers = [n for n, one in enumerate(item.requirements) if one.level == level]
    if len(numbers) == 1:
        return cell(at.SCORE, asked.first + numbers[0])
    applicable, scores, levels = (asked.range(c) for c in (at.APPLICABLE, at.SCORE, at.LEVEL))
    below = f"SUMIFS({applicable},{levels},{level})"
    return f'IF({below}=0,"{NOTHING}",SUMPRODUCT(--({levels}={level}),{applicable},{scores})/{below})'


# Requirements


def requirement_formulas(terms: Terms, asked: Requirement, number: int, *, ruled: bool) -> dict[str, str]:
    """Compute a requirement's figures; `ruled`: it counts as a person decided."""
    row = terms.at.requirements.first + number + 1
    counted, score = f"{at.COUNTS_AS}{row}", f"{at.SCORE}{row}"
    labels, values = terms.at.answers(at.ANSWER), terms.at.answers(at.ANSWER_SCORE)
    none = f"OR({counted}={terms.labels['na']},{counted}={terms.states[MISSING]})"
    found = {
        at.STATE: _taken(terms, terms.source.state, number),
        at.GIVEN: _taken(terms, terms.source.answer, number),
        at.COUNTS_AS: _counts_as(terms, asked, number),
        at.APPLICABLE: f'IF({score}="{NOTHING}",0,{at.WEIGHT}{row})',
        at.SCORE: f'IF({none},"{NOTHING}",SUMPRODUCT(({labels}={counted})*{values}))',
        at.AGREES: row_agrees(row - 1),
    }
    if ruled:
        decided = _taken(terms, terms.source.decided, number)
        as_decided = _known(terms, decided, decided)
        found[at.COUNTS_AS] = f"IF({at.STATE}{row}={terms.decided},{as_decided},{found[at.COUNTS_AS]})"
    if asked.veto_star is not None:
        unmet = (terms.labels["none"], terms.states[BLANK], terms.states[INVALID])
        found[at.CAP] = f"IF(OR({','.join(f'{counted}={words}' for words in unmet)}),{asked.veto_star},{TOP})"
    return found


def _taken(terms: Terms, column: str, number: int) -> str:
    return f'{_place(terms, column, number)}&""'  # as a text: an empty cell would read 0


def _place(terms: Terms, column: str, number: int) -> str:
    name = terms.source.sheet.replace("'", "''")
    return f"'{name}'!{column}{terms.source.first + number + 1}"


def _counts_as(terms: Terms, asked: Requirement, number: int) -> str:
    """Say what an answer counts as: N/A, where it is permitted and has a reason; the state, where it is no answer.

    Whatever a reader makes of the cells, something comes out that has a meaning for coverage and veto. An answer that
    a reader calls decided counts as it stands, but for N/A that nobody can decide.
    """
    row = terms.at.requirements.first + number + 1
    state, given, proven, permitted = (f"{c}{row}" for c in (at.STATE, at.GIVEN, at.PROVEN, at.NA_PERMITTED))
    labels, states = terms.labels, terms.states
    answered, blank, missing = (f"{state}={states[one]}" for one in (ANSWERED, BLANK, MISSING))
    either = f"OR({answered},{state}={terms.decided})"
    left_out = f"AND({answered if asked.na_allowed else either},{given}={labels['na']})"
    reasoned = f'AND({permitted}={terms.yes},TRIM({_place(terms, terms.source.remarks, number)})<>"")'
    rule = f"{answered},{terms.at.parameter('evidence_rule')}={terms.yes},{proven}<>{terms.yes}"
    unproven = f"AND({rule},OR({given}={labels['full']},{given}={labels['large']}))"
    counted = _known(terms, given, f"IF({unproven},{labels['partial']},{given})")
    return (
        f"IF(OR({state}={states[NOT_APPLICABLE]},{left_out}),IF({reasoned},{labels['na']},{states[INVALID]}),"
        f"IF({either},{counted},"
        f"IF(AND({missing},{_never_came(terms, number)}),{states[MISSING]},"
        f'IF(OR({blank},{missing},{state}=""),{states[BLANK]},{states[INVALID]}))))'
    )


def _known(terms: Terms, given: str, counted: str) -> str:
    """Count an answer whose text is one of the labels as `counted`, no text as blank, any other as invalid."""
    unknown = f"SUMPRODUCT(--({terms.at.labels}={given}))=0"  # no MATCH, to which * is every text
    return f'IF({given}="",{terms.states[BLANK]},IF({unknown},{terms.states[INVALID]},{counted}))'


def _never_came(terms: Terms, number: int) -> str:
    """The condition that all of the domain's answers are missing: a single one can't be, and counts as blank."""
    row = terms.at.requirements.first + number
    asked = next(block for block in terms.at.requirements_of if row < block.end)
    return f"COUNTIF({asked.range(at.STATE)},{terms.states[MISSING]})={asked.size}"
