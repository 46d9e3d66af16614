"""Headers of mails: names in every form that mail programs send."""

from __future__ import annotations

import base64
import time

import pytest

from evaluator.intake.containers.headers import decoded, from_base64, read_headers, to_text

NAME = "1_服务策略能力.xlsx"
GBK, UTF8 = NAME.encode("gbk"), NAME.encode()


def word(raw: bytes, charset: str) -> bytes:
    return b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(raw))


def percent(raw: bytes) -> bytes:
    return "".join(f"%{byte:02X}" for byte in raw).encode()


@pytest.mark.parametrize(
    "value",
    [
        b'filename="' + UTF8 + b'"',
        b'filename="' + GBK + b'"',
        b"filename=" + GBK,
        b'filename="' + word(GBK, "GB2312") + b'"',
        b'filename="' + word(GBK, "gbk") + b'"',
        b'filename="' + word(GBK, "GB18030") + b'"',
        b"filename=" + word(UTF8, "utf-8"),
        b'filename="' + word(UTF8, "utf-8*zh-CN") + b'"',
        b'filename="' + word(UTF8, "x-unknown") + b'"',
        b'filename="' + word(GBK, "utf-8") + b'"',
        b'filename="' + word(UTF8[:4], "utf-8") + b"\r\n " + word(UTF8[4:], "utf-8") + b'"',
        b'filename="' + word(UTF8[:6], "utf-8") + b" " + word(UTF8[6:], "utf-8") + b'"',
        b"filename*=UTF-8''" + percent(UTF8),
        b"filename*=gb2312'zh-cn'" + percent(GBK),
        b"filename*=" + percent(UTF8),
        b"filename*0*=UTF-8''" + percent(UTF8[:4]) + b";\r\n filename*1*=" + percent(UTF8[4:]),
        b"filename*1=%b; filename*0=%b" % (UTF8[5:], UTF8[:5]),
        b"filename=_.xlsx; filename*=UTF-8''" + percent(UTF8),
        b"size=3; FileName = " + word(UTF8, "utf-8") + b" ; x=y",
    ],
    ids=lambda value: value.decode("latin-1")[:40],
)
def test_a_name_is_read_however_it_is_sent(value: bytes) -> None:
    assert read_headers(b"Content-Disposition: attachment; " + value).name == NAME


def test_names_in_big5_are_read() -> None:
    name = "服務策略.xlsx"
    value = b'attachment; filename="' + word(name.encode("big5"), "big5") + b'"'
    assert read_headers(b"Content-Disposition: " + value).name == name


def test_words_in_q_are_read() -> None:
    assert decoded("=?utf-8?q?a_=E6=9C=8D=5F1?= =?iso-8859-1?Q?=E9?=.xlsx") == "a 服_1é.xlsx"


def test_text_between_words_is_kept() -> None:
    assert decoded("Re: =?utf-8?B?5pyN?= and =?utf-8?B?5pyN?= end") == "Re: 服 and 服 end"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b'"a;b.xlsx"', "a;b.xlsx"),
        (b'"a \\"b\\".xlsx"', 'a "b".xlsx'),
        (b'"C:\\temp\\new.xlsx"', "C:\\temp\\new.xlsx"),
        (b"two words.xlsx", "two words.xlsx"),
        (b'"open.xlsx', "open.xlsx"),
        (b'""', ""),
    ],
)
def test_quotes_are_read_as_they_are_meant(value: bytes, name: str) -> None:
    assert read_headers(b"Content-Disposition: attachment; filename=" + value).name == name


def test_the_name_of_the_type_serves_where_there_is_no_other() -> None:
    assert read_headers(b'Content-Type: application/zip;\r\n\tname="a.zip"\r\nX: y').name == "a.zip"


def test_the_first_of_two_headers_counts_and_case_does_not() -> None:
    headers = read_headers(b"CONTENT-TYPE: Image/PNG\r\nContent-Type: text/html\r\nSubject: =?utf-8?B?5pyN?=\r\n")
    assert (headers.kind, headers.subject) == ("image/png", "服")


@pytest.mark.parametrize("block", [b"", b"\xff\xfe", b"Content-Type", b"Content-Type: ;;;=\r\nnonsense", b":\n:\n"])
def test_headers_that_are_none_do_no_harm(block: bytes) -> None:
    assert read_headers(block).kind == "text/plain"


@pytest.mark.parametrize("charset", ["punycode", "idna", "zlib", "rot13", "undefined", "\0", "a" * 5000, "../x"])
def test_only_encodings_of_text_are_believed(charset: str) -> None:
    assert to_text("服务".encode(), charset) == "服务"


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"YWJj\r\nZGVm", b"abcdef"),
        (b"YWJjZA", b"abcd"),
        (b"YWJjZGU", b"abcde"),
        (b"YWJjZ", b"abc"),
        (b"YW\xffJj!!", b"abc"),
        (b"YWJjZA==\r\n-- \r\nsent by a list", b"abcd"),
        (b"", b""),
    ],
)
def test_base64_is_read_as_far_as_it_goes(raw: bytes, data: bytes) -> None:
    assert from_base64(raw) == data


@pytest.mark.parametrize(
    "value",
    [b'a;"' + b'\\"' * 500_000, b";a=" * 500_000, b"=?" * 500_000, b"=?a?b?" * 200_000, b'"' * 500_000, b"'" * 500_000],
)
def test_headers_made_to_take_long_do_not(value: bytes) -> None:
    began = time.perf_counter()
    read_headers(b"Content-Disposition: attachment; filename*0*=" + value + b"\r\nSubject: " + value)
    assert time.perf_counter() - began < 2
