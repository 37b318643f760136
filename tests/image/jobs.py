"""The Jobs of deploy/dist/ as pods of podman, which knows no Jobs: each is run once, to its end."""

from copy import deepcopy

import yaml

from tests.deploy.manifests import Manifests, container, pod, template
from tests.image.given import Given
from tests.image.podman import IMAGE, Container, podman


def run(given: Given, name: str, *command: str, of: str = "install-prod") -> tuple[int, str]:
    """Run a Job, with another command if one is given: its status, and its log."""
    found = Manifests.rendered(of)
    (job,) = (one for one in found.of("Job", "CronJob") if one["metadata"]["name"] == name)
    job = deepcopy(job)
    container(job).update(image=IMAGE, imagePullPolicy="Never")
    if command:
        container(job)["args"] = list(command)
    given.mount(pod(job))
    labels = template(job)["metadata"]["labels"]
    metadata = {"name": name, "labels": labels}
    spec = {**pod(job), "restartPolicy": "Never"}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    text = yaml.safe_dump_all([given.settings(found), manifest])
    try:
        done = podman("play", "kube", "--network", "host", "-", check=False, give=text)
        assert done.returncode == 0, done.stderr
        running = Container(f"{name}-switchboard")
        status = int(podman("wait", running.name).stdout)
        return status, running.log
    finally:
        podman("pod", "rm", "--force", name, check=False)
