"""Which format a softphone gets: the one it names, else what it accepts and is known to take."""

import pytest

from services.activation.renderers import UnknownFormat, renderer_of

XML, JSON, TEXT = "application/xml", "application/json", "text/plain"


@pytest.mark.parametrize(
    ("accept", "user_agent", "chosen"),
    [
        ("", "", "json"),
        ("*/*", "curl/8.1", "json"),
        ("", "Unknown", "linphone"),
        ("", "Linphone-Desktop/5.1 (LinphoneCore/5.2)", "linphone"),
        ("*/*", "LinphoneAndroid/6.0 belle-sip/5.3", "linphone"),
        ("", "baresip v1.0.0", "baresip"),
        ("*/*", "Groundwire/25.1", "acrobits"),
        ("", "Cloud Softphone 4", "acrobits"),
        ("", "PJSUA v2.13 Linux", "pjsua"),
        (XML, "", "linphone"),
        ("text/xml", "", "linphone"),
        (XML, "Acrobits Softphone", "acrobits"),
        (TEXT, "", "baresip"),
        (TEXT, "pjsua", "pjsua"),
        (JSON, "Linphone", "json"),
        (f"{XML};q=0.1, {JSON}", "", "json"),
        (f"{JSON};q=0, {XML}", "", "linphone"),
        (f"{XML};q=1.1.1", "", "json"),
        ("image/png", "", "json"),
    ],
)
def test_c_headers_choose_the_format(accept: str, user_agent: str, chosen: str) -> None:
    assert renderer_of(None, accept, user_agent).format == chosen


def test_a_format_that_is_named_beats_every_header() -> None:
    assert renderer_of("pjsua", XML, "Linphone").format == "pjsua"
    with pytest.raises(UnknownFormat):
        renderer_of("", XML, "Linphone")
