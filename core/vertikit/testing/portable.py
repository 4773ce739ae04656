"""What `vertikit.contracts.Portable` promises of its files: that they run where neither the kit nor torch is."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

from vertikit.contracts import Portable
from vertikit.testing.check import Failed

ALLOWED = {"numpy", "tokenizers"}


def check_imports(portable: Portable) -> None:
    """`Failed` where a file imports more than the standard library, numpy, tokenizers, each other, and what `packages`
    names; what is imported for type checkers alone does not count."""
    allowed = sys.stdlib_module_names | ALLOWED | {each.replace("-", "_") for each in portable.packages}
    for name in portable.modules:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise Failed(f"there is no module {name!r}")
        for wanted in _imports(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
            own = any(wanted == each or wanted.startswith(f"{each}.") for each in portable.modules)
            if not own and wanted.partition(".")[0] not in allowed:
                raise Failed(f"{name} imports {wanted}, which is not there outside the kit")


def _imports(tree: ast.AST) -> list[str]:
    """The names of the modules that are imported when it runs."""
    found: list[str] = []
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Import(names=names):
                found += [each.name for each in names]
            case ast.ImportFrom(module=str(module), level=0):
                found.append(module)
        found += _imports(node)
    return found
