"""What a cluster gives to its pods, as folders and settings of this machine."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from chassis.jetstream.topology import Topology
from switchboard.catalogue import BLUEPRINTS
from switchboard.keys import create_installation
from tests.deploy.manifests import Manifest, Manifests

USER = 65532


@dataclass
class Given:
    """Secrets as one folder, a volume for the archive, and what the ConfigMap is to say."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def archive(self) -> Path:
        return self.folder.with_name("archive")

    @staticmethod
    def made(folder: Path, mongo: str) -> "Given":
        """With new keys, and the same database for everybody."""
        create_installation(folder, Topology.load())
        (folder / "mongo").mkdir()
        (folder / "mongo" / "url").write_text(mongo)
        (folder / "stores").mkdir()
        for service in BLUEPRINTS:
            (folder / "stores" / service).write_text(mongo)
        given = Given(folder)
        given.archive.mkdir()
        given.hand_over()
        return given

    def hand_over(self) -> None:
        """Let the user of the pods read, and the archive write."""
        for place in (self.folder, self.archive):
            for path in (place, *place.rglob("*")):
                os.chown(path, USER, USER)

    def mount(self, pod: Manifest) -> None:
        """Let what a pod takes from the cluster come from here."""
        places = {"projected": self.folder, "persistentVolumeClaim": self.archive}
        for volume in pod["volumes"]:
            for kind, place in places.items():
                if volume.pop(kind, None):
                    volume["hostPath"] = {"path": str(place), "type": "Directory"}

    def settings(self, found: Manifests, **own: str) -> Manifest:
        """The shipped settings, but for those of this machine, which has one broker without TLS."""
        # To podman what comes from a ConfigMap wins over the container's own variables.
        (shipped,) = (c for c in found.of("ConfigMap") if "SWITCHBOARD_HOST" in c["data"])
        data = {**shipped["data"], "SWITCHBOARD_STREAM_REPLICAS": "1", **self.environment, **own}
        data.pop("SWITCHBOARD_NATS_CA", None)
        return {**shipped, "data": data}
