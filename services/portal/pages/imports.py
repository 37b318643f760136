"""Importing a file of people: checked first, followed while it runs, undone if need be."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent

from chassis.observing.health import Health
from services.portal.answers import go, page
from services.portal.calls import PROVISIONING, Call, decoded
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.live import pushed
from services.portal.rendering import Templates
from services.portal.resources import Listed
from services.portal.resources.provisioning import Check, Import
from services.portal.visits import Visit

MOST_PROBLEMS_SHOWN = 50
CSV = {"Content-Type": "text/csv"}

Text = Annotated[str, QueryParameter(max_length=2000)]
AnyRequest = Request[Any, Any, Any]


class ImportsController(Controller):
    """Files of people."""

    path = "/imports"
    guards = (administrators,)

    @get()
    async def show_all(self, visit: NamedDependency[Visit], cursor: Text = "") -> Response[Any]:
        """The imports, the latest first."""
        imports = await visit.get(PROVISIONING, "imports", Listed[Import], cursor=cursor)
        return page(visit, "imports.html.j2", imports=imports, cursor=cursor)

    @get("/new")
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a file."""
        return _form(visit, Form())

    @post("/new")
    async def start(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Check a file, or import it. The file itself is never sent back: it holds passwords."""
        form = await Form.of(request)
        files = [one for one in (await request.form()).values() if isinstance(one, UploadFile)]
        content = await files[0].read() if files else b""
        try:
            if form.text("_do") == "check":
                answer = await _sent(visit, content, dry_run=True)
                return _form(visit, form, decoded(answer, Check))
            started = await _sent(visit, content, once=form.once)
        except Declined as declined:
            return _form(visit, form.wrong(declined), status=declined.status)
        return go(visit, f"/imports/{decoded(started, Import).id}")

    @get("/{import_id:str}")
    async def show(
        self, import_id: FromPath[str], visit: NamedDependency[Visit], cursor: Text = ""
    ) -> Response[Any]:
        """How far an import has come, and the rows that were refused."""
        found = await _refused(visit, import_id, cursor)
        return page(visit, "import.html.j2", found=found, cursor=cursor)

    @get("/{import_id:str}/live")
    async def live(
        self,
        import_id: FromPath[str],
        visit: NamedDependency[Visit],
        health: NamedDependency[Health],
    ) -> ServerSentEvent:
        """The progress, and again whenever it has changed."""

        async def fragment() -> str:
            found = await _refused(visit, import_id, "")
            return Templates.render("import_state.html.j2", visit.language, found=found)

        return pushed(health, fragment)

    @get("/{import_id:str}/refused.csv")
    async def refused(
        self, import_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[bytes]:
        """The refused rows as a file, with the reasons: mend it and import it again."""
        call = Call("GET", PROVISIONING, f"imports/{import_id}/refused.csv")
        answer = await visit.send(call)
        disposition = 'attachment; filename="refused.csv"'
        return Response(
            answer.content, media_type="text/csv", headers={"Content-Disposition": disposition}
        )

    @post("/{import_id:str}/undo")
    async def undo(self, import_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """Remove what an import made."""
        await visit.tell("POST", PROVISIONING, f"imports/{import_id}/undo")
        return go(visit, f"/imports/{import_id}", visit.say("The import is being undone."))


def _form(
    visit: Visit, form: Form, check: Check | None = None, *, status: int = 200
) -> Response[Any]:
    shown = MOST_PROBLEMS_SHOWN
    return page(visit, "import_form.html.j2", status=status, form=form, check=check, shown=shown)


async def _sent(visit: Visit, content: bytes, *, dry_run: bool = False, once: str = "") -> Any:
    query = {"dry_run": "true"} if dry_run else {}
    call = Call("POST", PROVISIONING, "imports", query, content, once, CSV)
    return await visit.send(call)


async def _refused(visit: Visit, import_id: str, cursor: str) -> Import:
    path = f"imports/{import_id}"
    return await visit.get(PROVISIONING, path, Import, state="refused", cursor=cursor)
