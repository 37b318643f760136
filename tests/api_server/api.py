"""A Kubernetes API on this machine: etcd and an API server, no controller and no node."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.testing.ports import reserved_port
from tests.deploy.manifests import ROOT, Manifest

WISHED_FOR = "TEST_API_SERVER"
CRDS = "TEST_API_SERVER_CRDS"
PROGRAMS = ("etcd", "kube-apiserver", "kubectl")
STARTS_WITHIN = 120.0
_TOKEN = "only-for-this-test"


def needed() -> Path:
    """The folder of the CRDs. Skip unless asked for; fail where asked for and something lacks."""
    if not os.environ.get(WISHED_FOR):
        pytest.skip("`make test-api-server` runs these: they need a kube-apiserver and etcd")
    missing = [name for name in PROGRAMS if not program(name)]
    assert not missing, f"put {', '.join(missing)} on the PATH or into .tools"
    folder = Path(os.environ.get(CRDS, ""))
    assert list(folder.glob("*.y*ml")), f"set {CRDS} to a folder with the CRDs that README.md names"
    return folder


def program(name: str) -> str | None:
    """Where a program is, if it is anywhere."""
    return shutil.which(name) or shutil.which(name, path=ROOT / ".tools")


@dataclass(frozen=True)
class Api:
    """A running one."""

    kubeconfig: Path

    def kubectl(self, *words: str, give: str = "", check: bool = True) -> str:
        """What kubectl prints. Raises AssertionError with what it complains of, if it fails."""
        done = subprocess.run(
            [str(program("kubectl")), f"--kubeconfig={self.kubeconfig}", *words],
            input=give,
            capture_output=True,
            text=True,
            check=False,
        )
        # Of an object that is refused kubectl prints all; what is wrong with it stands at the end.
        said = f"{done.stderr[:200]} … {done.stderr[-500:]}"
        assert not check or done.returncode == 0, f"kubectl {' '.join(words)}: {said}"
        return done.stdout + done.stderr if not check else done.stdout

    def apply(self, path: Path, namespace: str = "") -> str:
        """Apply a file as the page says; an unknown field or a warning fails."""
        options = ("--server-side", "--validate=strict", "--warnings-as-errors")
        where = (f"--namespace={namespace}",) if namespace else ()
        return self.kubectl("apply", *options, *where, f"--filename={path}")

    def all(self, kind: str, namespace: str) -> list[Manifest]:
        """Every object of a kind."""
        told = self.kubectl("get", kind, f"--namespace={namespace}", "--output=json")
        found: list[Manifest] = json.loads(told)["items"]
        return found

    def everything(self, namespace: str) -> dict[str, Manifest]:
        """What is wanted of every object in a namespace, but those Kubernetes puts there itself."""
        told = self.kubectl("api-resources", "--namespaced", "--verbs=list", "--output=name")
        kinds = ",".join(kind for kind in told.split() if not kind.startswith("events"))
        words = ("get", kinds, f"--namespace={namespace}", "--output=json")
        found: list[Manifest] = json.loads(self.kubectl(*words))["items"]
        for one in found:
            for bookkeeping in ("managedFields", "resourceVersion"):
                one["metadata"].pop(bookkeeping, None)
        named = {f"{one['kind']} {one['metadata']['name']}": one for one in found}
        own = {"ConfigMap kube-root-ca.crt", "ServiceAccount default"}
        return {name: one for name, one in named.items() if name not in own}

    def restricted(self, namespace: str) -> None:
        """A namespace that admits restricted pods only, as that of the page does."""
        self.kubectl("create", "namespace", namespace)
        levels = [f"pod-security.kubernetes.io/{mode}=restricted" for mode in ("enforce", "warn")]
        self.kubectl("label", "namespace", namespace, *levels)

    def gone(self, namespace: str) -> None:
        """Let a namespace that was deleted go, as a controller would once it is empty."""
        account = ("serviceaccount", "default", f"--namespace={namespace}")
        self.kubectl("delete", *account, "--ignore-not-found")
        manifest = json.loads(self.kubectl("get", "namespace", namespace, "--output=json"))
        manifest["spec"]["finalizers"] = []
        path = f"/api/v1/namespaces/{namespace}/finalize"
        self.kubectl("replace", f"--raw={path}", "--filename=-", give=json.dumps(manifest))


@contextmanager
def api_server(folder: Path, crds: Path) -> Iterator[Api]:
    etcd, peer, api = (reserved_port() for _ in range(3))
    kubeconfig, key = _written(folder, api)
    client = f"http://127.0.0.1:{etcd}"
    with ExitStack() as stack:

        def start(name: str, **options: object) -> None:
            words = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
            stack.enter_context(_running(folder, name, words))

        start(
            "etcd",
            data_dir=folder / "etcd",
            listen_client_urls=client,
            advertise_client_urls=client,
            listen_peer_urls=f"http://127.0.0.1:{peer}",
        )
        start(
            "kube-apiserver",
            etcd_servers=client,
            cert_dir=folder / "certs",
            bind_address="127.0.0.1",
            secure_port=api,
            token_auth_file=folder / "tokens.csv",
            authorization_mode="RBAC",
            service_cluster_ip_range="10.0.0.0/16",
            service_account_key_file=key,
            service_account_signing_key_file=key,
            service_account_issuer="https://kubernetes.default.svc",
        )
        plane = Api(kubeconfig)
        eventually(lambda: "ok" in plane.kubectl("get", "--raw=/readyz", check=False)[:2])
        plane.kubectl("apply", "--server-side", f"--filename={crds}")
        plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        yield plane


def eventually(so: Callable[[], bool], within: float = STARTS_WITHIN) -> None:
    """Wait until it is so. Raises AssertionError."""
    until = time.monotonic() + within
    while not so():
        assert time.monotonic() < until, f"not so after {within:.0f} s"
        time.sleep(0.5)


def _written(folder: Path, port: int) -> tuple[Path, Path]:
    """The configuration of clients, and the key that tokens of ServiceAccounts are signed with."""
    key = folder / "accounts.pem"
    made = rsa.generate_private_key(65537, 2048)
    key.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "tokens.csv").write_text(f'{_TOKEN},admin,admin,"system:masters"\n')
    cluster = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": _TOKEN}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(content))
    return kubeconfig, key


@contextmanager
def _running(folder: Path, name: str, options: list[str]) -> Iterator[None]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([str(program(name)), *options], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
