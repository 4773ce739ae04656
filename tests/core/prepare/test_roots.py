"""Files that rows name: found under a root, and nowhere else."""

from __future__ import annotations

import io
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

import numpy as np
import pytest

from vertikit import UsageError
from vertikit.examples import Examples
from vertikit.prepare.roots import Place, Root, roots_of


@pytest.fixture
def archives(tmp_path):
    """The same 50 files in a folder and in archives of every kind."""
    folder = tmp_path / "files"
    (folder / "in").mkdir(parents=True)
    for at in range(50):
        (folder / "in" / f"{at}.bin").write_bytes(bytes([at]) * 1000)
    made = [folder]
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.rglob("*.bin"):
            file.write(path, path.relative_to(folder))
    for kind in ("", ":gz", ":bz2", ":xz"):
        with tarfile.open(tmp_path / f"a{kind[1:]}.tar", f"w{kind}") as file:
            file.add(folder, arcname=".")
        made.append(tmp_path / f"a{kind[1:]}.tar")
    return [*made, tmp_path / "a.zip"]


def test_a_file_is_found_in_a_folder_and_in_archives_by_several_threads_at_a_time(archives):
    for place in archives:
        root = Root(place)

        def read(at, root=root):
            name, file = root.open(f"in/{at}.bin")
            with file:
                return PurePosixPath(name).name, file.read()

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(read, range(50)))
        assert found == [(f"{at}.bin", bytes([at]) * 1000) for at in range(50)]


def test_an_archive_below_a_folder_is_opened_where_a_name_leads_into_it(archives):
    _, file = Root(archives[0].parent).open("a.zip/in/3.bin")
    assert file.read(1) == b"\x03"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "in/../../secret", "C:\\x", "..\\secret"])
def test_a_name_that_leads_out_of_the_root_is_refused(archives, tmp_path, name):
    (tmp_path / "secret").write_text("x")
    for place in archives:
        with pytest.raises(ValueError, match="leads out of the root"):
            Root(place).open(name)


def test_a_link_out_of_the_root_is_refused_and_one_in_a_tar_is_no_file(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="leads out"):
        Root(folder).open("link")
    with tarfile.open(tmp_path / "l.tar", "w") as file:
        file.add(folder / "link", arcname="link")
    with pytest.raises(ValueError, match="is not in the archive"):
        Root(tmp_path / "l.tar").open("link")


def test_a_member_that_leads_out_cannot_be_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as file:
        file.writestr("../evil.png", b"x")
    with pytest.raises(ValueError, match="leads out"):
        Root(tmp_path / "evil.zip").open("../evil.png")


def test_a_bomb_is_refused_by_what_it_claims(tmp_path, monkeypatch):
    monkeypatch.setattr("vertikit.prepare.roots.MOST_BYTES", 10_000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("big.png", b"\x00" * 1_000_000)
    with pytest.raises(ValueError, match="has more than 10,000 bytes"):
        Root(tmp_path / "bomb.zip").open("big.png")
    monkeypatch.setattr("vertikit.prepare.archives.MOST_UNZIPPED", 10_000)
    with tarfile.open(tmp_path / "bomb.tar.gz", "w:gz") as file:
        info = tarfile.TarInfo("big.png")
        info.size = 5_000_000
        file.addfile(info, io.BytesIO(b"\x00" * info.size))
    with pytest.raises(UsageError, match="neither a folder nor an archive"):
        Root(tmp_path / "bomb.tar.gz")


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"no archive")
    with pytest.raises(UsageError, match="neither a folder nor an archive"):
        Root(tmp_path / "x.zip")
    with pytest.raises(UsageError, match="no such folder or archive"):
        Root(tmp_path / "gone")


def test_each_source_has_its_own_root_and_one_that_is_named_stands_for_those_of_tables(tmp_path):
    for name in ("own", "beside", "named"):
        (tmp_path / name).mkdir()
    places = {
        "pictures": Place(str(tmp_path / "own"), own=True),
        "table.csv": Place(str(tmp_path / "beside")),
    }
    sources = np.array(["pictures", "table.csv", "memory"], object)
    examples = Examples(table=None, rows=np.arange(3), source=sources, part=sources)  # type: ignore[arg-type]
    plain, named = roots_of("", places, examples), roots_of(str(tmp_path / "named"), places, examples)
    assert [plain(0).place.name, plain(1).place.name] == ["own", "beside"]
    assert [named(at).place.name for at in range(3)] == ["own", "named", "named"]
    with pytest.raises(UsageError, match="not said where these lie"):
        plain(2)
