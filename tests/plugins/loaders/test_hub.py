from __future__ import annotations

import datasets
import pytest

from tests.plugins.loaders.reading import rows_of
from vertikit import UsageError, VertikitError
from vertikit_plugins.loaders.hub import HubLoader, HubSource, parse_source


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text("text,disease\nfever,flu\ncough,cold\n")
    (tmp_path / "data" / "test.csv").write_text("text,disease\nrash,acne\n")
    return tmp_path / "data"


@pytest.fixture
def load(tmp_path):
    def load(source):
        (tmp_path / "rows").mkdir()
        return HubLoader().load(source, tmp_path / "rows")

    return load


@pytest.mark.parametrize(
    ("source", "parsed"),
    [
        ("hf://owner/name", HubSource("owner/name")),
        ("hf://owner/name/test", HubSource("owner/name", "test")),
        ("hf://owner/name/test@v1", HubSource("owner/name", "test", "v1")),
        ("hf://owner/name@main", HubSource("owner/name", "", "main")),
        ("hf:///home/me/data", HubSource("/home/me/data")),
        ("hf:///home/me/data@test", HubSource("/home/me/data", "test")),
    ],
)
def test_a_source_names_data_set_split_and_revision(source, parsed):
    assert parse_source(source) == parsed


@pytest.mark.parametrize("source", ["hf://", "hf://owner", "hf://a/b/c/d", "hf://owner//x"])
def test_a_source_of_another_form_is_refused(source):
    with pytest.raises(UsageError, match="names no data set"):
        parse_source(source)


def test_a_local_data_set_is_read_by_datasets_without_the_network(load, folder):
    loaded = load(f"hf://{folder}")
    assert loaded.columns == ("text", "disease")
    assert [row["text"] for row in rows_of(loaded)] == ["fever", "cough"]


def test_a_split_is_chosen_by_name(load, folder):
    assert [row["text"] for row in rows_of(load(f"hf://{folder}@test"))] == ["rash"]


def test_an_unknown_split_is_refused_with_the_known_ones(load, folder):
    with pytest.raises(UsageError, match="no split 'tset'") as error:
        load(f"hf://{folder}@tset")
    assert "'test'" in error.value.do


def test_a_folder_that_save_to_disk_wrote_is_read_with_class_names(load, tmp_path):
    features = datasets.Features(
        {"text": datasets.Value("string"), "y": datasets.ClassLabel(names=["flu", "cold"])}
    )
    data = datasets.Dataset.from_dict(
        {"text": ["fever", "cough", "rash"], "y": [1, 0, None]}, features=features
    )
    data.save_to_disk(tmp_path / "saved")
    assert [row["y"] for row in rows_of(load(f"hf://{tmp_path}/saved"))] == ["cold", "flu", None]


def test_without_a_connection_one_line_says_what_to_do(load):
    with pytest.raises(VertikitError, match="cannot be had from the Hugging Face Hub") as error:
        load("hf://owner/name")
    assert "hf download" in error.value.do


def test_a_folder_without_a_data_set_is_refused(load, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(VertikitError, match="finds no data set"):
        load(f"hf://{tmp_path}/empty")


def test_a_folder_that_does_not_exist_is_refused(load, tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        load(f"hf://{tmp_path}/nowhere")
