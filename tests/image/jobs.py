"""The Jobs of deploy/dist/ as pods of podman, which knows no Jobs: each is run once, to its end."""

from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import yaml

from tests.deploy.manifests import Manifest, Manifests, container, pod, template
from tests.image.podman import IMAGE, Container, podman
from tests.image.pods import USER, Pods, belongs_to, from_folder, settings


def run(pods: Pods, cron_job: str, *command: str) -> tuple[int, str]:
    """Make a Job of a template, with another command if one is given: its status, and its log."""
    found = Manifests.rendered("install-prod")
    (job,) = (one for one in found.of("CronJob") if one["metadata"]["name"] == cron_job)
    inner = podmanly(deepcopy(job), pods, command)
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": cron_job, "labels": template(job)["metadata"]["labels"]},
        "spec": inner,
    }
    config = settings(found, {**pods.environment, "SWITCHBOARD_STREAM_REPLICAS": "1"})
    del config["data"]["SWITCHBOARD_NATS_CA"]  # the broker here speaks no TLS
    try:
        done = podman(
            *("play", "kube", "--network", "host", "-"),
            check=False,
            give=yaml.safe_dump_all([config, manifest]),
        )
        assert done.returncode == 0, done.stderr
        running = Container(f"{cron_job}-switchboard")
        status = int(podman("wait", running.name).stdout)
        return status, running.log
    finally:
        podman("pod", "rm", "--force", cron_job, check=False)


def podmanly(job: Manifest, pods: Pods, command: tuple[str, ...]) -> Manifest:
    """The pod of a Job, with the folders of this machine."""
    spec, inner = pod(job), container(job)
    inner |= {"image": IMAGE, "imagePullPolicy": "Never"}
    if command:
        inner["args"] = list(command)
    archive = pods.given.parent / "archive"
    for folder in (archive, stores(pods)):
        folder.mkdir(exist_ok=True)
        belongs_to(folder, USER)
    from_folder(spec, "projected", pods.given)
    from_folder(spec, "persistentVolumeClaim", archive)
    return spec


def stores(pods: Pods) -> Path:
    """What the template of a restore mounts: the address of each service's read models."""
    folder = pods.given / "stores"
    folder.mkdir(exist_ok=True)
    for service in ("sessions", "provisioning", "activation", "notifier"):
        with suppress(FileExistsError):
            (folder / service).symlink_to("../mongo/url")
    return folder
