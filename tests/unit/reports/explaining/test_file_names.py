"""What a path says of whose form it is, and of which domain."""

from __future__ import annotations

import pytest

from evaluator.model.records import Model
from evaluator.reports.explaining.file_names import domains_named, named

KNOWN = [("SME0001", "恒瑞服务中心"), ("SME00010", "沐泽服务中心"), ("12", "中心"), ("南京-1", "")]


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("returned/SME0001_5_CI_持续服务改进能力.pdf", {"SME0001"}),
        ("returned/sme00010 CI.pdf", {"SME00010"}),
        ("returned/ＳＭＥ０００１.pdf", {"SME0001"}),
        ("来自SME0001的邮件.eml!扫描件.pdf", {"SME0001"}),
        ("returned/恒瑞 服务中心　自评.pdf", {"SME0001"}),
        ("returned/自评_南京-1.pdf", {"南京-1"}),
        ("returned/12_SS.pdf", {"12"}),
        ("returned/2026-12-01 扫描件.pdf", set()),
        ("returned/123.pdf", set()),
        ("returned/某某中心.pdf", set()),
        ("returned/扫描件.pdf", set()),
    ],
)
def test_an_institution_is_named_by_its_id_or_name(path: str, whose: set[str]) -> None:
    assert named(path, KNOWN) == whose


@pytest.mark.parametrize(
    ("path", "of"),
    [
        ("returned/SME0001_5_CI_x.pdf", {"CI"}),
        ("returned/持续服务改进能力.pdf", {"CI"}),
        ("returned/服务战略.pdf", {"SS"}),
        ("returned/Service design (scan).pdf", {"SD"}),
        ("CI/扫描件.pdf", set()),
        ("returned/social.pdf", set()),
        ("returned/SS、SO.pdf", {"SS", "SO"}),
    ],
)
def test_a_domain_is_named_by_its_code_name_or_alias(path: str, of: set[str], model: Model) -> None:
    assert domains_named(path, model.domains) == of
