"""Every rendering obeys every law."""

import pytest

from tests.deploy import laws_of_names, laws_of_pods, laws_of_traffic
from tests.deploy.manifests import DIST, Law, Manifests

LAWS: tuple[Law, ...] = laws_of_pods.LAWS + laws_of_names.LAWS + laws_of_traffic.LAWS
RENDERINGS = sorted(path.stem for path in DIST.glob("*-*.yaml"))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("rendering", RENDERINGS)
def test_a_rendering_obeys_the_law(rendering: str, law: Law) -> None:
    found = Manifests.rendered(rendering)
    assert len(found.workloads()) > 8
    assert list(law(found)) == []
