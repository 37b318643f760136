"""Which paths of the one public address go to which service, for a Gateway or an Ingress."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from services.portal.pages import controllers as portal_controllers
from switchboard.catalogue import BLUEPRINTS, PORTAL
from switchboard.deployment.manifests import Manifest
from switchboard.routes_page import routes_of, service_routes

HOST = "phones.example.com"
NOTICE = "# generated from the routes of the services by make schemas\n"
PORT = 8080
_MATCHES_IN_A_RULE = 8
_PARAMETER = re.compile(r"\{[^}]+\}")

Match = tuple[str, str]
"""How to compare, in the words of the Gateway API, and with what."""


def matches() -> dict[str, list[Match]]:
    """By service, what its paths are recognised by. Probes and metrics are not among them."""
    paths = {name: [r.path for r in service_routes(name)] for name in BLUEPRINTS}
    paths[PORTAL] = [route.path for route in routes_of(portal_controllers)]
    owners = Counter(prefix for own in paths.values() for prefix in set(map(_prefix, own)))
    found = {}
    for name, own in paths.items():
        described = [] if name == PORTAL else [("PathPrefix", f"/{name}")]
        found[name] = _shortest([_match(path, own, owners) for path in own] + described)
    return found


def gateway_routes() -> Iterator[Manifest]:
    """One HTTPRoute for each service."""
    for service, found in matches().items():
        whole = [{"path": {"type": kind, "value": value}} for kind, value in found]
        groups = range(0, len(whole), _MATCHES_IN_A_RULE)
        backend = [{"name": f"{service}-api", "port": PORT}]
        yield {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": service},
            "spec": {
                "parentRefs": [{"name": "switchboard", "namespace": "gateway"}],
                "hostnames": [HOST],
                "rules": [
                    {"matches": whole[i : i + _MATCHES_IN_A_RULE], "backendRefs": backend}
                    for i in groups
                ],
            },
        }


def ingress() -> Manifest:
    """The same as one Ingress, of the class that is the cluster's default."""
    kinds = {
        "Exact": "Exact",
        "PathPrefix": "Prefix",
        "RegularExpression": "ImplementationSpecific",
    }
    paths: list[dict[str, Any]] = [
        {
            "path": value,
            "pathType": kinds[kind],
            "backend": {"service": {"name": f"{service}-api", "port": {"name": "http"}}},
        }
        for service, found in matches().items()
        for kind, value in found
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "switchboard"},
        "spec": {
            "tls": [{"hosts": [HOST], "secretName": "switchboard-tls"}],
            "rules": [{"host": HOST, "http": {"paths": paths}}],
        },
    }


def _match(path: str, own: list[str], owners: Counter[str]) -> Match:
    prefix = _prefix(path)
    if prefix == "/":
        return ("Exact", "/") if path == "/" else ("RegularExpression", _pattern(path))
    # Of two services with paths under one prefix, the one that has the prefix itself keeps it.
    if owners[prefix] > 1 and prefix not in own:
        return "RegularExpression", _pattern(path)
    return "PathPrefix", prefix


def _prefix(path: str) -> str:
    return path.partition("{")[0].rstrip("/") or "/"


def _pattern(path: str) -> str:
    return "[^/]+".join(re.escape(piece) for piece in _PARAMETER.split(path))


def _shortest(found: Iterable[Match]) -> list[Match]:
    prefixes = {value for kind, value in found if kind == "PathPrefix"}
    return sorted(
        {
            (kind, value)
            for kind, value in found
            if not any(value.startswith(f"{prefix}/") for prefix in prefixes)
        }
    )
