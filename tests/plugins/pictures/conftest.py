"""A reader asked as the engine asks it."""

from __future__ import annotations

import io

import pytest


@pytest.fixture
def ask():
    def ask(reader, content, frames=None, side=None):
        file = io.BytesIO(content)
        outline = reader.outline(file)
        return outline, reader.read(file, range(outline.frames) if frames is None else frames, side)

    return ask
