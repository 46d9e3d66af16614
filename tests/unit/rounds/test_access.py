"""Getting at a mail server: who may be spoken to in the clear, which certificates count, where passwords come from."""

from __future__ import annotations

import ssl
from pathlib import Path

import keyring.errors
import pytest

from evaluator.errors import RoundError
from evaluator.rounds.access import certificates, is_loopback, password_for


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_this_machine_is_known_by_all_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "mail.example", "localhost.example", "127.0.0.1.example", "128.0.0.1", "0.0.0.0", "::2"],  # noqa: S104
)
def test_any_other_machine_is_not_this_one(host: str) -> None:
    assert not is_loopback(host)


def test_certificates_and_names_are_always_checked() -> None:
    context = certificates(None)
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("none", encoding="utf-8")
    for path in (tmp_path / "a.pem", tmp_path / "gone.pem"):
        with pytest.raises(RoundError) as caught:
            certificates(path)
        assert (caught.value.key, caught.value.params["path"]) == ("ca_file", path)


def test_the_environment_goes_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_password", lambda service, name: f"{service} {name}")
    monkeypatch.setenv("EVALUATOR_IMAP_PASSWORD", "of the environment")
    assert password_for("imap", "me", "mail.example") == "of the environment"
    monkeypatch.delenv("EVALUATOR_IMAP_PASSWORD")
    assert password_for("imap", "me", "mail.example") == "evaluator imap:me@mail.example"


@pytest.mark.parametrize("error", [keyring.errors.NoKeyringError(), keyring.errors.KeyringLocked()])
def test_a_system_without_an_open_keyring_has_no_password(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def closed(service: str, name: str) -> str:
        raise error

    monkeypatch.setattr("keyring.get_password", closed)
    monkeypatch.delenv("EVALUATOR_SMTP_PASSWORD", raising=False)
    with pytest.raises(RoundError) as caught:
        password_for("smtp", "me", "mail.example")
    assert caught.value.key == "no_password"
    assert "keyring set evaluator smtp:me@mail.example" in caught.value.message("en")
