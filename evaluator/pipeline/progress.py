"""How a long run tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the step's name (`unpack`, `read`, `convert`, `judge`, `reports`), how many of it are done, and how many
there are."""


def no_progress(step: str, done: int, total: int) -> None:
    """Tell nobody."""
