"""Every text by which a service may say no to a form, collected from the sources."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from chassis import field_messages
from chassis.web import problems

ROOT = Path(__file__).parents[3]
SERVICES = ("sessions", "provisioning", "activation", "notifier")
SHARED = (
    *(f"chassis/{name}.py" for name in ("decider", "answers", "auth", "command_handler")),
    *(f"chassis/{name}.py" for name in ("idempotency", "uses", "jwks", "field_messages")),
    *(f"chassis/web/{name}.py" for name in ("problems", "request_checks")),
    "schemas/fields.py",
    "services/portal/declined.py",
)
CONSTANTS = ("chassis/field_messages.py", "chassis/web/problems.py", "services/portal/declined.py")
"""Modules that keep what they say apart from where they say it."""
NOT_FOR_PAGES = {
    "services/activation/api/configuration.py": "softphones ask",
    "services/activation/budget.py": "softphones ask",
    "services/activation/domain/softphones.py": "softphones ask",
    "services/activation/fetching.py": "softphones ask",
    "services/activation/renderers/__init__.py": "softphones ask",
    "services/notifier/domain/notification.py": "a reaction is told, and tries again",
    "services/notifier/preparation.py": "a reaction is told, and tries again",
}
_SAYING = {"said", "problem"}


def service_words() -> set[str]:
    """The texts, with gaps where something is put in."""
    found = {text for path in _paths() for text in _texts(path) if text is not None}
    shared = (text for name in CONSTANTS for text in _constants(_tree(ROOT / name)).values())
    remedies = {remedy for _, remedy in problems._HTTP_REMEDIES.values()}
    sentences = {text for text in shared if " " in text and text.endswith(".")}
    return found | set(field_messages._MESSAGES.values()) | remedies | sentences


def untranslatable() -> list[str]:
    """Where a refusal is put together in a way that no catalogue can follow."""
    return [str(path.relative_to(ROOT)) for path in _paths() for text in _texts(path) if not text]


def _paths() -> list[Path]:
    own = [one for name in SERVICES for one in (ROOT / "services" / name).rglob("*.py")]
    unseen = {ROOT / one for one in NOT_FOR_PAGES}
    return sorted({*own, *(ROOT / one for one in SHARED)} - unseen)


def _texts(path: Path) -> Iterator[str | None]:
    """What is said in a module; None for what is said with something in it, but without gaps."""
    tree = _tree(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _refusals() | _SAYING:
            yield from _arguments(node, tree)
        elif isinstance(node, ast.ClassDef) and node.name in _refusals():
            inner = (one for one in ast.walk(node) if isinstance(one, ast.Call))
            for call in inner:
                if ast.unparse(call.func) == "super().__init__":
                    yield from _arguments(call, tree)


def _arguments(call: ast.Call, tree: ast.Module) -> Iterator[str | None]:
    for one in call.args:
        text = _constants(tree).get(one.id) if isinstance(one, ast.Name) else _literal(one)
        if isinstance(one, ast.JoinedStr) and " " in ast.unparse(one):
            yield None
        elif text and " " in text:
            yield text


def _constants(tree: ast.Module) -> dict[str, str]:
    return {
        target.id: text
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and (text := _literal(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _refusals() -> frozenset[str]:
    """The names of all classes of refusals."""
    classes = [
        node
        for folder in ("chassis", "services")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
    ]
    found, before = {"Refused"}, 0
    while len(found) > before:
        before = len(found)
        found |= {one.name for one in classes if found & {_name(base) for base in one.bases}}
    return frozenset(found)
