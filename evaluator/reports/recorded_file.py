"""Opening a record's file, `results.db`, for reading only.

Owns: the address that SQLite knows a file by. Knows nothing of what is in it.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path, PurePath
from urllib.parse import quote


def connected(path: Path) -> sqlite3.Connection:
    """Open a database that is not written to, by nobody.

    Raises:
        sqlite3.Error: it can't be opened.
    """
    return sqlite3.connect(f"{uri_of(path.resolve())}?mode=ro&immutable=1", uri=True)


def uri_of(path: PurePath) -> str:
    """Give a whole path as SQLite's URI for it.

    The host is always empty: SQLite takes no other, and a Windows share is to it a path that begins with two slashes,
    where `Path.as_uri` has a host.
    """
    place = path.as_posix()
    return f"file://{'' if place.startswith('/') else '/'}{quote(os.fsencode(place), safe='/:')}"
