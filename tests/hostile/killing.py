"""Works on a round over and over, killed each time one act on the file system later, and looks at what is left.

Started by `test_round_kills` with `killing.c` loaded before the C library. Prints how many kills there were, and each
thing that should not be.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

from evaluator.errors import RoundError
from evaluator.intake import roster
from evaluator.model import files
from evaluator.rounds import folder, making, roster_changes
from evaluator.rounds.folder import Round, at_work, is_round, open_round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.making import create_round
from evaluator.rounds.roster_changes import record_roster, roster_of
from tests import forms

ROWS = [{"id": f"N{n}", "name": f"机构{n}", "email": f"n{n}@example.org"} for n in range(3)]
LATER = [ROWS[0], {**ROWS[1], "name": "新名称"}, {"id": "N3", "name": "机构3", "email": "n3@example.org"}]
STEPS = 4
MOST = 2000
PLANNED = (
    "INSERT INTO messages (kind, institution, address, message_id, subject, sha256, state, planned, changed, detail) "
    "VALUES ('invitation', 'N0', 'a@example.org', ?, 's', '', 'planned', '', '', '')"
)


def killed_at(act: int, torn: bool, work: Callable[[], object]) -> bool:
    """Do the work in a process that ends at its `act`-th act; tell whether it was killed."""
    child = os.fork()
    if not child:
        ctypes.CDLL(None).kill_at(ctypes.c_long(act), ctypes.c_int(torn))
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"the work failed by itself at act {act}")
    return os.WIFSIGNALED(status)


def until_done(
    start: Callable[[], Callable[[], object]], look: Callable[[], list[str]], modes: tuple[bool, ...] = (False, True)
) -> dict[str, object]:
    """Kill the work at every act; `start` puts all back and gives the work, `look` says what should not be.

    In the mode `True` the last write is begun: half of it is on the disk.
    """
    wrong: list[str] = []
    kills = 0
    for torn in modes:
        for act in range(1, MOST):
            was_killed = killed_at(act, torn, start())
            kills += was_killed
            wrong += [f"act {act}{' torn' if torn else ''}: {found}" for found in look()]
            if not was_killed:
                break
    return {"kills": kills, "wrong": wrong}


def made(place: Path, model: str, rows: Path) -> Round:
    return create_round(place, roster=rows, deadline=date(2026, 3, 31), model=model, round_id="r")


def making_a_round(base: Path, *, there: bool, model: str) -> dict[str, object]:
    place = base / "round"
    rows = forms.roster(base / "rows.xlsx", *ROWS)

    def start() -> Callable[[], object]:
        shutil.rmtree(place, ignore_errors=True)
        if there:
            place.mkdir()
        return lambda: made(place, model, rows)

    def look() -> list[str]:
        if not is_round(place):
            try:
                made(place, model, rows)
            except RoundError as error:
                return [] if error.key == "round_half_made" else [f"a second try fails: {error}"]
        return whole(place)

    return until_done(start, look, (True,))


def whole(place: Path) -> list[str]:
    """Say what a new round lacks."""
    opened = open_round(place)
    wrong = []
    with at_work(opened) as ledger:
        events = [what for (what,) in ledger.rows("SELECT what FROM events ORDER BY number")]
        if events != ["created", "roster"] or len(roster_of(ledger)) != len(ROWS):
            wrong.append(f"events {events}")
    names = {".gitignore", folder.SETTINGS, folder.ROSTER, folder.DATABASE, folder.KEY, folder.LETTERS}
    wrong += [f"{name} is missing" for name in names if not (place / name).exists()]
    if (place / folder.KEY).stat().st_mode & 0o777 != 0o600:
        wrong.append("the key can be read by others")
    return wrong


def changing_the_roster(base: Path) -> dict[str, object]:
    place = base / "round"
    kept = base / "kept"
    made(kept, "sme-service", forms.roster(base / "rows.xlsx", *ROWS))
    later = forms.roster(base / "later.xlsx", *LATER)
    before, after = {row["id"]: row["name"] for row in ROWS}, {row["id"]: row["name"] for row in LATER}

    def work() -> None:
        with at_work(open_round(place)) as ledger:
            record_roster(open_round(place), ledger)

    def start() -> Callable[[], object]:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(kept, place)
        shutil.copy(later, place / folder.ROSTER)
        return work

    def look() -> list[str]:
        wrong = []
        opened = open_round(place)
        with at_work(opened) as ledger:
            events = ledger.rows("SELECT COUNT(*) FROM events")[0][0]
            found = {one.id: one.name for one in roster_of(ledger)}
            if (events, found) not in ((2, before), (3, after)):
                wrong.append(f"{events} events, {found}")
            record_roster(opened, ledger)
            if {one.id: one.name for one in roster_of(ledger)} != after:
                wrong.append("a second try does not record it")
        return wrong

    return until_done(start, look)


def writing_steps(base: Path) -> dict[str, object]:
    place = base / "round.db"

    def work() -> None:
        with Ledger(place) as ledger:
            for number in range(STEPS):
                with ledger.step("planned", detail={"number": number}) as database:
                    database.execute(PLANNED, (f"<{number}>",))

    def start() -> Callable[[], object]:
        for left in base.glob("round.db*"):
            left.unlink()
        Ledger.create(place, {"round": "r"})
        return work

    def look() -> list[str]:
        with Ledger(place) as ledger:
            ledger.check()
            there = [one for (one,) in ledger.rows("SELECT message_id FROM messages ORDER BY number")]
            told = [json.loads(one) for (one,) in ledger.rows("SELECT detail FROM events WHERE what = 'planned'")]
            with ledger.step("after"):
                pass
        return [] if there == [f"<{one['number']}>" for one in told] else [f"{there}, events say {told}"]

    return until_done(start, look)


def own_model(base: Path) -> str:
    """Copy the built-in model, so that it has to be kept with the round."""
    main = files._main_file(files.DEFAULT)
    shutil.copytree(main.parent, base / "own")
    return str(base / "own")


SCENARIOS: dict[str, Callable[[Path], dict[str, object]]] = {
    "missing": lambda base: making_a_round(base, there=False, model="sme-service"),
    "empty": lambda base: making_a_round(base, there=True, model=own_model(base)),
    "roster": changing_the_roster,
    "steps": writing_steps,
}


def main() -> None:
    """Run one scenario in a folder; models and rosters are read once, so that all is over soon."""
    models, rosters = cache(files.load_model), cache(roster.read_roster)
    folder.load_model = making.load_model = models
    making.read_roster = rosters  # changing_the_roster reads for itself
    roster_changes.read_roster = roster.read_roster
    print(json.dumps(SCENARIOS[sys.argv[1]](Path(sys.argv[2]))))  # noqa: T201 - for the test that started it


if __name__ == "__main__":
    main()
