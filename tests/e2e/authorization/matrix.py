"""Who may do what: the status of every route for everybody, in one table.

`foreign` and `missing` are what those get who may do it, for ids of another organization and for
ids of nothing; whoever may not gets the same for these as for the own ones. `-` means that the
route names no id.
"""

from dataclasses import dataclass

OUTSIDE = ("/.well-known", "/c/", "/p/")
"""Every other path begins with `/api/v1`."""

NOT_ALLOWED = (401, 403)
CALLERS = ("anonymous", "expired", "device", "agent", "supervisor", "administrator")

TABLE = """
METHOD PATH                                         anon exp dev agent sup admin  foreign missing
POST   /organizations                               201  201 201 201   201 201    -       -
GET    /.well-known/jwks.json                       200  200 200 200   200 200    -       -
GET    /sign-in/options                             200  200 200 200   200 200    -       -
POST   /sign-in                                     200  200 200 200   200 200    -       -
POST   /sign-in/refresh                             200  200 200 200   200 200    -       -
GET    /organization                                401  401 401 403   403 200    -       -
PATCH  /organization                                401  401 401 403   403 200    -       -
GET    /sign-in-policy                              401  401 401 403   403 200    -       -
PUT    /sign-in-policy                              401  401 401 403   403 200    -       -
GET    /sign-in-policy/simulation                   401  401 401 403   403 200    -       -
GET    /users                                       401  401 401 403   403 200    -       -
POST   /users                                       401  401 401 403   403 201    -       -
GET    /users/{user_id}                             401  401 401 403   403 200    404     404
PATCH  /users/{user_id}                             401  401 401 403   403 200    404     404
PUT    /users/{user_id}/password                    401  401 401 403   403 204    404     404
GET    /desks                                       401  401 401 200   200 200    -       -
POST   /desks                                       401  401 401 403   403 201    -       -
GET    /desks/{desk_id}                             401  401 401 403   403 200    404     404
PATCH  /desks/{desk_id}                             401  401 401 403   403 200    404     404
GET    /session                                     401  401 401 200   200 200    -       -
PUT    /session/heartbeat                           401  401 401 204   204 204    -       -
PUT    /session/desk                                401  401 401 200   403 403    -       -
GET    /desks/{desk_id}/guest                       401  401 401 403   200 200    404     404
GET    /desks/{desk_id}/guests                      401  401 401 403   200 200    404     404
DELETE /session/desk                                401  401 401 204   403 403    -       -
PUT    /session/acd-state                           401  401 401 200   403 403    -       -
PUT    /session/language                            401  401 401 200   200 200    -       -
GET    /seat-hours                                  401  401 401 403   200 200    -       -
GET    /sessions                                    401  401 401 403   200 200    -       -
GET    /sessions/{session_id}                       401  401 401 403   200 200    404     404
GET    /sessions/history                            401  401 401 403   200 200    -       -
PUT    /sessions/{session_id}/acd-state             401  401 401 403   200 200    404     404
DELETE /sessions/{session_id}                       401  401 401 403   204 204    404     404
DELETE /sessions                                    401  401 401 403   200 200    -       -
POST   /sign-out                                    401  401 401 204   204 204    -       -
DELETE /desks/{desk_id}                             401  401 401 403   403 204    404     404
DELETE /users/{user_id}                             401  401 401 403   403 204    404     404
GET    /configuration                               401  401 200 401   401 401    -       -
GET    /c/{device_token}                            200  200 200 200   200 200    -       -
POST   /activate                                    200  200 200 200   200 200    -       -
GET    /p/{code}                                    200  200 200 200   200 200    -       -
GET    /activations/{device_id}                     401  401 401 403   403 200    404     404
GET    /activations/{device_id}/instructions        401  401 401 403   403 200    404     404
POST   /activations/{device_id}/instructions        401  401 401 403   403 202    404     404
GET    /activations/{device_id}/qr.png              401  401 401 403   403 200    404     404
GET    /activations/{device_id}/qr.svg              401  401 401 403   403 200    404     404
GET    /activations/{device_id}/trail               401  401 401 403   403 200    404     404
GET    /devices/{device_id}/configuration           401  401 401 403   403 200    404     404
GET    /devices/{device_id}/configuration/difference 401  401 401 403   403 200    404     404
GET    /notifications                               401  401 401 403   403 200    -       -
GET    /notifications/{notification_id}             401  401 401 403   403 200    404     404
POST   /notifications/{notification_id}/resend      401  401 401 403   403 201    404     404
POST   /activations/{device_id}/reissue             401  401 401 403   403 200    404     404
GET    /counts                                      401  401 401 403   403 200    -       -
GET    /providers                                   401  401 401 403   403 200    -       -
POST   /providers                                   401  401 401 403   403 201    -       -
GET    /providers/{provider_id}                     401  401 401 403   403 200    404     404
PATCH  /providers/{provider_id}                     401  401 401 403   403 200    404     404
POST   /providers/{provider_id}/test                401  401 401 403   403 409    404     404
DELETE /providers/{provider_id}                     401  401 401 403   403 204    404     404
POST   /providers/{provider_id}/sip-accounts        401  401 401 403   403 201    404     404
GET    /sip-accounts                                401  401 401 403   403 200    -       -
GET    /sip-accounts/{sip_account_id}               401  401 401 403   403 200    404     404
PATCH  /sip-accounts/{sip_account_id}               401  401 401 403   403 200    404     404
POST   /sip-accounts/{sip_account_id}/dial          401  401 401 403   403 200    404     404
DELETE /sip-accounts/{sip_account_id}               401  401 401 403   403 204    404     404
GET    /contacts                                    401  401 401 403   403 200    -       -
POST   /contacts                                    401  401 401 403   403 201    -       -
GET    /contacts/{contact_id}                       401  401 401 403   403 200    404     404
PATCH  /contacts/{contact_id}                       401  401 401 403   403 200    404     404
POST   /contacts/{contact_id}/devices               401  401 401 403   403 201    404     404
GET    /devices                                     401  401 401 403   403 200    -       -
GET    /devices/{device_id}                         401  401 401 403   403 200    404     404
PATCH  /devices/{device_id}                         401  401 401 403   403 200    404     404
POST   /devices/{device_id}/deactivate              401  401 401 403   403 200    404     404
POST   /devices/{device_id}/reactivate              401  401 401 403   403 200    404     404
DELETE /devices/{device_id}                         401  401 401 403   403 204    404     404
DELETE /contacts/{contact_id}                       401  401 401 403   403 204    404     404
POST   /contacts/{contact_id}/erase                 401  401 401 403   403 202    404     404
GET    /imports                                     401  401 401 403   403 200    -       -
POST   /imports                                     401  401 401 403   403 202    -       -
GET    /imports/{import_id}                         401  401 401 403   403 200    404     404
GET    /imports/{import_id}/refused.csv             401  401 401 403   403 200    404     404
POST   /imports/{import_id}/undo                    401  401 401 403   403 202    404     404
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One route: what each caller gets for an own id, and allowed ones for other ids."""

    method: str
    path: str
    own: dict[str, int]
    foreign: int | None
    missing: int | None

    @property
    def route(self) -> tuple[str, str]:
        """Method and path."""
        return self.method, self.path

    def expected(self, caller: str, whose: str) -> int | None:
        """The status for a caller and `own`, `foreign` or `missing` ids; None: no such case."""
        own = self.own[caller]
        other = {"own": own, "foreign": self.foreign, "missing": self.missing}[whose]
        return own if other and own in NOT_ALLOWED else other


def _row(line: str) -> Row:
    method, named, *statuses = line.split()
    path = named if named.startswith(OUTSIDE) else f"/api/v1{named}"
    *own, foreign, missing = (None if one == "-" else int(one) for one in statuses)
    cells = {caller: status or 0 for caller, status in zip(CALLERS, own, strict=True)}
    return Row(method, path, cells, foreign, missing)


ROWS = tuple(_row(line) for line in TABLE.strip().splitlines()[1:] if line.strip())
