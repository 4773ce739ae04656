"""A loader of rows whose cells stand apart by a bar, after a line of names."""

from __future__ import annotations

from pathlib import Path

from vertikit import VertikitError
from vertikit.contracts import Loaded
from vertikit.prepare.row_file import row_schema, string_batches, write_rows


def write(folder, rows):
    lines = ["|".join(rows[0]), *("|".join(row.values()) for row in rows)]
    (folder / "rows.bars").write_text("\n".join(lines), encoding="utf-8")
    return str(folder / "rows.bars")


class Sound:
    def reads(self, source):
        return source.endswith(".bars")

    def lines(self, source):
        try:
            text = Path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise VertikitError(f"{source} cannot be read.", "Check it.") from error
        return [line.split("|") for line in text.splitlines()]

    def load(self, source, folder):
        names, *rows = self.lines(source)
        path = folder / "rows.arrow"
        write_rows(path, row_schema(names), string_batches(names, enumerate(rows, 1)))
        return Loaded(path, tuple(names))

    def outline(self, source):
        names, *rows = self.lines(source)
        return tuple(names), len(rows)

    def rows(self, source, start, stop, size):
        names, *rows = self.lines(source)
        for at in range(start, stop, size):
            part = rows[at : min(at + size, stop)]
            yield from string_batches(names, enumerate(part, at + 1))


class Greedy(Sound):
    def reads(self, source):
        return True


class Losing(Sound):
    def lines(self, source):
        return super().lines(source)[:-1]


class Raw(Sound):
    def lines(self, source):
        return [line.split("|") for line in Path(source).read_text(encoding="utf-8").splitlines()]


class Shifted(Sound):
    def rows(self, source, start, stop, size):
        return super().rows(source, start + 1, stop + 1, size)


SOUND = Sound
EXAMPLE = write
BROKEN = {"reads": Greedy, "rows": Losing, "not there": Raw, "damaged": Raw, "ranges": Shifted}
