"""What the conformance kit tries our components with, and which checks of it they do not pass by design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Rows = Sequence[Mapping[str, str]]
SMALL = {"size": 32}
"""Sides of pictures that the large networks take in a moment."""


def write_csv(folder: Path, rows: Rows) -> str:
    """Rows as a CSV file."""
    import csv

    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def write_jsonl(folder: Path, rows: Rows) -> str:
    """Rows as JSON lines."""
    import json

    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def write_parquet(folder: Path, rows: Rows) -> str:
    """Rows as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), folder / "rows.parquet")
    return str(folder / "rows.parquet")


def write_sql(folder: Path, rows: Rows) -> str:
    """Rows as a table of SQLite."""
    import sqlite3
    from contextlib import closing

    names = list(rows[0])
    with closing(sqlite3.connect(folder / "rows.db")) as database, database:
        database.execute(f"CREATE TABLE kept ({', '.join(f'{name} TEXT' for name in names)})")
        marks = ", ".join("?" for _ in names)
        database.executemany(
            f"INSERT INTO kept VALUES ({marks})", [[row[name] for name in names] for row in rows]
        )
    return f"sqlite:///{folder / 'rows.db'}#kept"


def write_npy(folder: Path, values: NDArray[np.float64], rate: int) -> Path:
    """Readings as an array; it says no rate."""
    import numpy as np

    del rate
    np.save(folder / "pump.npy", values)
    return folder / "pump.npy"


def write_wav(folder: Path, values: NDArray[np.float64], rate: int) -> Path:
    """Readings as sound of 16 bits."""
    import numpy as np
    from scipy.io import wavfile

    wavfile.write(folder / "pump.wav", rate, (values * 32767).astype(np.int16))
    return folder / "pump.wav"


def write_png(folder: Path, pixels: NDArray[np.uint8]) -> Path:
    """Pixels as a PNG."""
    from PIL import Image

    Image.fromarray(pixels).save(folder / "film.png")
    return folder / "film.png"


def write_array(folder: Path, pixels: NDArray[np.uint8]) -> Path:
    """Pixels as an array."""
    import numpy as np

    np.save(folder / "film.npy", pixels)
    return folder / "film.npy"


def write_nifti(folder: Path, pixels: NDArray[np.uint8]) -> Path:
    """Pixels as a volume of one slice, whose axes run to the right, to the front and up."""
    import nibabel
    import numpy as np

    nibabel.save(nibabel.Nifti1Image(pixels.T[::-1, ::-1, None], np.eye(4)), folder / "film.nii")
    return folder / "film.nii"


def write_dicom(folder: Path, pixels: NDArray[np.uint8]) -> Path:
    """Pixels as a film of eight bits."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    about = FileMetaDataset()
    about.TransferSyntaxUID = ExplicitVRLittleEndian
    about.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    about.MediaStorageSOPInstanceUID = generate_uid()
    film = FileDataset(str(folder / "film.dcm"), {}, file_meta=about, preamble=b"\0" * 128)
    film.SOPClassUID, film.SOPInstanceUID = about.MediaStorageSOPClassUID, about.MediaStorageSOPInstanceUID
    film.Rows, film.Columns = pixels.shape
    film.SamplesPerPixel, film.PhotometricInterpretation = 1, "MONOCHROME2"
    film.BitsAllocated = film.BitsStored = 8
    film.HighBit, film.PixelRepresentation = 7, 0
    film.PixelData = pixels.tobytes()
    film.save_as(folder / "film.dcm")
    return folder / "film.dcm"


def small_bert(folder: Path) -> dict[str, Any]:
    """A BERT of two layers in a folder, and its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{each}" for each in letters)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt"), model_max_length=32).save_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
            max_position_embeddings=32,
        )  # fmt: skip
        BertModel(config).save_pretrained(folder)
    return {"source": str(folder)}


def small_vit(folder: Path) -> dict[str, Any]:
    """A ViT of two layers in a folder."""
    import torch
    from transformers import ViTConfig, ViTImageProcessor, ViTModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = ViTConfig(
            hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=32,
            patch_size=8,
        )  # fmt: skip
        ViTModel(config).save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return {"source": str(folder)}


def two_rules(folder: Path) -> dict[str, Any]:
    """Rules on the kit's own table, as features and as bounds."""
    text = """
rules:
  - {name: high, when: level > 3, then: found, at_least: 0.8}
  - {name: dear and odd, when: amount > 50 AND kind = 'k2', then: found, at_most: 0.4}
"""
    (folder / "rules.yaml").write_text(text, encoding="utf-8")
    return {"file": str(folder / "rules.yaml"), "use": ["features", "constraint"]}


EXAMPLES: Mapping[str, Any] = {
    "loaders/csv": write_csv,
    "loaders/jsonl": write_jsonl,
    "loaders/parquet": write_parquet,
    "loaders/sql": write_sql,
    "recordings/npy": write_npy,
    "recordings/wav": write_wav,
    "pictures/raster": write_png,
    "pictures/array": write_array,
    "pictures/nifti": write_nifti,
    "pictures/dicom": write_dicom,
    "backbones/transformer": small_bert,
    "backbones/image-transformer": small_vit,
    "backbones/torchvision": {"model": "resnet18", **SMALL},
    **{
        f"backbones/{name}": SMALL
        for name in (
            "resnet18", "resnet50", "wide-resnet50", "mobilenet-v2", "densenet121", "efficientnet-b0", "filter-bank",
            "picture-cnn",
        )
    },
    "losses/cost-sensitive": {"amount": "amount"},
    "experts/rules": two_rules,
}  # fmt: skip

WAIVERS: Mapping[str, str] = {
    "losses/none: direction": "it is for heads that are fitted, and says nothing of an answer",
    "losses/none: gradient": "it is for heads that are fitted, which have none",
    "splits/blocks: groups": "it is for rows in an order alone; where there are groups, tasks name another first",
    "splits/time: groups": "a card lives on both sides of a cut in time, as the trade meets it (Group.crosses_time)",
    "splits/unseen: further tests": "that test holds new rows of groups that training knows (Group.known_in)",
}
