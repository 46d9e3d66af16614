"""How much a returned file may be: the one place for the numbers.

A questionnaire as written has about 40 KB, unpacked 0.4 MB; a return with a few thousand characters a cell stays
under 1 MB. The limits lie far above that and far below what would trouble the machine.
"""

from __future__ import annotations

MEBI = 1024 * 1024

MAX_FILE = 20 * MEBI
"""Bytes of a file."""
MAX_ENTRIES = 1_000
"""Entries of its archive."""
MAX_ENTRY = 48 * MEBI
"""Bytes of one entry, unpacked."""
MAX_UNPACKED = 96 * MEBI
"""Bytes of all entries, unpacked."""
MAX_RATIO = 100
"""Unpacked to packed bytes of an entry that has more than `RATIO_FROM` bytes unpacked."""
RATIO_FROM = 4 * MEBI
