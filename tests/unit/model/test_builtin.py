"""The built-in model: the framework as published, our items as listed, texts in both languages."""

from __future__ import annotations

import re

import pytest

from evaluator.model.files import inspect_model
from evaluator.model.records import LEVELS, Bilingual, Model
from evaluator.wording.matching import plain

ITEMS = """
SS1 战略定位与规划 Strategy and positioning (P)
SS2 需求洞察与对接 SME demand insight (P)
SS3 服务组合管理 Service portfolio (R)
SS4 经营可持续性 Financial sustainability (F)
SS5 伙伴与资源集聚 Partner ecosystem (R)
SD1 服务产品化与目录 Productisation and catalogue (P)
SD2 服务标准与收费公示 Service levels and fee disclosure (P)
SD3 人员与专家队伍 Staff and experts (R)
SD4 场地设施与数字平台 Facilities and platform (R)
SD5 合规、信息安全与保密 Compliance and security (P)
SD6 供方管理 Supplier management (R)
ST1 上线计划与试点 Launch and pilot (P)
ST2 变更与政策更新 Change and policy updates (P)
ST3 验证与验收 Validation and acceptance (P)
ST4 知识与模板资产 Knowledge assets (R)
ST5 上岗培训与客户导入 Staff readiness and onboarding (R)
ST6 转换成效 Transition outcomes (F)
SO1 受理与响应 Intake and response (P)
SO2 交付过程管控 Delivery control (P)
SO3 投诉与问题处理 Complaints and problems (P)
SO4 资源调度与容量 Scheduling and capacity (R)
SO5 服务覆盖与产出 Reach and output (F)
SO6 满意度与客户实效 Satisfaction and outcome (F)
CI1 度量与数据质量 Measurement and data quality (P)
CI2 自评与内审 Self-assessment and audit (P)
CI3 改进项目闭环 Improvement closure (P)
CI4 创新投入 Innovation investment (R)
CI5 改进成效 Improvement results (F)
CI6 示范与行业贡献 Recognition and contribution (F)
"""
"""Code, names and main dimension, as STANDARD.md lists them."""
DIMENSIONS = {"R": "resource", "P": "process", "F": "performance"}
HAN = re.compile(r"[\u3400-\u9fff]")


def listed() -> list[tuple[str, str, str, str]]:
    found = re.findall(r"^(\w+) (\S+) (.+) \((\w)\)$", ITEMS, re.MULTILINE)
    return [(code, zh, en, DIMENSIONS[letter]) for code, zh, en, letter in found]


def texts(model: Model) -> list[tuple[str, Bilingual]]:
    """Every text of the model with its place."""
    found = [("name", model.name), ("notice", model.notice)]
    found += [("category", one) for one in model.categories] + [("type", one) for one in model.types]
    found += [(f"level {one.level}", words) for one in model.levels for words in (one.name, one.meaning)]
    found += [(one.code, words) for one in model.scale for words in (one.label, one.meaning)]
    found += [(one.code, one.name) for one in (*model.domains, *model.items)]
    return found + [(r.id, words) for r in model.requirements for words in (r.text, r.evidence, r.advice)]


def test_it_has_no_faults_not_even_warnings() -> None:
    assert inspect_model("sme-service")[1] == ()


def test_the_domains_are_the_published_five(model: Model) -> None:
    assert [(domain.code, domain.name.zh) for domain in model.domains] == [
        ("SS", "服务策略能力"),
        ("SD", "服务设计能力"),
        ("ST", "服务转换能力"),
        ("SO", "服务运营能力"),
        ("CI", "持续服务改进能力"),
    ]


def test_the_items_are_the_29_listed(model: Model) -> None:
    assert [(item.code, item.name.zh, item.name.en) for item in model.items] == [entry[:3] for entry in listed()]
    assert len(model.items) == 29


def test_half_or_more_of_an_items_requirements_are_of_its_main_dimension(model: Model) -> None:
    for code, _, _, dimension in listed():
        requirements = next(item for item in model.items if item.code == code).requirements
        assert 2 * sum(r.dimension == dimension for r in requirements) >= len(requirements), code


def test_there_are_at_least_145_requirements_and_every_item_has_all_five_levels(model: Model) -> None:
    assert len(model.requirements) >= 145
    for item in model.items:
        assert {r.level for r in item.requirements} == set(LEVELS), item.code


def test_no_two_texts_of_a_kind_are_the_same(model: Model) -> None:
    for kind in ("text", "advice"):
        for lang in ("zh", "en"):
            words = [plain(getattr(r, kind).say(lang)) for r in model.requirements]
            assert len(set(words)) == len(words), (kind, lang)


def test_no_requirement_says_as_little_as_its_advice_or_evidence(model: Model) -> None:
    for r in model.requirements:
        assert len({plain(words.zh) for words in (r.text, r.evidence, r.advice)}) == 3, r.id


def test_chinese_texts_are_chinese_and_english_ones_hold_none(model: Model) -> None:
    assert [place for place, words in texts(model) if not HAN.search(words.zh)] == []
    assert [place for place, words in texts(model) if HAN.search(words.en)] == []


def test_chinese_texts_use_chinese_punctuation(model: Model) -> None:
    assert [(place, words.zh) for place, words in texts(model) if re.search(r"[\u4e00-\u9fff][,;:?!]", words.zh)] == []


def test_figures_are_the_same_in_both_languages(model: Model) -> None:
    """A figure in the Chinese text is in the English one too, in digits or in words; 1 may be `a` there."""
    words = {
        "2": "two|twice|both|second",
        "3": "three|third",
        "4": "four",
        "5": "five",
        "6": "six",
        "10": "ten",
        "12": "twelve",
    }
    missing = []
    for r in model.requirements:
        for figure in set(re.findall(r"\d+", r.text.zh)) - {"1"}:
            pattern = rf"(?<!\d){figure}(?!\d)" + (rf"|\b(?:{words[figure]})" if figure in words else "")
            if not re.search(pattern, r.text.en, re.IGNORECASE):
                missing.append((r.id, figure))
    assert missing == []


def test_weights_are_shares(model: Model) -> None:
    assert sum(domain.weight for domain in model.domains) == pytest.approx(1)
    for domain in model.domains:
        assert sum(item.weight for item in domain.items) == pytest.approx(1)


def test_there_are_vetoes_and_they_are_of_low_levels(model: Model) -> None:
    vetoes = {r.id: r.veto_star for r in model.requirements if r.veto_star is not None}
    assert vetoes
    for r in model.requirements:
        assert r.veto_star is None or r.level <= r.veto_star + 1, r.id
        assert r.veto_star is None or not r.na_allowed, r.id


def test_na_is_permitted_for_some_requirements_and_never_for_so_many_that_a_domain_can_not_be_rated(
    model: Model,
) -> None:
    for domain in model.domains:
        permitted = sum(
            item.weight * r.weight / sum(one.weight for one in item.requirements)
            for item in domain.items
            for r in item.requirements
            if r.na_allowed
        )
        assert permitted <= 0.5, domain.code
    assert any(r.na_allowed for r in model.requirements)


def test_rules_are_the_methods_defaults(model: Model) -> None:
    rules = model.rules
    assert (rules.method, rules.pass_mark, rules.bands) == ("staged", 0.8, (0.8, 1.8, 2.8, 3.8, 4.8))
    assert (rules.domain_floor, rules.min_coverage, rules.max_na_share) == (1, 0.9, 0.2)
    assert (rules.performing_well, rules.evidence_rule, rules.verified_above) == (0.7, True, None)
    assert (rules.robustness.draws, rules.robustness.spread, rules.robustness.seed) == (1000, 0.25, 1)


def test_the_scale_is_the_methods(model: Model) -> None:
    assert [(one.code, one.label.zh, one.label.en, one.value) for one in model.scale] == [
        ("full", "完全满足", "Full", 1.0),
        ("large", "大部分满足", "Largely", 0.8),
        ("partial", "部分满足", "Partly", 0.5),
        ("none", "不满足", "Not met", 0.0),
        ("na", "不适用", "N/A", None),
    ]


def test_it_says_that_it_is_no_official_text(model: Model) -> None:
    assert "项目默认，非官方文本" in model.notice.zh
    assert "not official" in model.notice.en


def test_categories_and_types_are_those_of_the_field(model: Model) -> None:
    assert [one.zh for one in model.categories] == [
        "信息服务",
        "技术服务",
        "创业服务",
        "培训服务",
        "融资服务",
        "财税服务",
        "人力资源",
        "市场营销",
        "法律服务",
        "知识产权",
        "管理咨询",
        "数字化服务",
    ]
    assert [one.zh for one in model.types] == ["公共服务机构", "市场化服务机构", "社会组织"]
