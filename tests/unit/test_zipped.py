"""Zip files from parts deflated apart: any zip reader takes them, and equal parts give equal bytes."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator import zipped
from evaluator.zipped import Deflating, Part, deflated, joined, write_zip


def written(*parts: Part) -> bytes:
    stream = BytesIO()
    write_zip(stream, parts)
    return stream.getvalue()


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6), st.integers(0, 9))
def test_joined_runs_are_one_part(pieces: list[bytes], level: int) -> None:
    *others, last = pieces
    run = joined([*(deflated(piece, level, last=False) for piece in others), deflated(last, level)])
    whole = b"".join(pieces)
    assert (run.size, run.crc) == (len(whole), zlib.crc32(whole))
    assert zlib.decompress(run.data, -zlib.MAX_WBITS) == whole


def test_checksums_join_over_more_than_one_block_of_zeros() -> None:
    long = b"ab" * (1 << 20)
    run = joined([deflated(b"head", 1, last=False), deflated(long, 1, last=False), deflated(b"tail", 1)])
    assert run.crc == zlib.crc32(b"head" + long + b"tail")


def test_a_run_may_be_fed_piece_by_piece() -> None:
    packing = Deflating(6)
    for _ in range(5):
        packing.feed(b"again and ")
    run = packing.end(last=True)
    assert zlib.decompress(run.data, -zlib.MAX_WBITS) == b"again and " * 5
    assert (run.size, run.crc) == (50, zlib.crc32(b"again and " * 5))


def test_the_zip_is_read_back_and_names_no_clock_or_system() -> None:
    data = written(Part("a/b.xml", deflated(b"hello" * 100, 6)), Part("empty", deflated(b"", 6)))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a/b.xml", "empty"]
        assert archive.read("a/b.xml") == b"hello" * 100
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.create_system for info in archive.infolist()} == {0}


def test_a_part_too_large_for_a_plain_zip_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MOST_BYTES", 99)
    written(Part("small", deflated(b"x" * 99, 6)))
    with pytest.raises(OverflowError, match="large: too large"):
        written(Part("large", deflated(b"x" * 100, 6)))
