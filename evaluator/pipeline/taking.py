"""From the paths an operator names to what was read of every file.

Owns: the order of walking, opening containers, looking readings up, reading and converting, each in processes that may
die. Every file under the paths comes out once, read or with the reason why not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from evaluator.intake import conversion, remote
from evaluator.intake.openings import Opening, not_opened, open_containers
from evaluator.intake.reading import How, ReadFile, crashed, file_hash, load_file, read_files, read_sent
from evaluator.intake.sources import Source
from evaluator.intake.store import Store
from evaluator.limits import MEBI, Limits
from evaluator.pipeline.progress import Progress
from evaluator.pipeline.setup import Setup, workers_for
from evaluator.workers import BATCH, Care, LocalPool, Pool, spread, with_shared

_HASHING = 4
"""Threads that hash files: reading them from a disk or a network folder is waiting, mostly."""
_LARGE = MEBI
"""Bytes of a file above which only a few are sent at a time, so that batches on their way don't fill the memory."""
_FEW = 2


def read_all(
    places: Sequence[Path | str | Source],
    leave_out: Sequence[Path],
    how: How,
    store: Store,
    setup: Setup,
    progress: Progress,
    cluster: Pool | None = None,
) -> list[ReadFile]:
    """Read everything under some paths and addresses.

    Args:
        places: files and folders; an address elsewhere, such as `s3://bucket/prefix`, is text; files already listed.
        leave_out: files and folders not to take.
        how: what reading depends on.
        store: where readings are kept; forms stay in it.
        setup: how many processes read.
        progress: told how far it is.
        cluster: workers elsewhere that read instead of processes here; they are sent the files' bytes.

    Raises:
        InputError: a path is not there, an address can't be read, or there is no file at all.
    """
    with ExitStack() as stack:
        spool = stack.enter_context(_spool())
        found = _found(places, leave_out, spool, how.limits)
        opened = _opened([one for one in found if one.container], spool, how.limits, setup, progress)
        plain = [one for one in found if not one.container] + [m for one in opened for m in one.members]
        known = _looked_up(plain, store, how.limits)
        fresh = [one for one in plain if one.name not in known]
        workers = workers_for(setup.workers, len(fresh))
        here = stack.enter_context(LocalPool(workers, care_of(how.limits)))
        read = [container for one in opened for container in one.containers] + list(known.values())
        batches = _sent(cluster, fresh, how) if cluster else spread(here, with_shared(read_files, how), fresh, crashed)
        by_name = {one.name: one for one in fresh}
        convertible: list[ReadFile] = []
        done = len(known)
        for batch in batches:
            kept = store.put(batch)
            convertible.extend(one for one in kept if one.kind)
            read.extend(one for one in kept if not one.kind)
            done += len(batch)
            progress("read", done, len(plain))
        if convertible:
            again = _converted(convertible, by_name, spool, how, here, progress)
            read.extend(store.put(again))
    store.used(known.values())
    arrived = {one.name: one.arrived for one in plain if one.arrived}
    return sorted(
        (replace(one, arrived=arrived[one.name]) if one.name in arrived else one for one in read),
        key=lambda one: one.name,
    )


def _found(
    places: Sequence[Path | str | Source], leave_out: Sequence[Path], spool: Path, limits: Limits
) -> list[Source]:
    listed = [place for place in places if isinstance(place, Source)]
    sought = [place for place in places if not isinstance(place, Source)]
    if listed and not sought:
        return listed
    return [*listed, *remote.find(sought, leave_out, spool / "fetched", limits)]


def care_of(limits: Limits) -> Care:
    """Say what a reading process may take."""
    return Care(seconds=limits.seconds, memory=limits.memory)


@contextmanager
def _spool() -> Iterator[Path]:
    """Give a folder for the files out of containers, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="evaluator-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _opened(found: Sequence[Source], spool: Path, limits: Limits, setup: Setup, progress: Progress) -> list[Opening]:
    """Take the files out of containers, each in a process that may die."""
    if not found:
        return []
    wanted = [(source, spool / f"{n:06d}") for n, source in enumerate(found)]
    opened: list[Opening] = []
    care = replace(care_of(limits), seconds=limits.container_seconds)
    with LocalPool(min(setup.workers or 1, len(found)), care) as here:
        for batch in spread(here, with_shared(open_containers, limits), wanted, not_opened, batch=1):
            opened.extend(batch)
            progress("unpack", len(opened), len(found))
    return opened


def _looked_up(found: Sequence[Source], store: Store, limits: Limits) -> dict[str, ReadFile]:
    """Find what earlier runs read of files with the same bytes."""
    if store.is_empty:
        return {}
    known: dict[str, ReadFile] = {}
    batches = [found[n : n + BATCH] for n in range(0, len(found), BATCH)]
    with ThreadPoolExecutor(_HASHING) as threads:
        prints = chain.from_iterable(threads.map(partial(_fingerprints, limits), batches))
        for source, (digest, size) in zip(found, prints, strict=True):
            one = store.find(source.name, digest, size) if digest else None
            if one is not None:
                known[source.name] = one
    return known


def _fingerprints(limits: Limits, batch: Sequence[Source]) -> list[tuple[str, int]]:
    return [_fingerprint(limits, source) for source in batch]


def _fingerprint(limits: Limits, source: Source) -> tuple[str, int]:
    """Hash a file that could be read; empty where it could not."""
    if source.fault or source.is_junk or not source.is_regular:
        return "", 0
    try:
        size = source.path.stat().st_size
        return (file_hash(source.path), size) if 0 < size <= limits.file else ("", size)
    except OSError:
        return "", 0


def _sent(cluster: Pool, fresh: Sequence[Source], how: How) -> Iterable[Sequence[ReadFile]]:
    work = with_shared(read_sent, how)
    for large, batch in ((False, BATCH), (True, _FEW)):
        sent = ((source, load_file(source, how.limits)) for source in fresh if _is_large(source) is large)
        yield from spread(cluster, work, sent, lambda one, why: crashed(one[0], why), batch)


def _is_large(source: Source) -> bool:
    try:
        return source.path.lstat().st_size > _LARGE
    except OSError:
        return False


def _converted(
    wanted: Sequence[ReadFile],
    by_name: dict[str, Source],
    spool: Path,
    how: How,
    here: Pool,
    progress: Progress,
) -> list[ReadFile]:
    """Have other programs' workbooks converted and read; what can't be keeps its finding."""
    progress("convert", 0, len(wanted))
    folder = spool / "converted"
    made = conversion.convert({by_name[one.name].path: one.kind for one in wanted}, folder, how.limits)
    results: list[ReadFile] = []
    fresh: list[tuple[ReadFile, Source]] = []
    for one in wanted:
        source = by_name[one.name]
        target = made[source.path]
        if isinstance(target, Path):
            fresh.append((one, replace(source, path=target)))
        else:
            results.append(replace(one, code=target.code, params=target.params))
    read = [r for batch in spread(here, with_shared(read_files, how), [s for _, s in fresh], crashed) for r in batch]
    for (one, _), found in zip(fresh, read, strict=True):
        results.append(replace(found, sha256=one.sha256, size=one.size, kind="", converted=one.kind))
    progress("convert", len(wanted), len(wanted))
    return results
