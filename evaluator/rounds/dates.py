"""Days as people read them in forms and mails.

Owns: their words in either language.
"""

from __future__ import annotations

from datetime import date

from evaluator.wording import Lang, say


def day(when: date, lang: Lang) -> str:
    """Write a day: `2026年3月31日`, `31 March 2026`."""
    month = say(f"rounds.letter.month.{when.month}", lang)
    return say("rounds.letter.day", lang, day=when.day, month=month, year=when.year)
