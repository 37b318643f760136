"""A Job is made of a template as the page on deploying says."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from switchboard.catalogue import BLUEPRINTS
from tests.deploy.manifests import ROOT, Manifests

PAGE = (ROOT / "deploy/README.md").read_text()


def test_the_patch_on_the_page_gives_a_job_its_command() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    patched = re.search(r"--patch='([^']+)'", PAGE)
    assert patched
    command = [kubectl, "patch", "--local", "--filename=-", "--type=json", "--output=yaml"]
    done = subprocess.run(
        [*command, f"--patch={patched[1]}"],
        input=json.dumps(copied("notifier-operations")),
        capture_output=True,
        text=True,
        check=True,
    )
    (container,) = yaml.safe_load(done.stdout)["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["notifier", "dry-run", "--from", "2026-11-01"]


def test_every_service_has_a_template_and_the_archive_two() -> None:
    jobs = Manifests.rendered("install-prod").of("CronJob")
    suspended = {job["metadata"]["name"]: job["spec"]["suspend"] for job in jobs}
    templates = {f"{service}-operations" for service in BLUEPRINTS}
    assert suspended == {**dict.fromkeys(templates, True), "archive": False, "restore": True}


def copied(name: str) -> dict[str, Any]:
    """What `kubectl create job --from` makes of a CronJob."""
    found = Manifests.rendered("install-prod").of("CronJob")
    template = next(one for one in found if one["metadata"]["name"] == name)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "mails-1"},
        "spec": template["spec"]["jobTemplate"]["spec"],
    }
