"""The generated files of deploy/, by path from the root of the repository."""

from pathlib import Path

from chassis.jetstream.topology import Topology
from switchboard.deployment import monitoring, operations
from switchboard.deployment.chart import chart_values
from switchboard.deployment.dashboard import dashboard
from switchboard.deployment.manifests import rendered
from switchboard.deployment.monitoring import prometheus_rule
from switchboard.deployment.nack import nack_resources
from switchboard.deployment.nats_rendering import RENDERING, nats_rendering
from switchboard.deployment.operations import archive_jobs, job_templates
from switchboard.deployment.routing import NOTICE, gateway_routes, ingress
from switchboard.deployment.scaling import autoscalers, scaled_objects
from switchboard.deployment.topology_page import topology_page

IN_A_CLUSTER = 3


def deployment_files(topology: Topology, root: Path) -> dict[Path, str]:
    """Content by path."""
    components = Path("deploy/components")
    replicated = topology.with_replicas(IN_A_CLUSTER)
    return {
        Path("deploy/nats/values.yaml"): chart_values(topology),
        components / "nack/resources.yaml": rendered(nack_resources(replicated)),
        components / "keda/scaled-objects.yaml": rendered(scaled_objects(topology)),
        components / "hpa/autoscalers.yaml": rendered(autoscalers(), NOTICE),
        components / "gateway-api/routes.yaml": rendered(gateway_routes(), NOTICE),
        components / "ingress/ingress.yaml": rendered([ingress()], NOTICE),
        components / "operations/job-templates.yaml": rendered(job_templates(), operations.NOTICE),
        components / "archive/jobs.yaml": rendered(archive_jobs(), operations.ARCHIVE_NOTICE),
        components / "monitoring/rules.yaml": rendered(
            [prometheus_rule(root / "deploy/monitoring/rules.yaml")], monitoring.NOTICE
        ),
        components / "monitoring/switchboard.json": dashboard(),
        RENDERING: nats_rendering(topology, root),
        Path("docs/topology.md"): topology_page(topology),
    }
