"""Options are read off a factory's signature, whatever form it has."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest

from vertikit.registry import Component
from vertikit.registry.options import options_of, signature_options

if TYPE_CHECKING:
    from torch import Tensor


class Lora:
    """Adapters.

    Args:
        rank: of the update, at least
            one.
        alpha, beta: both of these.
        unused (int): of no parameter.

    More text, alpha: not this.
    """

    def __init__(
        self, *, rank: int = 8, alpha: float = 1.0, beta: Literal["a", "b"] | None = None
    ) -> None: ...


def test_a_class_gives_types_defaults_and_docstring_lines() -> None:
    known = signature_options(Lora).known
    assert {name: (option.hint, option.default) for name, option in known.items()} == {
        "rank": (int, 8),
        "alpha": (float, 1.0),
        "beta": (Literal["a", "b"] | None, None),
    }
    assert known["rank"].help == "of the update, at least one"
    assert known["alpha"].help == known["beta"].help == "both of these"


def test_a_docstring_of_init_counts_too() -> None:
    class Probe:
        def __init__(self, depth: int = 1) -> None:
            """Make one.

            Args:
                depth: how deep.
            """

    assert signature_options(Probe).known["depth"].help == "how deep"


@dataclass
class Record:
    width: int
    share: float = 0.5


def frozen(*, tensor: Tensor | None = None, size: int = 2) -> None: ...


def open_ended(first: int = 1, /, *rest: int, second: int = 2, **more: int) -> None: ...


def test_a_dataclass_has_its_fields_and_a_field_without_default_is_required() -> None:
    known = signature_options(Record).known
    assert (known["width"].required, known["share"].required) == (True, False)
    assert known["width"].hint is int


def test_a_type_imported_for_type_checkers_alone_is_any_and_spoils_no_other() -> None:
    known = signature_options(frozen).known
    assert (known["tensor"].hint, known["size"].hint) == (Any, int)


def test_only_what_can_be_given_by_name_is_an_option() -> None:
    options = signature_options(open_ended)
    assert (list(options.known), options.open_ended) == (["second"], True)


def test_a_partial_and_a_builtin_are_read_as_far_as_they_go() -> None:
    known = signature_options(functools.partial(frozen, size=3)).known
    assert known["size"].default == 3
    assert signature_options(dict).open_ended


@pytest.mark.parametrize(
    ("family", "filled"),
    [("heads", {"width", "labels"}), ("baselines", {"inputs", "seed"}), ("losses", set())],
)
def test_what_the_engine_fills_is_no_option(family: str, filled: set[str]) -> None:
    def factory(width: int, labels: tuple[str, ...], inputs: Any, seed: int, share: float = 0.1) -> None: ...

    known = options_of(Component(family, "x", factory, "s", (), "", "p")).known
    assert set(known) == {"width", "labels", "inputs", "seed", "share"} - filled


def test_a_metric_is_no_factory_and_has_no_options() -> None:
    assert not options_of(Component("metrics", "m", frozen, "s", (), "", "p")).known
