"""The operator's mistakes: one line in either language, saying what and how to mend it."""

from __future__ import annotations

import errno

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


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "没有权限，或文件正被其他程序打开", "Permission denied"),
        (TimeoutError("timed out"), "连接超时", "Connection timed out"),
        (OSError(errno.EXDEV, "Invalid cross-device link"), "Invalid cross-device link", "Invalid cross-device link"),
        (OSError("no number"), "OSError", "OSError"),
    ],
)
def test_the_systems_usual_reasons_are_said_in_both_languages(error: OSError, zh: str, en: str) -> None:
    assert reason_of(error) == Text(zh=zh, en=en)
