"""HTTP for imports: a CSV file comes in, what became of each row can be looked up."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)
from litestar.params import FromPath, FromQuery, QueryParameter

from chassis.answers import Listed, changed, found, listed
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Invalid, Unknown
from chassis.edge import Edge
from chassis.paging import Cursor, Limit
from chassis.read_models import Bounds, Page, ReadModelStore
from chassis.web.problems import problems
from schemas.fields import Id
from services.provisioning.api.import_resources import (
    CheckResource,
    ImportDetails,
    ImportResource,
    render,
    render_check,
    render_row,
)
from services.provisioning.domain.aggregates import import_of
from services.provisioning.domain.imports import ImportStillRunning, UndoImport, file_import
from services.provisioning.importing.file import COLUMNS, written
from services.provisioning.importing.staging import RowsMissing, Staging
from services.provisioning.importing.starting import Starting
from services.provisioning.projections import IMPORT_ROWS, IMPORTS, ImportRowView, ImportView
from services.provisioning.removing import every
from services.provisioning.views.imports import RowState

LARGEST_FILE_BYTES = 16 * 1024 * 1024

_FILE = f"A CSV file in UTF-8. Its first line names columns of: {', '.join(COLUMNS)}."
_EXAMPLE = "first_name,last_name,email_work\nAda,Lovelace,ada@example.com\n"

InState = Annotated[
    RowState | None, QueryParameter(name="state", description="Only rows of which this became.")
]


@dataclass
class TakesFile(Operation):
    """Says in the API description that the body is a file."""

    def __post_init__(self) -> None:
        """Name both ways of sending it."""
        content = Schema(type=OpenAPIType.STRING, description=_FILE, examples=[_EXAMPLE])
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": content}, required=["file"])
        kinds = {"text/csv": content, "multipart/form-data": form}
        self.request_body = RequestBody(
            {kind: OpenAPIMediaType(schema=schema) for kind, schema in kinds.items()},
            description=_FILE,
            required=True,
        )


class ImportController(Controller):
    """Files of people."""

    path = "/api/v1/imports"
    guards = (administrators,)
    tags = ("imports",)

    @post(
        status_code=202,
        request_max_body_size=LARGEST_FILE_BYTES,
        operation_class=TakesFile,
        responses={200: ResponseSpec(CheckResource, generate_examples=False)},
    )
    async def start(
        self,
        request: Request[Any, Any, Any],
        edge: NamedDependency[Edge],
        starting: NamedDependency[Starting],
        dry_run: FromQuery[bool] = False,
    ) -> Response[ImportResource] | Response[CheckResource]:
        """Import a CSV file (`text/csv`, or a form with one file); a dry run only checks it."""
        content = await _file(request)
        if dry_run:
            return Response(render_check(await starting.check(edge, content)), status_code=200)
        outcome = await starting.start(edge, content)
        rows = outcome.state.rows if outcome.state else 0
        return changed(
            ImportResource(id=edge.resource_id, state="running", rows=rows),
            outcome,
            status_code=202,
            location=f"{self.path}/{edge.resource_id}",
        )

    @get()
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[ImportResource]:
        """List the imports, the latest first."""
        bounds = Bounds(descending=True)
        page = await read_models.find(
            IMPORTS, principal.organization, "by_created", bounds, cursor=cursor, limit=limit
        )
        return listed(page, render)

    @get("/{import_id:str}")
    async def show(
        self,
        import_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        in_state: InState = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response[ImportDetails]:
        """Show how far an import has come, and what became of its rows."""
        view = await _view(read_models, principal.organization, import_id)
        page: Page[ImportRowView] = await read_models.find(
            IMPORT_ROWS,
            principal.organization,
            "by_state" if in_state else "by_import",
            Bounds(equals=(import_id, in_state) if in_state else (import_id,)),
            cursor=cursor,
            limit=limit,
        )
        details = ImportDetails(
            **render(view).model_dump(),
            items=[render_row(one) for one in page.items],
            next=page.next,
        )
        return found(details, view.version)

    @get("/{import_id:str}/refused.csv", media_type="text/csv")
    async def refused(
        self,
        import_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        staging: NamedDependency[Staging],
    ) -> Response[str]:
        """Download the rows that were refused, with the reasons and without passwords."""
        here = principal.organization
        view = await _view(read_models, here, import_id)
        bounds = Bounds(equals=(import_id, "refused"))
        reasons = {
            one.row: "; ".join(f"{p.column}: {p.message}" for p in one.problems)
            async for one in every(read_models, IMPORT_ROWS, here, "by_state", bounds)
        }
        try:
            rows = [
                (one.row, one.cells, reasons[one.row])
                async for one in staging.all(here, import_id, view.rows)
                if one.row in reasons
            ]
        except RowsMissing:
            raise Unknown("The rows of this import are not kept any more.") from None
        disposition = 'attachment; filename="refused.csv"'
        return Response(
            written(rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": disposition},
        )

    @post("/{import_id:str}/undo", status_code=202, responses=problems(ImportStillRunning))
    async def undo(
        self,
        import_id: FromPath[Id],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[ImportResource]:
        """Remove what an import made, but for what is used elsewhere meanwhile."""
        aggregate = import_of(edge.organization, import_id)
        intent = Intent(aggregate, file_import, UndoImport(import_id), edge.if_version)
        outcome = await commands.handle(edge.cause, intent)
        view = await read_models.get(IMPORTS, edge.organization, import_id)
        state = outcome.state
        shown = render(view) if view else ImportResource(id=import_id, state="undoing", rows=0)
        phase = state.phase if state else "undoing"
        return changed(shown.model_copy(update={"state": phase}), outcome, status_code=202)


async def _view(read_models: ReadModelStore, organization: str, import_id: str) -> ImportView:
    view = await read_models.get(IMPORTS, organization, import_id)
    if view is None:
        raise Unknown("There is no such import. Choose one of the list.")
    return view


async def _file(request: Request[Any, Any, Any]) -> bytes:
    kind, _ = request.content_type
    if kind != RequestEncodingType.MULTI_PART:
        return await request.body()
    form = await request.form()
    for part in form.values():
        if isinstance(part, UploadFile):
            return await part.read()
    raise Invalid("file", "Send one CSV file in the form.")
