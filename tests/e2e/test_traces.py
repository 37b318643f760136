"""One trace leads from a click to the mail: over HTTP, through NATS, to the mail server."""

from dataclasses import dataclass, field
from pathlib import Path

from chassis.testing.eventually import eventually
from switchboard.demo.story import Person, new_run, tell
from tests.e2e.collector import Collector, collecting
from tests.e2e.product import Product

ADA = Person("Ada", "Lovelace", "ada@demo.example")
CLICK = "POST /api/v1/activations/{device_id}/instructions"
MAIL = "send mail"


@dataclass
class Traced(Product):
    """The product with a collector to send its traces to."""

    collector: Collector = field(default_factory=lambda: Collector(""))

    @property
    def environment(self) -> dict[str, str]:
        return {
            **super().environment,
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }


async def test_one_trace_leads_from_the_request_to_the_mail(tmp_path: Path) -> None:
    with collecting() as collector:
        product = Traced(tmp_path / "data", collector=collector)
        await product.start()
        try:
            async with product.administrator() as client:
                told = await tell(client, ADA, run := new_run(), lambda _: None)

            async def arrived() -> bool:
                return MAIL in collector.trace_with(CLICK)

            await eventually(arrived)
        finally:
            product.stop()
        trace = collector.trace_with(CLICK)
        asked, planned, sent = (
            trace[name] for name in ("react ActivationRequested", "react NotificationPlanned", MAIL)
        )
        assert asked.parent == trace[CLICK].id
        assert planned.parent == asked.id
        assert sent.parent == planned.id
        for secret in (told.code, told.code.replace("-", ""), f"{run}-sip-password", ADA.address):
            assert secret.encode() not in collector.raw
