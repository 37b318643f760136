"""HTTP: one route per question. The rules live in `domain`."""

from services.notifier.api.notifications import NotificationController

controllers = (NotificationController,)
