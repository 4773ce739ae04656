"""The page on all hooks, made from their specifications."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any

from vertikit.registry.contract import CONTRACT, Contract, shown

HEAD = """# Hooks

Made from `core/vertikit/hookspecs.py` by `vertikit plugins hooks`; [plugins.md](plugins.md) tells how to begin. What a
component has to do is in [contracts](../core/vertikit/contracts/__init__.py).

`register(name, factory, *, summary, requires=(), install="")`: `name` is explicit and unique within its family;
`factory` is a callable or an `"import.path:Name"`, imported at first use; `summary` is one sentence; `requires` names
the distributions that it needs, `install` what to type where they are missing. A name that is taken is an error that
names both plugins, and the later one is rolled back whole; ours load first, the others by name.
"""


def reference(contract: Contract = CONTRACT) -> str:
    """Markdown: a section a hook, in the order of the specifications, then what changed by version."""
    parts = [HEAD, *(_section(name, hook) for name, hook in hooks(contract))]
    parts.append(
        f"## Versions\n\nThis is version {shown(contract.version)}; plugins may be built for {shown(contract.oldest)} "
        "on.\n"
    )
    parts.append("".join(f"- {shown(each.version)}: {each.what}.\n" for each in reversed(contract.changes)))
    going = [contract.deprecated(name) or contract.gone(name) for name in sorted(contract.retired)]
    parts += ["".join(f"- {line}.\n" for line in going)] if going else []
    return "\n".join(parts)


def hooks(contract: Contract = CONTRACT) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each hook by name."""
    for name, each in vars(contract.specs).items():
        if hasattr(each, "vertikit_spec"):
            yield name, each


def _section(name: str, hook: Callable[..., Any]) -> str:
    said, _, example = dedent_doc(hook).partition("\n\n")
    parameters = ", ".join(inspect.signature(hook).parameters)
    return f"## {name}\n\n`{name}({parameters})`. {said}\n\n```python\n{example.strip()}\n```\n"


def dedent_doc(hook: Callable[..., Any]) -> str:
    """The docstring with its first line beside the others."""
    first, _, rest = (hook.__doc__ or "").partition("\n")
    return f"{first.strip()}\n{dedent(rest)}".strip()
