"""Every text a person reads, in Chinese and English, kept as data beside this file.

Owns: the catalogues (`*.toml`) and looking a text up in one of the two languages. Knows nothing of models, workbooks
or commands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, Lang] = ("zh", "en")


class Text(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def say(self, lang: Lang) -> str:
        """Give the text in one language."""
        return self.zh if lang == "zh" else self.en


@cache
def catalogue(name: str) -> Mapping[str, object]:
    """Load the catalogue `name` (a TOML file of this package) as nested tables."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def text(key: str) -> Text:
    """Look up the text under a dotted key: the catalogue's name, then its tables, as in `form.column.answer`.

    Raises:
        KeyError: no such text; a programming mistake, which a test finds.
    """
    name, _, rest = key.partition(".")
    node: object = catalogue(name)
    for part in rest.split("."):
        node = cast("Mapping[str, object]", node)[part]
    entry = cast("Mapping[str, str]", node)
    return Text(zh=entry["zh"], en=entry["en"])


def say(key: str, lang: Lang, /, **params: object) -> str:
    """Give the text under `key` in `lang`, with `{placeholders}` filled in; a `Text` among them is given in `lang`."""
    filled = {name: value.say(lang) if isinstance(value, Text) else value for name, value in params.items()}
    return text(key).say(lang).format_map(filled)


def filled(key: str, /, **params: object) -> Text:
    """Give the text under `key` in both languages, with `{placeholders}` filled in as `say` does."""
    return Text(zh=say(key, "zh", **params), en=say(key, "en", **params))
