"""Which language the terminal speaks, and its texts.

Owns: telling the language. The texts themselves are in `wording/cli.toml`.
"""

from __future__ import annotations

import locale
import os

from evaluator import wording
from evaluator.wording import LANGS, Lang


def terminal_language() -> Lang:
    """Tell the language of terminal texts: `EVALUATOR_LANG`, else the system's locale, else English."""
    stated = os.environ.get("EVALUATOR_LANG", "").lower()
    if stated[:2] in LANGS:
        return "zh" if stated.startswith("zh") else "en"
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


LANG: Lang = terminal_language()


def say(key: str, **params: object) -> str:
    """Give a text of the command line in the terminal's language."""
    return wording.say(f"cli.{key}", LANG, **params)
