"""What schemathesis checks besides the schema: a refusal of fields names them."""

from typing import Any

import schemathesis

ABOUT_NO_FIELD = {"/problems/key-reused"}


@schemathesis.check
def bad_input_names_the_field(_context: Any, response: Any, _case: Any) -> None:
    """A 422 says which fields, and what to enter; every refusal is a problem with a remedy."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    problem = response.json()
    assert response.headers["content-type"][0].startswith("application/problem+json")
    assert len(problem["detail"]) > 10, problem
    if response.status_code == 422 and problem["type"] not in ABOUT_NO_FIELD:
        assert problem["errors"], problem
        assert all(one["field"] and len(one["message"]) > 5 for one in problem["errors"]), problem
