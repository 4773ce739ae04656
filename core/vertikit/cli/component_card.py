"""What a component is: who brings it, its options, and for a backbone what its weights say."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import click

from vertikit.cli.printing import entries, heading, paragraph, print_json
from vertikit.errors import VertikitError
from vertikit.registry import FAMILIES, Component, Registry
from vertikit.registry.options import Option, options_of

if TYPE_CHECKING:
    from vertikit.contracts import BackboneInfo


def show_component(component: Component, known: Registry) -> None:
    """Print the card."""
    heading(f"{component.name}  ({FAMILIES[component.family]})")
    paragraph(f"{component.summary}.")
    rows = [("plugin", _plugin(component, known))]
    if component.requires:
        missing = f"; missing, type: {component.installing}" if component.missing() else ""
        rows.append(("needs", ", ".join(component.requires) + missing))
    options, problem = _options(component)
    if component.family == "backbones" and not any(option.required for option in options):
        info, problem = _info(component.name, known)
        rows += _info_rows(info) if info is not None else []
    if component.family == "metrics":
        rows += _metric_rows(component)
    if problem:
        rows.append(("not usable here", problem))
    entries(rows)
    if options:
        click.echo()
        heading("Options")
        entries([(option.name, _told(option)) for option in options])
    example = _example(component, options)
    if example:
        click.echo()
        paragraph(f"To use it: {example}")


def show_folder(name: str, known: Registry, as_json: bool) -> None:
    """Print what the encoder in a local folder is; VertikitError where it holds none."""
    from vertikit.recipe.model import Choice
    from vertikit.select.choosing import choose_backbone

    info = choose_backbone(Choice(name=name), known).info()
    if as_json:
        print_json({"name": name, "kind": "backbone", "info": asdict(info)})
        return
    heading(f"{name}  (backbone in a local folder)")
    entries(_info_rows(info))
    click.echo()
    paragraph(f"To use it: --set backbone={name}")


def component_json(component: Component, known: Registry) -> dict[str, Any]:
    """The card as data."""
    options, problem = _options(component)
    card: dict[str, Any] = {
        "name": component.name,
        "kind": FAMILIES[component.family],
        "plugin": component.plugin,
        "summary": component.summary,
        "requires": list(component.requires),
        "missing": list(component.missing()),
        "options": [
            {
                "name": option.name,
                "type": _type(option.hint),
                "required": option.required,
                "default": None if option.required else option.default,
                "help": option.help,
            }
            for option in options
        ],
    }
    if component.family == "backbones" and not any(option.required for option in options):
        info, problem = _info(component.name, known)
        card["info"] = None if info is None else asdict(info)
    if component.family == "metrics":
        card.update(dict(_metric_rows(component)))
    if problem:
        card["problem"] = problem
    return card


def _plugin(component: Component, known: Registry) -> str:
    record = next((each for each in known.plugins if each.name == component.plugin), None)
    return component.plugin if record is None else f"{record.name} ({record.distribution} {record.version})"


def _options(component: Component) -> tuple[list[Option], str]:
    try:
        return list(options_of(component).known.values()), ""
    except VertikitError as error:
        return [], f"{error.what} {error.do}"


def _info(name: str, known: Registry) -> tuple[BackboneInfo | None, str]:
    from vertikit.recipe.model import Choice
    from vertikit.select.choosing import choose_backbone

    try:
        return choose_backbone(Choice(name=name), known).info(), ""
    except VertikitError as error:
        return None, f"{error.what} {error.do}"


def _info_rows(info: BackboneInfo) -> list[tuple[str, str]]:
    return [
        ("reads", info.modality),
        ("parameters", f"{info.parameters:,}{'' if info.pretrained else ', not pretrained'}"),
        ("width", f"{info.width:,}"),
        ("licence", info.licence),
        ("languages", ", ".join(info.languages) or "not stated"),
        ("maximal length", f"{info.max_length:,} tokens in a window"),
        ("layers", f"{info.layers}, adapters on {', '.join(info.adapter_targets) or 'none'}"),
        ("weights", f"{info.source}, sha256 {info.sha256}"),
    ]


def _metric_rows(component: Component) -> list[tuple[str, str]]:
    try:
        metric = component.resolve()
    except VertikitError:
        return []
    aim = getattr(metric, "aim", None)
    side = "higher" if getattr(metric, "higher_is_better", True) else "lower"
    lower, upper = getattr(metric, "lower", 0.0), getattr(metric, "upper", 1.0)
    return [
        ("better", side if aim is None else f"the nearer to {aim:g}"),
        ("range", f"{lower:g} to {upper:g}"),
    ]


def _told(option: Option) -> str:
    kind = _type(option.hint)
    default = "required" if option.required else f"default {_value(option)}"
    return ". ".join(part for part in (f"{kind}, {default}" if kind else default, option.help) if part)


def _value(option: Option) -> str:
    from vertikit.recipe.dialect import write_inline

    return write_inline(option.default) if _is_plain(option.default) else repr(option.default)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _type(hint: Any) -> str:
    if hint is Any:
        return ""
    if hint is type(None):
        return "nothing"
    name = getattr(hint, "__name__", "")
    if name == "Literal":
        return " or ".join(str(each) for each in get_args(hint))
    if name in ("Optional", "Union", "UnionType") or type(hint).__name__ == "UnionType":
        return " or ".join(_type(each) for each in get_args(hint))
    plain = {"int": "whole number", "float": "number", "str": "text", "bool": "true or false"}
    return plain.get(name) or inspect.formatannotation(hint).replace("typing.", "")


def _example(component: Component, options: list[Option]) -> str:
    from vertikit.recipe.merging import CHOICES
    from vertikit.select.choosing import SOURCE

    word = FAMILIES[component.family]
    if word not in CHOICES:
        return ""
    if any(option.required and option.name == SOURCE for option in options):
        return f"--set {word}=FOLDER, or --set {word}=owner/name for one of the Hub"
    telling = [option for option in options if not option.required and option.default is not None]
    setting = f" --set {word}.{telling[0].name}={_value(telling[0])}" if telling else ""
    return f"--set {word}={component.name}{setting}"
