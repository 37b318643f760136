"""`switchboard up` with what the image has, which brings neither a mail server nor a broker."""

import subprocess
import sys
from pathlib import Path

import pytest

from switchboard.up import caught_mails
from tests.deploy.manifests import ROOT

_IMAGE = (ROOT / "requirements/image.txt").read_text()


def test_it_needs_no_package_that_the_image_lacks() -> None:
    assert "aiosmtpd" not in _IMAGE
    code = "import sys; sys.modules['aiosmtpd'] = None; import switchboard.running"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_nothing_is_caught_where_there_is_a_mail_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFIER_SMTP_HOST", "mailpit")
    async with caught_mails(tmp_path / "mails") as port:
        assert port is None
    assert not (tmp_path / "mails").exists()


async def test_mails_are_caught_where_nobody_named_a_mail_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFIER_SMTP_HOST", raising=False)
    async with caught_mails(tmp_path / "mails") as port:
        assert port
