"""Draws with matplotlib and gives inline SVG whose colours follow the page, light or dark."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from vertikit.run.report.wording import plain

# Colours that nothing else uses; each becomes a variable of the style sheet, so that one drawing
# serves a white and a dark page.
INK, SOFT, RULE, MODEL, OTHER, FAINT = "#010101", "#010102", "#010103", "#010104", "#010105", "#010106"
_VARIABLES = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    RULE: "var(--rule)",
    MODEL: "var(--model)",
    OTHER: "var(--other)",
    FAINT: "var(--faint)",
}

WIDTH = 4.2
"""Inches: 302 points, less than the width of a phone, so that 10-point text has 11 pixels there."""

# Any, because newer versions of matplotlib type the keys as literals and older ones as strings.
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "vertikit",
    "font.size": 10,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "figure.constrained_layout.use": True,
}

PERCENT = FuncFormatter(lambda value, _: f"{100 * value:.3g} %")


def draw(name: str, alt: str, height: float, plot: Callable[[Figure], None]) -> Markup:
    """One picture as an `<svg>` element.

    Args:
        name: prefix of all ids in the drawing, so that several share a page.
        alt: what the picture shows, for those who do not see it.
        height: inches; the width is WIDTH.
        plot: draws into an empty figure.
    """
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, height))
        FigureCanvasSVG(figure)
        plot(figure)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", transparent=True)
    return Markup(_inline(buffer.getvalue(), name, plain(alt)))


def legend_above(axes: Axes, columns: int = 2) -> None:
    """The legend over the plot at the left, where no curve can run into it."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0, handlelength=1.4,
        columnspacing=1.2,
    )  # fmt: skip


def _inline(drawing: bytes, name: str, alt: str) -> str:
    """The drawing without what only a file of its own needs, ids prefixed, colours by variable."""
    root = ElementTree.fromstring(drawing)
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = _local(element.tag)
        attributes = {_local(key): value for key, value in element.attrib.items()}
        for key, value in attributes.items():
            if key == "id":
                value = f"{name}-{value}"
            elif key == "href":
                value = value.replace("#", f"#{name}-", 1)
            elif key in ("style", "clip-path"):
                value = value.replace("url(#", f"url(#{name}-")
                value = re.sub(r"#0101\d\d", lambda found: _VARIABLES[found[0]], value)
            attributes[key] = value
        element.attrib = attributes
    root.attrib = {"viewBox": root.attrib["viewBox"], "class": "plot", "role": "img", "aria-label": alt}
    return ElementTree.tostring(root, encoding="unicode")


def _local(qualified: str) -> str:
    return qualified.rpartition("}")[2]
