"""Two real softphones: a Linphone that fetches by itself, a baresip that is given its file."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

from chassis.testing.eventually import eventually
from tests.patient import http_to

LINPHONE, BARESIP, KAMAILIO = (
    Path("/usr/bin/linphone-daemon"),
    Path("/usr/bin/baresip"),
    Path("/usr/sbin/kamailio"),
)
STOP_SECONDS = 10

_LINPHONE_SETTINGS = """[misc]
config-uri={url}
[sip]
sip_port=-1
sip_tcp_port=-1
sip_tls_port=0
verify_server_certs=0
[rtp]
audio_rtp_port=-1
"""
_BARESIP_SETTINGS = """poll_method epoll
sip_listen 127.0.0.1:0
module_path {modules}
module_app account.so
module_app menu.so
audio_player aubridge,nil
audio_source aubridge,nil
"""


@dataclass
class Phone:
    """A softphone with a home of its own. A restart is what people do."""

    home: Path
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def kept(self) -> str:
        """What stands in its files."""
        raise NotImplementedError

    async def is_idle(self, seconds: float) -> None:
        """Let it do what it would: nothing is to happen in this time."""
        await asyncio.sleep(seconds)
        assert self.process is not None
        assert self.process.returncode is None

    async def says(self, text: str) -> None:
        """Wait until it shows this to its user."""

        async def said() -> bool:
            return text in (self.home / "phone.log").read_text(errors="replace")

        await eventually(said)

    async def types(self, text: str) -> None:
        """Its user types a line."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())
        await self.process.stdin.drain()

    async def _run(self, *command: str | Path) -> None:
        with (self.home / "phone.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": str(self.home)},
                cwd=self.home,
            )

    async def _ended(self) -> None:
        assert self.process is not None
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        self.process = None


@dataclass
class Linphone(Phone):
    """Fetches `url`, and whatever that tells it to fetch later, at every start."""

    url: str = ""

    @property
    def settings(self) -> Path:
        """Where it keeps everything, also what was provisioned."""
        return self.home / "linphonerc"

    def kept(self) -> str:
        return self.settings.read_text()

    async def start(self) -> None:
        (self.home / ".local" / "share" / "linphone").mkdir(parents=True, exist_ok=True)
        if not self.settings.exists():
            self.settings.write_text(_LINPHONE_SETTINGS.format(url=self.url))
        await self._run(LINPHONE, "--config", self.settings)

    async def stop(self) -> None:
        """Sign off as its user would: this un-registers."""
        if self.process is not None:
            await self.types("quit")
            await self._ended()


@dataclass
class Baresip(Phone):
    """Is given the file that `url` serves at every start."""

    url: str = ""

    @property
    def accounts(self) -> Path:
        return self.home / ".baresip" / "accounts"

    def kept(self) -> str:
        return self.accounts.read_text()

    async def start(self) -> None:
        folder = self.accounts.parent
        folder.mkdir(parents=True, exist_ok=True)
        modules = "/usr/lib/baresip/modules"
        (folder / "config").write_text(_BARESIP_SETTINGS.format(modules=modules))
        self.accounts.write_bytes(await self._fetched())
        # Its question for a password ends without a line end: unbuffered, it can be read.
        await self._run("stdbuf", "-o0", BARESIP, "-f", folder, "-v")

    async def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            await self._ended()

    async def _fetched(self) -> bytes:
        headers = {"User-Agent": "baresip v1.0.0"}
        async with http_to(headers=headers) as http:
            answer = (await http.get(self.url)).raise_for_status()
        self.url = answer.headers.get("Content-Location", self.url)
        return answer.content
