"""Mail addresses: as people type them in a roster, as the wire wants them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.intake.addresses import address_of, addresses_of, is_mailbox, named_address_of


@pytest.mark.parametrize("typed", ["a@x.cn", "li.ming+1@mail.example.cn", "A_b-c@sub.x-y.org", "12345@qq.com"])
def test_an_address_is_given_as_typed(typed: str) -> None:
    assert address_of(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "", "a", "a@", "@x.cn", "a@x", "a@x..cn", "a@-x.cn", "a..b@x.cn", ".a@x.cn", "a b@x.cn", "a@x.cn>", "<a@x.cn",
        "王明@x.cn", '"a b"@x.cn', "a@[127.0.0.1]", "a@127.0.0.1", "a@x.cn\r\nBcc: b@y.cn", "a\x00@x.cn", "a,b@x.cn",
        f"{'a' * 65}@x.cn", f"a@{'x' * 64}.cn", f"a@{'x.' * 130}cn",
    ],
)  # fmt: skip
def test_what_is_no_address_gives_nothing(typed: str) -> None:
    assert address_of(typed) == ""


def test_full_width_typing_is_mended_and_a_domain_in_chinese_goes_out_in_ascii() -> None:
    assert address_of(" ｌｉ＠ｘ.cn ") == "li@x.cn"
    assert address_of("li@中文.中国") == "li@xn--fiq228c.xn--fiqs8s"


@pytest.mark.parametrize("between", ["; ", ";", ",", "；", "，", "、", " ", "\n", " ;; "])
def test_a_cell_may_hold_several_addresses(between: str) -> None:
    assert addresses_of(f"a@x.cn{between}b@y.cn") == ("a@x.cn", "b@y.cn")


def test_an_address_typed_twice_counts_once() -> None:
    assert addresses_of("a@x.cn; b@y.cn; A@X.cn") == ("a@x.cn", "b@y.cn")


@pytest.mark.parametrize("typed", ["", " ; ", "a@x.cn; b", "a@x.cn\r\nBcc: b@y.cn"])
def test_a_cell_with_a_faulty_address_has_none(typed: str) -> None:
    assert addresses_of(typed) == ()


@given(st.text())
def test_no_address_holds_what_could_end_a_line_or_begin_another_value(typed: str) -> None:
    for address in addresses_of(f"a@x.cn {typed}"):
        assert address.isascii()
        assert address.isprintable()
        assert not set(address) & set(' <>,;:"()[]\\')


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a@x.cn", ("", "a@x.cn")),
        ("某某中心 <a@x.cn>", ("某某中心", "a@x.cn")),
        ('"Office, North" <a@x.cn>', ("Office, North", "a@x.cn")),
        ("<a@x.cn>", ("", "a@x.cn")),
        ("某某中心 <a>", ("某某中心", "")),
        ("某某中心", ("", "")),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(typed: str, found: tuple[str, str]) -> None:
    assert named_address_of(typed) == found
    assert is_mailbox(typed) == bool(found[1])
