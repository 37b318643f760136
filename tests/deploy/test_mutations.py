"""Each law catches what it is there for: a mutation of a rendering that obeys all of them."""

from copy import deepcopy

import pytest

from tests.deploy import mutations_of_names, mutations_of_pods, mutations_of_traffic
from tests.deploy.manifests import Law, Manifests
from tests.deploy.mutants import Change
from tests.deploy.test_laws import LAWS

MUTATIONS = (
    mutations_of_pods.MUTATIONS + mutations_of_names.MUTATIONS + mutations_of_traffic.MUTATIONS
)


@pytest.mark.parametrize(("law", "change"), MUTATIONS, ids=lambda part: part.__name__)
def test_a_law_catches_a_mutation(law: Law, change: Change) -> None:
    shipped = Manifests.rendered("install-prod")
    mutant = Manifests(shipped.name, deepcopy(shipped.all))
    change(mutant)
    assert list(law(shipped)) == []
    assert list(law(mutant)) != []


def test_every_law_has_caught_something() -> None:
    assert {law for law, _ in MUTATIONS} == set(LAWS)
