"""The operator's mistakes: one line in either language, saying what and how to mend it."""

from __future__ import annotations

import errno
import smtplib
import socket
import sqlite3
import ssl
from contextlib import closing
from pathlib import Path

import pytest

from evaluator.errors import EvaluatorError, InputError, ModelError, OutputError, RosterError, reason_of
from evaluator.wording import LANGS, Text


@pytest.mark.parametrize("kind", [InputError, OutputError, RosterError, ModelError])
def test_every_kind_is_an_operators_mistake(kind: type[EvaluatorError]) -> None:
    assert issubclass(kind, EvaluatorError)


def test_a_mistake_is_said_in_either_language() -> None:
    error = InputError("no_such_path", path="/in/甲")
    assert error.message("zh") == "找不到 /in/甲。请检查路径是否正确。"
    assert error.message("en") == "there is no /in/甲. Check the path."
    assert str(error) == error.message("en")
    assert (error.key, error.params) == ("no_such_path", {"path": "/in/甲"})


def test_texts_among_the_values_are_said_in_the_same_language() -> None:
    error = RosterError("roster_faults", path="r.xlsx", count=1, faults=Text(zh="缺少", en="missing"))
    assert error.message("zh").endswith("缺少")
    assert error.message("en").endswith("missing")


def test_a_models_faults_come_along() -> None:
    error = ModelError("model_faults", faults=("one", "two"), path="m", count=2, first="one")
    assert error.faults == ("one", "two")
    for lang in LANGS:
        assert "\n" not in error.message(lang)
        assert "one" in error.message(lang)


def test_an_unknown_key_is_a_programming_mistake() -> None:
    with pytest.raises(KeyError):
        InputError("no_such_key").message("en")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def certificate(number: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    error.verify_code = number
    error.verify_message = "in OpenSSL's words"
    return error


def of_sqlite(statement: str) -> sqlite3.Error:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("PRAGMA query_only = 1")
        with pytest.raises(sqlite3.Error) as caught:
            database.execute(statement)
    return caught.value


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "没有权限，或文件正被其他程序打开", "Permission denied"),
        (TimeoutError("timed out"), "连接超时", "Connection timed out"),
        (OSError(errno.EXDEV, "Invalid cross-device link"), "两处不在同一磁盘", "Invalid cross-device link"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "找不到该主机名", "there is no host of this name"),
        (certificate(10), "证书已过期", "the certificate has expired"),
        (
            ssl.SSLError(1, "[SSL: NEW] something new"),
            "加密出错（[SSL: NEW] something new）",
            "encryption failed ([SSL: NEW] something new)",
        ),
        (of_sqlite("SELECT a FROM b"), "内容与应有的结构不符", "its structure is not what it should be"),
        (of_sqlite("CREATE TABLE a (b)"), "只能读取，不能写入", "it is read-only"),
        (smtplib.SMTPServerDisconnected("closed"), "连接被服务器中断", "the server broke the connection off"),
        (caused(OSError("x"), ConnectionRefusedError(errno.ECONNREFUSED, "y")), "对方拒绝连接", "Connection refused"),
        (PermissionError("Forbidden"), "没有权限（Forbidden）", "Forbidden"),
        (OSError(99_999, "Strange"), "系统或程序库报错（Strange）", "Strange"),
        (OSError("no number"), "系统或程序库报错（no number）", "no number"),
        (ValueError("a\nb\x1b"), "系统或程序库报错（a b\\u001b）", "a b\\u001b"),
        (ValueError(), "系统或程序库报错（ValueError）", "ValueError"),
    ],
)  # fmt: skip
def test_the_usual_reasons_are_said_in_both_languages_and_others_behind_words_of_each(
    error: Exception, zh: str, en: str
) -> None:
    assert reason_of(error) == Text(zh=zh, en=en)


def test_a_file_without_certificates_is_no_failure_of_a_connection(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none", encoding="utf-8")
    with pytest.raises(ssl.SSLError) as caught:
        ssl.create_default_context().load_verify_locations(tmp_path / "ca.pem")
    assert reason_of(caught.value).zh == "文件中没有证书"
