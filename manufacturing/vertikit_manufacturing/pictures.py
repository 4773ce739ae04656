"""The roles that both tasks on pictures of parts share."""

from __future__ import annotations

from vertikit import Group, Id, Image

IMAGE = Image(
    "image",
    help="a picture of a part: a file under --root or beside the table",
    aliases=("file", "filename", "path", "picture", "photo"),
)
PART = Group(
    "part",
    help="the part that a picture is of: no part stands on two sides of the split",
    aliases=("part_id", "serial", "serial_number", "piece", "unit", "lot"),
)
ID = Id("id", help="names a picture; stands beside its answer", aliases=("picture_id", "image_id"))
