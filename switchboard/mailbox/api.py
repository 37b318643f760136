"""HTTP for the local mailbox, so that a demo needs no mail program."""

from html import escape
from pathlib import Path
from typing import Any

from litestar import Controller, MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from chassis.auth import Connection
from chassis.decider import Unknown
from switchboard.mailbox.reading import Summary, html, raw, summaries

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    "li{margin:.75rem 0}small{opacity:.75}:root{color-scheme:light dark}"
)
_OWN_NAMES = {"localhost", "127.0.0.1", "::1"}
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
}


async def on_this_machine(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Refuse who does not ask this machine by its own name: a page elsewhere, by a forged name."""
    if connection.url.hostname not in _OWN_NAMES:
        raise Unknown("The mailbox is only there for this machine: ask http://localhost.")


class MailboxController(Controller):
    """Mails that this machine has caught. They were sent to nobody."""

    path = "/dev/mailbox"
    guards = (on_this_machine,)
    tags = ("mailbox",)

    @get(sync_to_thread=True)
    def list_all(
        self, request: Request[Any, Any, Any], mail_folder: NamedDependency[Path]
    ) -> Response[list[Summary]] | Response[str]:
        """List the mails, newest first; a browser gets a page."""
        mails = summaries(mail_folder)
        if _wants_page(request):
            return Response(_page(mails), media_type=MediaType.HTML, headers=_POLICY)
        return Response(mails)

    @get("/{mail_id:str}", sync_to_thread=True)
    def show(
        self,
        mail_id: FromPath[str],
        request: Request[Any, Any, Any],
        mail_folder: NamedDependency[Path],
    ) -> Response[bytes] | Response[str]:
        """Show one mail as it was sent; a browser gets what a person would see."""
        content = raw(mail_folder, mail_id)
        if content is None:
            raise Unknown("There is no such mail. Look at the list in /dev/mailbox.")
        if _wants_page(request):
            return Response(html(content), media_type=MediaType.HTML, headers=_POLICY)
        return Response(content, media_type="message/rfc822")


def _wants_page(request: Request[Any, Any, Any]) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _page(mails: list[Summary]) -> str:
    items = "".join(
        f'<li><a href="/dev/mailbox/{escape(mail.id)}">{escape(mail.subject)}</a><br>'
        f"<small>to {escape(mail.to)}, {escape(mail.date)}</small></li>"
        for mail in mails
    )
    shown = f"<ol>{items}</ol>" if mails else "<p>No mail yet. Send instructions for a device.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Mailbox</title>'
        f'<style>{_STYLE}</style><p><a href="/">Back to Switchboard</a></p><h1>Mailbox</h1>'
        f"<p>Mails this machine has caught. They were sent to nobody.</p>{shown}</html>"
    )
