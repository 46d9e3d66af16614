"""An S3 server for tests, on this machine's own network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.machines import HERE, STARTING

_RUNNING = re.compile(r"Running on (http://[0-9.]+:[0-9]+)")


@contextmanager
def s3_server(folder: Path) -> Iterator[Mapping[str, str]]:
    """Start an S3 server that holds nothing; gives the environment variables by which it is found."""
    path = folder / "s3.log"
    with path.open("wb") as log:
        command = [sys.executable, "-m", "moto.server", "-H", HERE, "-p", "0"]
        server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield {
            "FSSPEC_S3_ENDPOINT_URL": _address(path, server),
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
    finally:
        server.terminate()
        server.wait()


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        found = _RUNNING.search(log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.05)
    raise RuntimeError("the S3 server did not start")
