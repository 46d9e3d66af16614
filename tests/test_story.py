"""The whole round over mail, as `python -m tests.story` tells it."""

from __future__ import annotations

import os

import pytest

from tests import imapserver, story


@pytest.mark.skipif(os.name != "posix", reason="needs Dovecot, and kills as POSIX systems have them")
@pytest.mark.filterwarnings("ignore:Session.login_data:DeprecationWarning")
def test_a_round_of_300_institutions_holds_from_beginning_to_end() -> None:
    imapserver.require_dovecot()
    told = story.tell(300)
    assert len(told.people) == 300
    assert told.told[-1] == "The end: everything held."
