"""Mails written to files: for a look before sending, or for sending by hand.

Owns: the files' names, and not writing over what is not ours. Sends nothing, and nothing in the ledger says so.
"""

from __future__ import annotations

from pathlib import Path

from evaluator.errors import OutputError, reason_of
from evaluator.naming import file_stems
from evaluator.reports.folder import check_no_results
from evaluator.rounds.folder import Round
from evaluator.rounds.ledger import Ledger
from evaluator.rounds.mailing import build
from evaluator.rounds.messages import noting
from evaluator.rounds.planning import Plan


def write_mails(
    place: Round, plan: Plan, folder: Path | None = None, *, ledger: Ledger | None = None
) -> tuple[Path, ...]:
    """Write a plan's mails as `.eml` files, each exactly as it would go out.

    Args:
        place: the round.
        plan: what to write.
        folder: where to; other files that have one of the names stay, and it is an error. `None`: the round's outbox,
            where the mails of that kind written before are replaced.
        ledger: the round's, to note what each mail holds, as for mails that a person then sends (`messages.resolve`).

    Raises:
        OutputError: the folder can't be written, lies in results, or holds another file of such a name.
    """
    target = folder or place.outbox / plan.kind
    check_no_results(target)
    ids = [message.institution.id for message in plan.messages]
    names = [message.institution.name for message in plan.messages]
    paths = [target / f"{stem}.eml" for stem in file_stems(ids, names)]
    try:
        target.mkdir(parents=True, exist_ok=True)
        if folder is None:
            for old in set(target.glob("*.eml")) - set(paths):
                old.unlink()
        with noting(ledger) as note:
            for path, message in zip(paths, plan.messages, strict=True):
                built = build(place, message)
                _write(path, built.data, is_ours=folder is None)
                note(message.number, built.sha256, built.packages)
    except OSError as error:
        raise OutputError("not_writable", path=target, why=reason_of(error)) from error
    return tuple(paths)


def _write(path: Path, data: bytes, *, is_ours: bool) -> None:
    if path.exists() and not is_ours and path.read_bytes() != data:
        raise OutputError("would_overwrite", path=path)
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(data)
    beside.replace(path)
