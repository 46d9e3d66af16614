"""What an explanation says of decided answers, missing forms and names of parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from evaluator.assessment import answers, rulings
from evaluator.assessment.results import assess
from evaluator.assessment.rulings import Ruling
from evaluator.assessment.trace import trace
from evaluator.errors import InputError
from evaluator.model.records import Model
from evaluator.reports.explaining.as_json import as_json
from evaluator.reports.explaining.as_text import explanation
from evaluator.reports.explaining.explained import Explained
from evaluator.reports.explaining.parts import ALL, Part, part_named
from evaluator.reports.explaining.uncounted import NotCounted, Reason
from evaluator.wording import LANGS, Lang, Text
from tests import small
from tests.explaining import explained, lines
from tests.handcheck import equations, holds, readded

OF = small.model(
    small.domain("AA", 0.6, small.item("AA1", 0.6), small.item("AA2", 0.4)),
    small.domain("BB", 0.4, small.item("BB1", 1.0)),
)
GIVEN = ["full", "large", "full", "partial", "none"] * 3


def said(found: Explained, lang: Lang = "en") -> str:
    return "\n".join(explanation(found, lang))


def of(given: Sequence[str], part: Part = ALL) -> Explained:
    return explained(small.assessed(OF, {"I1": given}), 0, part)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        (None, ALL),
        ("ss", Part(kind="domain", code="SS")),
        ("ＳＳ", Part(kind="domain", code="SS")),
        ("服务战略", Part(kind="domain", code="SS")),
        (" service  STRATEGY ", Part(kind="domain", code="SS")),
        ("sd3", Part(kind="item", code="SD3")),
        ("ｓｓ１－３", Part(kind="requirement", code="SS1-3")),
        ("Performance", Part(kind="dimension", code="performance")),
        ("服务资源", Part(kind="dimension", code="resource")),
        ("资源", Part(kind="dimension", code="resource")),
        ("过程", Part(kind="dimension", code="process")),
        ("绩效", Part(kind="dimension", code="performance")),
        ("持续服务改进能力", Part(kind="domain", code="CI")),
        ("投诉与问题处理", Part(kind="item", code="SO3")),
        ("delivery control", Part(kind="item", code="SO2")),
        ("总分", Part(kind="total")),
        ("Total", Part(kind="total")),
        ("星级", Part(kind="star")),
        ("排名", Part(kind="rank")),
        ("RANK", Part(kind="rank")),
    ],
)
def test_a_part_is_found_by_its_code_or_name_whatever_its_case_and_width(
    typed: str | None, part: Part, model: Model
) -> None:
    assert part_named(model, typed) == part


@pytest.mark.parametrize("typed", ["SS99", "SS1-9", "stars", "x"])
def test_an_unknown_part_is_told_what_is_possible(typed: str, model: Model) -> None:
    with pytest.raises(InputError) as raised:
        part_named(model, typed)
    for lang in LANGS:
        message = raised.value.message(lang)
        assert all(
            word in message
            for word in (typed, "SS, SD, ST, SO, CI", "SS1-1", "process", ("总分", "total")[lang == "en"])
        )
        assert "\n" not in message


@pytest.mark.parametrize("typed", ["", " ", "\u3000\t"])
def test_an_empty_part_is_a_mistake_and_not_everything(typed: str, model: Model) -> None:
    with pytest.raises(InputError) as raised:
        part_named(model, typed)
    for lang in LANGS:
        message = raised.value.message(lang)
        assert message.startswith(("代码", "CODE")[lang == "en"])
        assert "SS, SD, ST, SO, CI" in message
        assert "\n" not in message


def decided(before: dict[str, object]) -> Explained:
    """Explain a requirement that a person decided; `before` is what the record says of it before."""
    judged = answers.judge(small.cells(OF, {"I1": GIVEN}), OF, {})
    ruling = Ruling(answer="large", reason="现场核实", role="复核组组长", made="2026-04-05T08:15:00Z")
    ruled = rulings.apply(judged, {"I1": {"AA1-4": ruling}}, OF)
    found = assess(ruled.judged, small.institutions(["I1"]), OF)
    row = {"value": "large", "reason": "现场核实", "role": "复核组组长", "made": "2026-04-05T08:15:00Z", **before}
    return replace(explained(found, 0), trace=trace(found, 0, {"AA1-4"}), decided={"AA1-4": row})


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (("answered", "full", "partial", 0.5), 'Before: Answered, "Full", scored as Partial: 0.5.'),
        (("not_applicable", "na", "", None), 'Before: N/A, "Na", without a score.'),
        (("blank", "", "none", 0.0), "Before: Blank, score 0."),
    ],
)
def test_a_decided_answer_says_who_decided_why_and_what_was_before(before: tuple[object, ...], words: str) -> None:
    names = ("state_before", "answer_before", "scored_as_before", "score_before")
    found = decided(dict(zip(names, before, strict=True)))
    flat = "".join(said(found).split())
    whole = f"It counts as decided: Large. {words} Reason: 现场核实 (复核组组长, 2026-04-05 08:15 UTC)."
    assert "".join(whole.split()) in flat
    assert "s(AA1-4)=0.8" in flat
    readded(said(found).splitlines(), "staged")
    assert '"why": "decided"' in str(as_json(found)).replace("'", '"')


CONFLICT = NotCounted(
    path="returned/BB.xlsx",
    sha256="cd" * 32,
    status="conflict",
    reasons=(Reason("return.conflict", Text(zh="内容不同。", en="Two differ.")),),
)
LOST = tuple(
    NotCounted(
        path=f"returned/lost{n}.xlsx",
        sha256="",
        status="unreadable",
        reasons=(Reason("file.empty", Text(zh="空。", en="0 bytes.")),),
    )
    for n in range(7)
)


def lacking(part: Part = ALL) -> Explained:
    """Explain who lacks the second domain, of which an old file was replaced; seven others are nobody's."""
    found = of([*GIVEN[:10], *["missing"] * 5], part)
    return replace(
        found, not_counted={"AA": (), "BB": (replace(CONFLICT, status="superseded"),), "": ()}, of_nobody=LOST
    )


FILES = ("(return.conflict): Two differ.", "returned/BB.xlsx\n", "SHA-256 " + "cd" * 32, "to no institution: 7.",
         "returned/lost4.xlsx\n", "Unreadable (file.empty): 0 bytes.", '2 more are on the sheet "Files"')  # fmt: skip


def test_files_of_nobody_are_named_once_and_not_where_the_cause_is_known() -> None:
    """Where both domains are missing, of which one has a file that tells why, the others are for the other one."""
    found = replace(
        of(["missing"] * 15), not_counted={"AA": (), "BB": (CONFLICT,), "": ()}, of_nobody=LOST,
    )  # fmt: skip
    for part, times in (
        (ALL, 1),
        (Part(kind="total"), 1),
        (Part(kind="domain", code="AA"), 1),
        (Part(kind="item", code="AA1"), 1),
        (Part(kind="requirement", code="AA1-1"), 1),
        (Part(kind="domain", code="BB"), 1),
    ):
        assert said(replace(found, part=part)).count("to no institution: 7.") == times, part
    before, after = said(replace(found, part=Part(kind="domain", code="BB"))).split("From here to the total")
    assert "returned/BB.xlsx" in before
    assert "to no institution" not in before
    assert "to no institution: 7." in after


def test_a_requirement_with_a_veto_says_whether_it_capped_the_star() -> None:
    def vetoed(most: int, given: Sequence[str]) -> Explained:
        """Explain a small item's requirement of level 1; a large item asks for all levels."""
        of_one = small.item("AA1", 0.1, small.requirement("AA1-1", veto_star=most))
        with_veto = small.model(small.domain("AA", 1.0, of_one, small.item("AA2", 0.9)))
        part = Part(kind="requirement", code="AA1-1")
        return explained(small.assessed(with_veto, {"I1": given}), 0, part)

    capped, none = vetoed(2, ["none", *["full"] * 5]), vetoed(0, ["none", *["full"] * 5])
    low, met = vetoed(2, ["none"] * 6), vetoed(2, ["full"] * 6)
    assert "It applies here, and is what capped the star at: 2 stars.\n" in said(capped)
    assert "invalid, no star is given.\n        It applies here, and is why no star is given.\n" in said(none)
    assert "It applies here, but what decided the star (No star) is: " in said(low)
    assert "applies here" not in said(met)
    assert "AA1-1（不授予星级）" in said(replace(none, part=ALL), "zh")
    assert "最高无星级" not in said(replace(none, part=ALL), "zh")
    assert "最高为无星级" not in said(none, "zh")
    for one, applies in ((capped, True), (met, False)):
        assert as_json(one)["domains"][0]["items"][0]["requirements"][0]["vetoed"] is applies  # type: ignore[index]


def test_an_item_without_an_answer_is_part_of_the_coverage() -> None:
    printed = said(of([*["full"] * 5, *[""] * 5, *["full"] * 5]))
    assert "C(AA) = 0.6 × 5 / 5 + 0.4 × 0 / 5 = 0.6 " in printed


def test_what_makes_an_answer_invalid_is_said_as_it_was_found() -> None:
    wanted = {"answer.formula": "F12 is a formula.", "form.duplicate_rows": "Two rows: F12, F37."}
    for code, words in wanted.items():
        found = of(
            ["formula" if "formula" in code else "ambiguous", *GIVEN[1:]], Part(kind="requirement", code="AA1-1")
        )
        reasons = (Reason(code, Text(zh="中文", en=words)), Reason("evidence.copied", Text(zh="照抄。", en="Copied.")))
        found = replace(found, findings={"AA1-1": reasons})
        assert f"Findings: {code}, evidence.copied\n          {words}\n" in said(found)
        data = as_json(found)["domains"][0]["items"][0]["requirements"][0]  # type: ignore[index]
        assert data["findings"] == [code, "evidence.copied"]
        assert data["found"][0] == {"code": code, "found": {"zh": "中文", "en": words}}


def test_the_domains_of_another_method_are_printed_where_they_differ() -> None:
    printed = said(of(GIVEN, Part(kind="total")))
    assert "S(average,AA) = 5 × (0.6 × 0.66 + 0.4 × 0.66) = 3.3\n" in printed
    assert "S(average) = 0.6 × 3.3 + 0.4 × 3.3 = 3.3\n" in printed
    assert "S(cumulative,AA)" not in printed  # it is S(AA)
    means = small.with_rules(OF, method="average")
    printed = said(explained(small.assessed(means, {"I1": GIVEN}), 0, Part(kind="total")))
    assert "S(staged,AA) = 3 + 0.5 = 3.5\n" in printed
    assert "S(average,AA)" not in printed
    assert "S(cumulative,AA)" not in printed


def test_a_record_that_nothing_vouches_for_is_said_first() -> None:
    for vouched, words in (("altered", "is not as it was written"), ("no_manifest", "there is no manifest.json")):
        found = replace(of(GIVEN), vouched=vouched)  # type: ignore[arg-type]
        assert said(found).startswith("Warning: ")
        assert words in " ".join(said(found).split("I1", 1)[0].split())
        assert as_json(found)["as_sealed"] is False
    assert "Warning" not in said(of(GIVEN))
    assert as_json(of(GIVEN))["as_sealed"] is True


def test_who_is_not_rated_is_told_which_form_is_missing_and_which_files_did_not_count() -> None:
    printed = said(lacking())
    assert "BB BB: no form of it counts." in printed
    assert all(words in printed for words in FILES)
    assert "lost5" not in printed
    assert "\n  S = " not in printed
    assert "S(AA) = " in printed
    assert "S(BB) = " not in printed


def test_a_domains_own_lines_name_the_files_that_do_not_count_and_why() -> None:
    for part in (Part(kind="domain", code="BB"), Part(kind="item", code="BB1"), Part(kind="requirement", code="BB1-2")):
        before, after = said(lacking(part)).split("From here to the total")
        assert all(words in before for words in FILES), part
        assert "xlsx" not in after  # said once is enough
    other = said(lacking(Part(kind="domain", code="AA")))
    assert all(words in other.split("From here to the total")[1] for words in FILES)


def test_a_file_that_was_replaced_is_named_where_the_domain_came_too() -> None:
    old = NotCounted(path="old.xlsx", sha256="ef" * 32, status="superseded")
    found = replace(of(GIVEN, Part(kind="domain", code="AA")), not_counted={"AA": (old,), "BB": (), "": ()})
    assert "Files that name this institution but do not count:\n    old.xlsx\n      Superseded\n" in said(found)
    assert as_json(found)["domain_scores"][0]["not_counted"][0]["path"] == "old.xlsx"  # type: ignore[index]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Part(kind="total"), "Not rated, so there is no total. Why:"),
        (Part(kind="star"), "Not rated, so there is no star. Why:"),
        (Part(kind="rank"), "Not rated, so there is no rank. Why:"),
        (
            Part(kind="dimension", code="resource"),
            'Not rated, so the dimension "Resources" has no score. Why:',
        ),
    ],
)
def test_who_is_not_rated_is_told_why_there_is_nothing_of_what_was_asked_for(part: Part, words: str) -> None:
    printed = said(lacking(part))
    assert f"  {words}\n    BB BB: no form of it counts.\n" in printed
    assert said(lacking(part), "zh").count("原因：") == 1


def test_the_total_is_explained_by_the_domains_and_the_three_methods() -> None:
    printed = said(of(GIVEN, Part(kind="total")))
    assert "S = 0.6 × 3.5 + 0.4 × 3.5 = 3.5\n" in printed
    assert "S(AA) = 3 + 0.5 = 3.5" in printed
    assert "S(cumulative) = " in printed
    assert "D(AA," not in printed


@pytest.mark.parametrize("lang", LANGS)
def test_what_someone_set_is_said_with_all_its_digits(lang: Lang) -> None:
    """The weights are too small for the nine decimals of a result, and so is what a limit has beyond them."""
    tiny = small.model(
        small.domain("AA", 0.999999999999, small.item("AA1", 1.0)),
        small.domain(
            "BB",
            1e-12,
            small.item("BB1", 0.999999999999),
            small.item("BB2", 1e-12, small.requirement("BB2-1"), small.requirement("BB2-1b", weight=1e-6)),
        ),
        pass_mark=0.8000000000001,
        min_coverage=0.9000000000001,
        performing_well=0.7000000000001,
        bands=(0.8000000000001, 1.8, 2.8, 3.8, 4.8),
    )
    given = ["full", "large", "none", "none", "none"]
    words = said(explained(small.assessed(tiny, {"I1": [*given, *given, "full", "full"]}), 0), lang)
    small_, weight = "0.000000000001", "权重" if lang == "zh" else "weight "
    assert words.count(f"{weight}{small_}") == 3  # of a domain (twice) and an item
    assert ("权重0.000001，" if lang == "zh" else "weight 0.000001,") in words  # of a requirement
    for limit in ("0.8000000000001", "≥ 0.9000000000001", "0.7000000000001"):
        assert limit in words
    first = said(explained(small.assessed(tiny, {"I1": ["none"] * 12}), 0), lang)
    assert ("未达到一星级所需的0.8000000000001" if lang == "zh" else "under the 0.8000000000001") in first


@pytest.mark.parametrize("weight", [1e-6, 0.3, 3e5])
def test_shares_of_the_smallest_and_the_largest_weights_are_explained(weight: float) -> None:
    asked = [small.requirement("AA2-1", weight=weight), small.requirement("AA2-1b", weight=2 * weight)]
    of_both = small.model(small.domain("AA", 1.0, small.item("AA1", 0.5), small.item("AA2", 0.5, *asked)))
    found = equations(lines(small.assessed(of_both, {"I1": ["full"] * 6 + [""]}), 0))
    assert found["C(AA)"].result == Fraction("0.666666667")
    assert holds(found["C(AA)"])


def test_one_level_is_one() -> None:
    printed = said(of(["full", "none", "none", "none", "none"] * 3, Part(kind="domain", code="AA")))
    assert "Level 1 is passed (attainment 0.8 or more)" in printed
    assert "1 levels" not in printed


def test_who_is_not_rated_for_blanks_is_shown_the_coverage() -> None:
    printed = said(of(["", "full", "full", "full", "full", *GIVEN[5:]]))
    assert "AA AA: coverage is under the least of 0.9." in printed
    assert "C(AA) = 0.6 × 4 / 5 + 0.4 × 5 / 5 = 0.88  breaks the limit (≥ 0.9)" in printed


def test_the_limits_of_the_star_stand_side_by_side() -> None:
    printed = said(of(GIVEN, Part(kind="star")))
    assert "L(band) = 3  the total 3.5 is in [2.8, 3.8)" in printed
    assert "L(domain_floor) = 3 + 1 = 4  fewest levels passed: 3 (AA, BB), plus 1; five at most" in printed
    assert "  star = 3\n" in printed
    assert "S = 0.6 × 3.5 + 0.4 × 3.5 = 3.5\n" in printed


@pytest.mark.parametrize(
    ("above", "words"),
    [
        (0, "L(verified_only) = 0  higher stars need"),
        (4, "L(verified_only) = 4  higher stars need"),
        (5, "Assessor needed: off."),  # no star is higher
        (None, "Assessor needed: off."),
    ],
)
def test_where_no_star_is_high_enough_for_an_assessor_the_rule_is_off(above: int | None, words: str) -> None:
    found = small.assessed(small.with_rules(OF, verified_above=above), {"I1": GIVEN})
    assert words in said(explained(found, 0, Part(kind="star")))


def test_what_others_wrote_is_printed_escaped() -> None:
    found = of(GIVEN)
    wrote = tuple(one._replace(typed="\x1b[2J", evidence="a\u202eb", file="\x07.xlsx") for one in found.wrote)
    printed = said(replace(found, wrote=wrote))
    assert all(character.isprintable() or character == "\n" for character in printed)
    assert "\\u001b[2J" in printed


def test_no_line_but_an_equation_or_a_path_is_wider_than_a_terminal(model: Model) -> None:
    found = explained(small.assessed(model, {"I1": ["large"] * len(model.requirements)}), 0)
    for lang in LANGS:
        wide = [line for line in explanation(found, lang) if len(line) > 100]
        assert all(" = " in line or "xlsx" in line for line in wide)
        assert len(wide) < 16
