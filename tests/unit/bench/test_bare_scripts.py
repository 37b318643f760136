"""Bare scripts do the work without our code, else a ratio would compare us with ourselves."""

import ast
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "bench"
SCRIPTS = sorted((BENCH / "bare").glob("*.py"))
OURS = {"chassis", "schemas", "services", "switchboard"}


def test_there_are_bare_scripts() -> None:
    assert len(SCRIPTS) > 3


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_bare_script_imports_nothing_of_ours(script: Path) -> None:
    imported = {name for node in ast.walk(ast.parse(script.read_text())) for name in _names(node)}
    assert not {name for name in imported if name.split(".")[0] in OURS}
    ours_of_bench = {name for name in imported if name.split(".")[0] == "bench"}
    assert all(name.startswith("bench.bare") for name in ours_of_bench)


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_the_readme_names_every_measurement() -> None:
    main = (BENCH / "__main__.py").read_text()
    names = [
        line.split('"')[1] for line in main.splitlines() if line.endswith((".measure,", "_mongo,"))
    ]
    readme = (BENCH / "README.md").read_text()
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in readme] == []
