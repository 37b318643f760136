"""Rules of service providers and of the addresses they are given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Invalid
from chassis.testing.spec import Spec
from schemas.provisioning import ServiceProviderAdded, SipProxy
from services.provisioning.domain.provider import AddProvider, provider
from services.provisioning.domain.sip_address import host, proxy, proxy_text

spec = Spec(provider)
ADD = AddProvider("p1", "Example Telecom", "sip.example.com")
ADDED = ServiceProviderAdded(
    provider_id="p1", name="Example Telecom", sip_server="sip.example.com", sip_port=5060
)


def test_i1_an_empty_port_means_5060() -> None:
    spec.when(ADD).then(ADDED)


def test_a_given_port_is_kept() -> None:
    (added,) = spec.decider.decide(AddProvider("p1", "X", "sip.example.com", sip_port=5080), None)
    assert isinstance(added, ServiceProviderAdded)
    assert added.sip_port == 5080


def test_a_provider_is_added_once() -> None:
    spec.given(ADDED).when(ADD).then_nothing()
    spec.when(ADD).then_repeating_changes_nothing()


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("SIP.Example.com", "sip.example.com"),
        ("sip.example.com.", "sip.example.com"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:DB8::1]", "2001:db8::1"),
    ],
)
def test_a_sip_server_is_a_host_name_or_an_ip_address(typed: str, canonical: str) -> None:
    assert host(typed, "sip_server") == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "sip example",
        "fe80::1%eth0",
        "\u017f.example",
        "sip:example.com",
        "-x.com",
        "a..b",
        "1.2.3.4.5",
        "999.1.1.1",
        "x/y",
    ],
)
def test_anything_else_is_refused_with_the_field_and_a_remedy(typed: str) -> None:
    with pytest.raises(Invalid, match="Give a host name") as refused:
        host(typed, "sip_server")
    assert refused.value.details["errors"][0]["field"] == "sip_server"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("proxy.example.com", SipProxy(host="proxy.example.com")),
        ("proxy.example.com:5080", SipProxy(host="proxy.example.com", port=5080)),
        (
            "192.0.2.7:5080;transport=TCP",
            SipProxy(host="192.0.2.7", port=5080, transport="tcp"),
        ),
        ("[2001:db8::1]:5060", SipProxy(host="2001:db8::1", port=5060)),
    ],
)
def test_a_proxy_is_kept_as_host_port_and_transport(typed: str, expected: SipProxy) -> None:
    assert proxy(typed, "sip_proxy") == expected


@pytest.mark.parametrize("typed", ["a:0", "a:65536", "a:5060;transport=tls", "a:b", "a b"])
def test_a_malformed_proxy_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        proxy(typed, "sip_proxy")


@given(
    st.sampled_from(["proxy.example.com", "192.0.2.7", "2001:db8::1"]),
    st.none() | st.integers(1, 65535),
    st.sampled_from([None, "udp", "tcp"]),
)
def test_a_proxy_reads_back_as_it_is_shown(server: str, port: int | None, transport: str) -> None:
    value = SipProxy.model_validate({"host": server, "port": port, "transport": transport})
    assert proxy(proxy_text(value), "sip_proxy") == value
