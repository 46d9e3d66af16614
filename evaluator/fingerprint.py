"""Which program this is, told by what is in it rather than by what it calls itself.

Owns: digests of the program's own files, for telling whether two installations, or two runs, would do the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

LIBRARIES = ("numpy", "pandas", "xlsxwriter")
"""Libraries whose version may show in a result."""
_CODE_AND_TEXTS = (".py", ".toml")


@cache
def digest_of(*packages: str) -> str:
    """Hash every line of code and text in some packages; 64 hex digits, the same on every system."""
    digest = hashlib.sha256()
    for package in packages:
        for name, content in sorted(_contents(files(package))):
            digest.update(f"{package} {name} {len(content)} ".encode())
            digest.update(content)
    return digest.hexdigest()


def _contents(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _contents(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_CODE_AND_TEXTS):
            yield f"{prefix}{entry.name}", entry.read_bytes().replace(b"\r\n", b"\n")  # a checkout may change these
