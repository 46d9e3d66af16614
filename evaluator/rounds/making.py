"""Making a round: its folder, with all that belongs in it.

Owns: what a new round consists of, and that there is either a whole one or none. Everything is made in a folder inside
the round's and moved out at the end, the settings last: without them the folder is no round.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from evaluator.errors import InputError, RoundError, reason_of
from evaluator.intake.institutions import Institution
from evaluator.intake.roster import read_roster
from evaluator.model.files import DEFAULT, load_model, own_files
from evaluator.model.records import Model
from evaluator.reports.folder import check_no_results
from evaluator.rounds import folder, letters
from evaluator.rounds.folder import Round, fingerprint, is_round, locked, open_round
from evaluator.rounds.ledger import Ledger, now
from evaluator.rounds.roster_changes import record
from evaluator.rounds.settings import parsed
from evaluator.seals import new_key
from evaluator.wording import Lang, say

_IGNORED = "*\n!.gitignore\n!/round.toml\n!/letters/\n!/letters/*\n!/model/\n!/model/*\n"
"""What of a round may go into a repository: only what is named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """All that a round is made from, checked."""

    settings: str
    """Text of `round.toml`."""
    lang: Lang
    model: Model
    model_files: tuple[Path, ...]
    """Those to keep with the round; none where the model is built in."""
    institutions: tuple[Institution, ...]
    roster: bytes


def create_round(
    path: Path,
    *,
    roster: Path,
    deadline: date,
    model: str = DEFAULT,
    lang: Lang = "zh",
    round_id: str = "",
    name: str = "",
    contact: str = "",
    sender: str = "",
    clock: Callable[[], str] = now,
) -> Round:
    """Make a round.

    Args:
        path: its folder, missing or empty.
        roster: the institutions; copied into the folder.
        deadline: last day on which returns are in time.
        model: as for `load_model`; one that is not built in is copied into the folder.
        lang: language of settings, forms and mails.
        round_id: stands in forms and seals; empty: the deadline's year and something random.
        name: of the round; empty: the model's and the year.
        contact: whom institutions may ask.
        sender: address that mails come from, or `Name <address>`.
        clock: gives the time.

    Raises:
        RoundError: the folder is not free or can't be written, or a setting has faults.
        OutputError: the folder lies in results.
        RosterError: the roster has faults.
        InputError: the roster or model is not there.
        ModelError: the model has faults.
    """
    check_no_results(path)
    loaded = load_model(model)
    own = own_files(model)
    year = deadline.year
    source = settings_text(
        lang,
        round_id=round_id or f"{year}-{secrets.token_hex(3)}",
        name=name or say("rounds.making.name", lang, model=loaded.name.say(lang).removesuffix("模型"), year=year),
        deadline=deadline,
        model=f"{folder.MODEL}/{own[0].name}" if own else f"{loaded.id}@{loaded.edition}",
        contact=contact,
        sender=sender,
    )
    parsed(source, path / folder.SETTINGS)
    plan = _Plan(
        settings=source,
        lang=lang,
        model=loaded,
        model_files=own,
        institutions=read_roster(roster, loaded, strict=True),
        roster=_content(roster),
    )
    with _fresh(path) as making:
        _fill(making, plan, clock)
    return open_round(path)


def settings_text(
    lang: Lang, *, round_id: str, name: str, deadline: date, model: str, contact: str = "", sender: str = ""
) -> str:
    """Give the text of a `round.toml` to start from, commented in a language."""
    values = {"id": round_id, "name": name, "lang": lang, "model": model, "contact": contact, "sender": sender}
    written = {key: _quoted(value) for key, value in values.items()}
    written["deadline"] = deadline.isoformat()
    template = files(__package__).joinpath(f"texts/round.{lang}.toml").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)@", lambda found: written[found[1]], template)


def _quoted(words: str) -> str:
    """Write a text as TOML does, which takes JSON's texts but for the character that deletes."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("no_such_path", path=path) from error


def _fill(making: Path, plan: _Plan, clock: Callable[[], str]) -> None:
    key = new_key()
    comment = say("rounds.making.gitignore", plan.lang)
    _write(making / folder.KEY, f"{key.hex()}\n".encode(), private=True)
    _write(making / ".gitignore", f"# {comment}\n{_IGNORED}".encode())
    _write(making / folder.ROSTER, plan.roster)
    letters.write_defaults(making / folder.LETTERS, plan.lang)
    if plan.model_files:
        (making / folder.MODEL).mkdir()
        for path in plan.model_files:
            _write(making / folder.MODEL / path.name, path.read_bytes())
    _write(making / folder.SETTINGS, plan.settings.encode())
    facts = {
        "round": parsed(plan.settings, making / folder.SETTINGS).round.id,
        "model": plan.model.id,
        "edition": plan.model.edition,
        "model_hash": plan.model.hash,
        "key": fingerprint(key),
    }
    Ledger.create(making / folder.DATABASE, facts, clock=clock)
    with Ledger(making / folder.DATABASE, clock=clock) as ledger:
        record(plan.institutions, hashlib.sha256(plan.roster).hexdigest(), ledger, making / folder.ROSTER)
    open_round(making)


def _write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a new file to the disk; a private one is the owner's alone from the start."""
    path.touch(mode=0o600 if private else 0o666, exist_ok=False)
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _fresh(path: Path) -> Iterator[Path]:
    """Give a folder to make a round in, which is moved into `path` when the block ends well.

    Raises:
        RoundError: `path` is not free, or can't be written.
    """
    try:
        is_new = not path.exists()
        _check_free(path, made_by_now=False)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with locked(path):
                _check_free(path, made_by_now=True)
                making = path / folder.MAKING
                if making.exists():
                    shutil.rmtree(making)
                making.mkdir(mode=0o700)
                try:
                    yield making
                    _move(making, path)
                finally:
                    shutil.rmtree(making, ignore_errors=True)
        except BaseException:
            if is_new:
                _clear(path)
            raise
    except OSError as error:
        raise RoundError("round_not_writable", path=path, why=reason_of(error)) from error


def _check_free(path: Path, *, made_by_now: bool) -> None:
    """Make sure that a round may be made in a folder; before its lock is taken, another may be at it."""
    if path.exists() and not path.is_dir():
        raise RoundError("is_a_file", path=path)
    if is_round(path):
        raise RoundError("round_exists", path=path)
    there = {one.name for one in path.iterdir()} if path.exists() else set()
    if there - {folder.MAKING, folder.LOCK} and (made_by_now or not there & {folder.MAKING, folder.LOCK}):
        raise RoundError("round_half_made" if folder.MAKING in there else "not_empty", path=path)


def _move(making: Path, path: Path) -> None:
    """Move all that was made to its place, the settings last."""
    moved: list[Path] = []
    try:
        for one in sorted(making.iterdir(), key=lambda one: (one.name == folder.SETTINGS, one.name)):
            moved.append(path / one.name)
            one.replace(path / one.name)
    except BaseException:
        for one in reversed(moved):
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            else:
                one.unlink(missing_ok=True)
        raise


def _clear(path: Path) -> None:
    """Remove a folder that was made for a round which was not made."""
    with suppress(OSError):
        (path / folder.LOCK).unlink(missing_ok=True)
        path.rmdir()
