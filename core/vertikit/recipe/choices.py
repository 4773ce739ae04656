"""The components that a recipe names: whether they exist, and whether their options are theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from vertikit.errors import VertikitError, did_you_mean
from vertikit.recipe.merging import CHOICES
from vertikit.recipe.problems import NOT_TRUE, Problem, from_pydantic, shown, takes_truth
from vertikit.registry.component import FAMILIES, Component
from vertikit.registry.loading import Registry
from vertikit.registry.options import Option, Options, options_of
from vertikit.select.choosing import backbone_component
from vertikit.task import Task

LISTS: Mapping[str, str] = {"experts": "experts", "compress.steps": "compressors"}
"""Keys of a recipe that hold several components -> their family."""
BACKBONE = "backbone"
"""The one key whose name may also be a folder or a Hub id."""


def strategy_defaults(merged: Mapping[str, Any], registry: Registry) -> Mapping[str, Any]:
    """The part of a recipe that suits the strategy which the layers name; empty where they name none."""
    value = merged.get("strategy")
    name = value.get("name") if isinstance(value, Mapping) else value
    component = registry.find("strategies", name) if isinstance(name, str) else None
    if component is None:
        return {}
    try:
        defaults = getattr(component.resolve(), "defaults", {})
    except VertikitError:
        return {}  # reported with its key when the choice itself is checked
    return defaults if isinstance(defaults, Mapping) else {}


def choice_options(
    key: str, name: str, registry: Registry, modalities: Collection[str] = ()
) -> dict[str, Option]:
    """The options that a recipe may set for the component of that name under that key."""
    component, fixed = _component(key, name, registry, modalities)
    return {each: option for each, option in options_of(component).known.items() if each not in fixed}


def _component(
    key: str, name: str, registry: Registry, modalities: Collection[str]
) -> tuple[Component, tuple[str, ...]]:
    """The component, and the options of it that its name fills."""
    if key == BACKBONE:
        return backbone_component(name, registry, modalities)
    return registry.get(LISTS.get(key.partition("[")[0]) or CHOICES[key], name), ()


def check_choice(
    key: str, family: str, value: Any, registry: Registry, modalities: Collection[str] = ()
) -> tuple[dict[str, Any], list[Problem], list[str]]:
    """The choice with every option filled in, what is wrong with it, and the dotted keys it could have."""
    names = registry.names(family)
    if value is None:
        return {"name": "-"}, [Problem(key, "is missing.", f"Name one of: {', '.join(names)}.")], []
    choice = {"name": value} if isinstance(value, str) else value
    if not isinstance(choice, Mapping) or not isinstance(choice.get("name"), str) or not choice["name"]:
        name = choice.get("name") if isinstance(choice, Mapping) else value
        what = f"should be the name of a {FAMILIES[family]}, not {shown(name)}."
        return {"name": "-"}, [Problem(key, what, did_you_mean("", names))], []
    name = choice["name"]
    given = {option: each for option, each in choice.items() if option != "name"}
    try:
        component, fixed = _component(key, name, registry, modalities)
        options = options_of(component)
    except VertikitError as error:
        return dict(choice), [Problem(key, error.what, error.do)], []
    known = {each: option for each, option in options.known.items() if each not in fixed}
    options = Options(known, options.open_ended)
    filled, problems = _check_options(f"{key}.", component, options, given)
    if not problems:
        problems = _try(key, component, filled)
    return {"name": name, **filled}, problems, [f"{key}.{option}" for option in known]


def check_choices(key: str, family: str, values: Any, registry: Registry) -> tuple[Any, list[Problem]]:
    """A list of choices, each as `check_choice` gives it; what is no list is left to the model to report."""
    if not isinstance(values, (list, tuple)):
        return values, []
    checked = [check_choice(f"{key}[{at}]", family, each, registry) for at, each in enumerate(values)]
    return [choice for choice, _, _ in checked], [problem for _, found, _ in checked for problem in found]


def _check_options(
    prefix: str, component: Component, options: Options, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    what = f"{FAMILIES[component.family]} {component.name!r}"
    filled: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, option in options.known.items():
        if name in given:
            filled[name], found = _validate(prefix + name, option, given[name])
            problems += found
        elif option.required:
            problems.append(Problem(prefix + name, f"is missing: {what} needs it.", option.help))
        elif _plain(option.default):
            filled[name] = option.default
    for name, value in given.items():
        if name in options.known:
            continue
        if options.open_ended:
            filled[name] = value
        elif options.known:
            do = did_you_mean(str(name), options.known)
            problems.append(Problem(f"{prefix}{name}", f"{what} has no such option.", do))
        else:
            problems.append(Problem(f"{prefix}{name}", f"{what} has no options.", "Leave it out."))
    return filled, problems


def _validate(key: str, option: Option, value: Any) -> tuple[Any, list[Problem]]:
    """The value as its type has it, in the form that YAML keeps."""
    if not takes_truth(option.hint, value):
        return value, [Problem(key, NOT_TRUE.format(shown(value)))]
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(option.hint)
        return adapter.dump_python(adapter.validate_python(value), mode="json"), []
    except ValidationError as error:
        problem = from_pydantic(error)[0]
        return value, [Problem(key, problem.what, problem.do)]
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError):
        return value, []  # a type that pydantic does not know is the component's own to check


def _plain(value: Any) -> bool:
    """Whether YAML holds the value as it is."""
    if isinstance(value, list):
        return all(_plain(each) for each in value)
    return value is None or isinstance(value, (bool, int, float, str))


def _try(key: str, component: Component, options: Mapping[str, Any]) -> list[Problem]:
    """What the component itself says of its options, where it can be built from them alone."""
    if component.family not in ("strategies", "losses", "policies", "experts", "compressors"):
        return []
    try:
        component.resolve()(**options)
    except ValueError as error:
        return [Problem(key, f"{FAMILIES[component.family]} {component.name!r} refuses: {error}.")]
    except VertikitError as error:
        # A component may name the key itself: "strategy.rank: 0 is below 1."
        at, colon, rest = error.what.partition(": ")
        inside = colon and at.startswith(f"{key}.") and " " not in at
        return [Problem(at if inside else key, rest if inside else error.what, error.do)]
    return []


def check_names(task: Task, merged: Mapping[str, Any], registry: Registry) -> list[Problem]:
    """The components that are named without options: split, metrics, baselines, blend, the protocol's."""
    split = merged.get("split")
    split = split.get("name", "auto") if isinstance(split, Mapping) else split
    named: list[tuple[str, str, Any]] = (
        [("split.name", "splits", split)] if split not in (None, "auto") else []
    )
    named += [("primary", "metrics", merged.get("primary") or task.protocol.primary)]
    baselines = merged.get("baselines")
    chosen = task.protocol.baselines if baselines is None else baselines
    if isinstance(chosen, (list, tuple)):
        named += [(f"baselines[{at}]", "baselines", each) for at, each in enumerate(chosen)]
    further = merged.get("metrics")
    if isinstance(further, (list, tuple)):
        named += [(f"metrics[{at}]", "metrics", each) for at, each in enumerate(further)]
    named += [("blend", "baselines", merged.get("blend"))]
    pictures = merged.get("pictures")
    if isinstance(pictures, Mapping):
        named += [("pictures.explain", "explainers", pictures.get("explain"))]
    named += [(f"protocol of {task.name}", "metrics", each) for each in task.protocol.metrics]
    beside = (task.protocol.experts_alone, task.protocol.shortcut)
    named += [(f"protocol of {task.name}", "baselines", each or None) for each in beside]
    problems = []
    for key, family, name in named:
        if not isinstance(name, str):
            continue  # of the wrong type, which the model reports
        try:
            registry.get(family, name).require()
        except VertikitError as error:
            problems.append(Problem(key, error.what, error.do))
    return problems
