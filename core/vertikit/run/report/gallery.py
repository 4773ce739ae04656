"""Pictures of the test part, with what the model made of them and where it looked."""

from __future__ import annotations

from base64 import b64encode

from markupsafe import Markup

from vertikit.run.pictures import Shown, read_pictures
from vertikit.run.report.page import Block, Gallery, Picture, Section, Words
from vertikit.run.report.reading import RunFiles


def gallery(run: RunFiles) -> Section | None:
    """A contact sheet a heading; nothing where the run shows no pictures, and why, where that is by choice."""
    shown = read_pictures(run.folder)
    notes = [str(note) for note in run.metrics.get("pictures", {}).get("notes", ())]
    if not shown and not notes:
        return None
    blocks: list[Block] = [Words(note) for note in notes]
    for part in dict.fromkeys(each.part for each in shown):
        own = tuple(_figure(each) for each in shown if each.part == part)
        blocks.append(Gallery(part, own))
    return Section("pictures", "What it saw", blocks, "Pictures")


def _figure(shown: Shown) -> Picture:
    data = b64encode(shown.png).decode("ascii")
    image = Markup('<img loading="lazy" alt="{}" src="data:image/png;base64,{}">').format(shown.caption, data)
    return Picture(image, shown.caption)
