"""A Kamailio on 127.0.0.1: a registrar that challenges, and an outbound proxy beside it."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.testing.eventually import eventually
from chassis.testing.ports import reserved_port

DOMAIN = "sip.example.test"
"""No name server knows it: only an outbound proxy leads there."""

REALM = "Some PBX"

_CONFIGURATION = """#!KAMAILIO
children=2
tcp_children=2
tcp_accept_no_cl=yes
auto_aliases=no
dns=no
log_stderror=yes
{listen}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "htable.so"
loadmodule "jsonrpcs.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 10)
modparam("htable", "htable", "passwords=>size=8;")
modparam("htable", "htable", "owners=>size=8;")
modparam("htable", "htable", "registers=>size=8;initval=0;")
modparam("htable", "htable", "refused=>size=8;initval=0;")
modparam("htable", "htable", "ports=>size=8;")
modparam("htable", "htable", "protocols=>size=8;")
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{socket}")
request_route {{
  if (!is_method("REGISTER")) {{
    sl_send_reply("200", "OK");
    exit;
  }}
  $var(n) = $shtinc(registers=>$fU);
  $sht(ports=>$fU) = $Rp;
  $sht(protocols=>$fU) = $proto;
  if (!is_present_hf("Authorization")) {{
    www_challenge("{realm}", "0");
    exit;
  }}
  if ($sht(owners=>$au) != $fU) {{
    $var(n) = $shtinc(refused=>$fU);
    sl_send_reply("403", "Forbidden");
    exit;
  }}
  if (!pv_www_authenticate("{realm}", "$sht(passwords=>$au)", "0")) {{
    $var(n) = $shtinc(refused=>$fU);
    sl_send_reply("403", "Forbidden");
    exit;
  }}
  save("location");
}}
"""


@dataclass
class Registrar:
    """What registered where. Everybody may register who was `admit`ted with this password."""

    folder: Path
    port: int
    proxy_port: int

    def admit(self, username: str, password: str, login: str | None = None) -> None:
        name = login or username
        self._ask("htable.sets", "passwords", name, password)
        self._ask("htable.sets", "owners", name, username)

    def registered(self) -> set[str]:
        """The users that can be reached now."""
        dump = self._ask("ul.dump")["Domains"][0]["Domain"]["AoRs"]
        return {
            entry["Info"]["AoR"]
            for entry in dump
            if any(float(c["Contact"]["Expires"]) > 0 for c in _contacts(entry))
        }

    def forget(self, username: str) -> None:
        """Drop what a softphone that was cut off has left behind."""
        self._ask("ul.rm", "location", username)

    def registers(self, username: str) -> int:
        """How many REGISTER requests came for a user."""
        return int(self._value("registers", username) or 0)

    def refused(self, username: str) -> int:
        return int(self._value("refused", username) or 0)

    def reached_by(self, username: str) -> tuple[int, str]:
        """Port and protocol of the last REGISTER of a user."""
        port, protocol = (self._value(table, username) for table in ("ports", "protocols"))
        return int(port or 0), str(protocol)

    async def sees(self, *usernames: str) -> None:
        """Wait until just these are registered."""

        async def seen() -> bool:
            return self.registered() == set(usernames)

        await eventually(seen)

    async def refuses(self, username: str) -> None:
        """Wait until a REGISTER with credentials of this user was turned down."""

        async def refused() -> bool:
            return self.refused(username) > 0

        await eventually(refused)

    async def is_asked_by(self, username: str) -> None:
        """Wait until this user tried to register, with or without credentials."""

        async def asked() -> bool:
            return self.registers(username) > 0

        await eventually(asked)

    def _value(self, table: str, key: str) -> str | int | None:
        try:
            found: str | int = self._ask("htable.get", table, key)["item"]["value"]
        except KeyError:
            return None
        return found

    def _ask(self, method: str, *parameters: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as here:
            address = self.folder / "answers"
            address.unlink(missing_ok=True)
            here.bind(str(address))
            here.settimeout(5)
            question = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": 1}
            here.sendto(json.dumps(question).encode(), str(self.folder / "rpc"))
            answer = json.loads(here.recv(1 << 20))
        result = answer.get("result", {})
        return result if isinstance(result, dict) else {}


def _contacts(entry: dict[str, Any]) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = entry["Info"]["Contacts"]
    return contacts


@contextmanager
def running_registrar(folder: Path) -> Iterator[Registrar]:
    """Run it until the block ends. Sockets need short paths: keep the folder's short."""
    port, proxy_port = reserved_port(), reserved_port()
    listen = "\n".join(
        f"listen={protocol}:127.0.0.1:{number}"
        for number in (port, proxy_port)
        for protocol in ("udp", "tcp")
    )
    configuration = folder / "kamailio.cfg"
    configuration.write_text(
        _CONFIGURATION.format(listen=listen, socket=folder / "rpc", realm=REALM)
    )
    with (folder / "kamailio.log").open("wb") as log:
        process = subprocess.Popen(
            ["/usr/sbin/kamailio", "-DD", "-E", "-f", configuration, "-Y", folder, "-w", folder],
            stdout=log,
            stderr=log,
        )
    try:
        yield _ready(Registrar(folder, port, proxy_port), process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(registrar: Registrar, process: "subprocess.Popen[bytes]") -> Registrar:
    for _ in range(100):
        assert process.poll() is None, (registrar.folder / "kamailio.log").read_text()
        try:
            registrar.registered()
        except (OSError, KeyError):
            time.sleep(0.1)
        else:
            return registrar
    raise AssertionError((registrar.folder / "kamailio.log").read_text())
