"""Values for the official NATS chart: a cluster of three that syncs before it acknowledges."""

from chassis.jetstream.accounts import accounts
from chassis.jetstream.topology import Topology
from switchboard.deployment.manifests import NOTICE, Manifest, rendered

VERSION = "2.15.1"
_CERTIFICATE, _AUTHORITY, _PUBLIC_KEYS = "nats-tls", "nats-ca", "nats-nkeys"


def chart_values(topology: Topology) -> str:
    """The values file."""
    return rendered([_values(topology)], NOTICE + _HEAD)


_HEAD = f"""\
# helm upgrade --install nats nats --repo https://nats-io.github.io/k8s/helm/charts \\
#   --version 2.14.2 --namespace nats --values deploy/nats/values.yaml
# Before it, in that namespace: the Secret {_CERTIFICATE} (tls.crt, tls.key, ca.crt), the ConfigMap
# {_AUTHORITY} (ca.crt), and the ConfigMap {_PUBLIC_KEYS} from what `switchboard make-keys` writes.
"""


def _values(topology: Topology) -> Manifest:
    return {
        "tlsCA": {"enabled": True, "configMapName": _AUTHORITY},
        "config": {
            "cluster": {"enabled": True, "replicas": 3, "tls": _tls(verify=True)},
            "jetstream": {
                "enabled": True,
                "fileStore": {"pvc": {"size": "20Gi"}},
                "memoryStore": {"enabled": True, "maxSize": "256Mi"},
                # Else JetStream acknowledges before it syncs, and a power cut takes what was
                # acknowledged in the last two minutes.
                "merge": {"sync_interval": "always"},
            },
            "nats": {"tls": _tls(verify=False)},
            "merge": {"zz$include": "accounts.conf"},
        },
        "configMap": {"merge": {"data": {"accounts.conf": accounts(topology)}}},
        "container": {
            "image": {"tag": f"{VERSION}-alpine"},
            "env": {"GOMEMLIMIT": "1600MiB"},
            "merge": {
                "envFrom": [{"configMapRef": {"name": _PUBLIC_KEYS}}],
                "resources": {
                    "requests": {"cpu": "1", "memory": "2Gi"},
                    "limits": {"cpu": "1", "memory": "2Gi"},
                },
                "securityContext": _CONTAINER,
            },
        },
        "reloader": {"merge": {"securityContext": _CONTAINER}},
        "podTemplate": {
            "topologySpreadConstraints": {
                "kubernetes.io/hostname": {"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}
            },
            "merge": {"spec": {"terminationGracePeriodSeconds": 60, "securityContext": _POD}},
        },
        # What the alerts of group switchboard-nats ask for.
        "promExporter": {
            "enabled": True,
            "podMonitor": {"enabled": True},
            "merge": {
                "resources": {
                    "requests": {"cpu": "50m", "memory": "32Mi"},
                    "limits": {"memory": "128Mi"},
                },
                "securityContext": _CONTAINER,
            },
        },
        "natsBox": {"enabled": False},
    }


_POD = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "fsGroup": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}

_CONTAINER = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def _tls(*, verify: bool) -> Manifest:
    both = {"merge": {"verify": True}} if verify else {}
    return {"enabled": True, "secretName": _CERTIFICATE, **both}
