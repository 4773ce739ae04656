"""Registers the building blocks. Nothing heavy is imported here."""

from __future__ import annotations

from typing import Any

from vertikit import hookimpl
from vertikit.hookspecs import Register
from vertikit_plugins.conformance import EXAMPLES as vertikit_examples  # noqa: N811 -- as the kit asks for it
from vertikit_plugins.conformance import WAIVERS as conformance_waivers  # noqa: N811
from vertikit_plugins.judges import (
    register_baselines,
    register_explainers,
    register_losses,
    register_metrics,
    register_policies,
    register_splits,
)

__all__ = [
    "conformance_waivers",
    "register_backbones",
    "register_baselines",
    "register_compressors",
    "register_experts",
    "register_explainers",
    "register_exporters",
    "register_heads",
    "register_loaders",
    "register_losses",
    "register_metrics",
    "register_pictures",
    "register_policies",
    "register_recordings",
    "register_splits",
    "register_strategies",
    "vertikit_examples",
]

ROOT = "vertikit_plugins"
MEDICAL = "pip install vertikit[medical]"
PICTURES = "pip install vertikit[pictures]"


@hookimpl
def register_loaders(register: Register) -> None:
    register("csv", f"{ROOT}.loaders.csv:CsvLoader", summary="CSV and TSV files, plain or gzipped")
    register("jsonl", f"{ROOT}.loaders.jsonl:JsonLinesLoader", summary="JSON lines, plain or gzipped")
    register(
        "pictures",
        f"{ROOT}.loaders.pictures:PictureLoader",
        summary="pictures: a folder or archive with a folder a class, and stacks of arrays (.npz#part)",
    )
    register("parquet", f"{ROOT}.loaders.parquet:ParquetLoader", summary="Parquet files")
    register(
        "hub", f"{ROOT}.loaders.hub:HubLoader", summary="data sets of the Hugging Face Hub: hf://owner/name"
    )
    register(
        "sql",
        f"{ROOT}.loaders.sql:SqlLoader",
        summary="tables of databases, by any URL of SQLAlchemy: sqlite:///bank.db#TABLE",
        requires="sqlalchemy",
        install="pip install vertikit[finance]",
    )


@hookimpl
def register_recordings(register: Register) -> None:
    register(
        "npy", f"{ROOT}.recordings.npy:Npy", summary="arrays of NumPy (.npy, and .npz as an archive of them)"
    )
    register("wav", f"{ROOT}.recordings.wav:Wav", summary="sound (.wav)")


@hookimpl
def register_compressors(register: Register) -> None:
    where, install = f"{ROOT}.compressors", "pip install vertikit[compress]"
    graph: dict[str, Any] = {"requires": ("onnx", "onnxruntime", "onnxscript"), "install": install}
    register(
        "trim", f"{where}.trim:Trim", summary="the vocabulary of a text encoder, to what training has seen"
    )
    register("layers", f"{where}.layers:Layers", summary="the layers nearest to the output are cut off")
    register(
        "prune", f"{where}.prune:Prune", summary="attention heads, units and filters that say least are taken out",
        requires="torch-pruning", install=install,
    )  # fmt: skip
    register("lowrank", f"{where}.lowrank:LowRank", summary="matrices as products of two thin ones")
    register("onnx", f"{where}.onnx:Onnx", summary="the same encoder, run by onnxruntime", **graph)
    register(
        "int8", f"{where}.int8:Int8", summary="weights and arithmetic of eight bits, by onnxruntime", **graph
    )


@hookimpl
def register_exporters(register: Register) -> None:
    register(
        "onnx", f"{ROOT}.exporters.onnx_graph:OnnxGraph", summary="a graph of ONNX, for onnxruntime and others",
        requires=("onnx", "onnxruntime", "onnxscript"), install="pip install vertikit[export]",
    )  # fmt: skip
    register(
        "torch", f"{ROOT}.exporters.torch_program:TorchProgram", summary="a program of torch.export (.pt2)"
    )


@hookimpl
def register_backbones(register: Register) -> None:
    register(
        "minilm",
        f"{ROOT}.backbones.minilm:source",
        summary="all-MiniLM-L6-v2, English sentences, 22.7 M parameters, width 384",
    )
    register(
        "transformer",
        f"{ROOT}.backbones.transformer:source",
        summary="any Transformers text encoder: a local folder or a Hub id",
    )
    register(
        "ngrams",
        f"{ROOT}.backbones.ngrams:source",
        summary="hashed n-grams of words and letters under a dense layer, untrained: the smallest student",
    )

    register(
        "tabm",
        f"{ROOT}.backbones.table:tabm",
        summary="rows of a table: an ensemble of small networks that share most weights (TabM)",
        requires=("tabm", "rtdl_num_embeddings"),
        install="pip install vertikit[finance]",
    )
    register(
        "mlp",
        f"{ROOT}.backbones.table:mlp",
        summary="rows of a table: dense layers over piecewise-linear embeddings",
        requires=("rtdl_num_embeddings",),
        install="pip install vertikit[finance]",
    )

    where = f"{ROOT}.backbones.series"
    register(
        "resnet1d", f"{where}:resnet1d", summary="windows of sensors: residual convolutions over time (CNN)"
    )
    register("gru", f"{where}:gru", summary="windows of sensors: a gated recurrent network (RNN)")
    register(
        "patchtst", f"{where}:patchtst", summary="windows of sensors: a Transformer over patches (PatchTST)"
    )

    where = f"{ROOT}.backbones.forecasters"
    register(
        "dlinear", f"{where}:dlinear", summary="forecasts: trend and remainder of the past, linear (DLinear)"
    )
    register("forecast-gru", f"{where}:gru", summary="forecasts: a gated recurrent network over all readings")
    register(
        "foundation-forecaster",
        f"{ROOT}.backbones.foundation_forecaster:source",
        summary="forecasts: any pretrained forecasting model of Transformers: a local folder or a Hub id",
    )
    register(
        "forecast-patchtst", f"{where}:patchtst", summary="forecasts: a Transformer over patches (PatchTST)"
    )

    register(
        "image-transformer",
        f"{ROOT}.backbones.pictures.transformer:source",
        summary="pictures: any Transformers image encoder: a local folder or a Hub id",
        requires="torchvision",
        install=PICTURES,
    )
    register(
        "picture-cnn",
        f"{ROOT}.backbones.pictures.residual:source",
        summary="pictures: a small residual network without weights, trained on your own alone",
        requires="torchvision",
        install=PICTURES,
    )
    register(
        "filter-bank",
        f"{ROOT}.backbones.pictures.filters:source",
        summary="pictures: derivatives of Gaussians at several scales, which need neither weights nor training",
        requires="torchvision",
        install=PICTURES,
    )
    where = f"{ROOT}.backbones.pictures.torchvision_models"
    register(
        "torchvision",
        f"{where}:source",
        summary="pictures: any model of torchvision by name, with weights from a file, from torchvision, or none",
        requires="torchvision",
        install=PICTURES,
    )
    for name, factory, told in (
        ("resnet18", "resnet18", "11 M parameters, width 512"),
        ("resnet50", "resnet50", "24 M parameters, width 2048"),
        ("wide-resnet50", "wide_resnet50", "67 M parameters, width 2048"),
        ("mobilenet-v2", "mobilenet_v2", "2.2 M parameters, width 1280"),
        ("densenet121", "densenet121", "7 M parameters, width 1024"),
        ("efficientnet-b0", "efficientnet_b0", "4 M parameters, width 1280"),
    ):
        register(
            name,
            f"{where}:{factory}",
            summary=f"pictures: {name} of torchvision, {told}",
            requires="torchvision",
            install=PICTURES,
        )


@hookimpl
def register_pictures(register: Register) -> None:
    register(
        "raster",
        f"{ROOT}.pictures.raster:Raster",
        summary="photographs and scans (PNG, JPEG, TIFF, BMP, WebP, GIF)",
        requires="pillow",
        install=PICTURES,
    )
    register(
        "dicom",
        f"{ROOT}.pictures.dicom:Dicom",
        summary="films, slices and volumes in DICOM",
        requires="pydicom",
        install=MEDICAL,
    )
    register(
        "nifti",
        f"{ROOT}.pictures.nifti:Nifti",
        summary="volumes in NIfTI (.nii, .nii.gz)",
        requires="nibabel",
        install=MEDICAL,
    )
    register(
        "array",
        f"{ROOT}.pictures.array:Array",
        summary="stacks of pictures of NumPy (.npy, and .npz of them)",
    )


@hookimpl
def register_heads(register: Register) -> None:
    register(
        "multi-label",
        f"{ROOT}.heads.multi_label:MultiLabelHead",
        summary="several findings, each yes or no, by one dense layer",
    )
    register("softmax", f"{ROOT}.heads.softmax:SoftmaxHead", summary="one of K classes, by one dense layer")
    register(
        "binary",
        f"{ROOT}.heads.binary:BinaryHead",
        summary="yes or no, by one output that starts from how rare yes is",
    )
    register(
        "ordinal",
        f"{ROOT}.heads.ordinal:OrdinalHead",
        summary="a step of a scale, by one question a step: higher than this one?",
    )
    register("regression", f"{ROOT}.heads.regression:RegressionHead", summary="a number, by one dense layer")
    register(
        "bounded-regression",
        f"{ROOT}.heads.regression:BoundedRegressionHead",
        summary="a number between the two ends of a scale, by a sigmoid over one dense layer",
    )
    where = f"{ROOT}.heads.forecast"
    register(
        "quantiles",
        f"{where}:QuantileHead",
        summary="forecasts: quantiles of each step, in order by construction",
    )
    register(
        "zero-shot", f"{where}:ZeroShotHead", summary="forecasts: what a pretrained forecaster says, as it is"
    )
    register(
        "point-forecast",
        f"{where}:PointHead",
        summary="forecasts: a number a step, intervals from its errors",
    )
    register(
        "logistic",
        f"{ROOT}.heads.logistic:LogisticHead",
        summary="one of K classes, by logistic regression with a chosen penalty; fitted, without a gradient",
    )
    register(
        "logistic-findings",
        f"{ROOT}.heads.logistic_findings:LogisticFindings",
        summary="several findings, each by logistic regression with a chosen penalty; fitted, without a gradient",
    )
    register(
        "nearest-mean",
        f"{ROOT}.heads.nearest_mean:NearestMean",
        summary="the class whose mean lies nearest, for few examples a class; fitted, without a gradient",
    )
    register(
        "memory-bank",
        f"{ROOT}.heads.memory_bank:MemoryBank",
        summary="how far patches lie from those of sound pictures, and where (PatchCore); fitted",
        requires=("faiss-cpu",),
        install="pip install vertikit[manufacturing]",
    )


@hookimpl
def register_strategies(register: Register) -> None:
    where = f"{ROOT}.strategies"
    register(
        "probe", f"{where}.probe:Probe", summary="frozen encoder, its features computed once; trains the head"
    )
    register("lora", f"{where}.lora:Lora", summary="low-rank adapters beside frozen weights, and the head")
    register("ia3", f"{where}.ia3:Ia3", summary="a learnt factor on each frozen activation, and the head")
    register("bitfit", f"{where}.bitfit:BitFit", summary="the encoder's biases, and the head")
    register(
        "partial",
        f"{where}.partial:Partial",
        summary="the top layers, with smaller steps lower down, and the head",
    )
    register("full", f"{where}.full:Full", summary="every weight")
    register(
        "frozen",
        f"{where}.frozen:Frozen",
        summary="the encoder as it is, pretrained or not; trains or fits the head",
    )


@hookimpl
def register_experts(register: Register) -> None:
    register(
        "overlap",
        f"{ROOT}.experts.overlap:Overlap",
        summary="how much of the texts before it an answer repeats, and how long it is",
    )
    register(
        "velocity",
        f"{ROOT}.experts.velocity:Velocity",
        summary="how often and how much an entity has paid of late, and what became of it",
        requires=("polars",),
        install="pip install vertikit[finance]",
    )
    register(
        "rules",
        f"{ROOT}.experts.rules:Rules",
        summary="rules that people wrote down, from a small file: as features, as bounds, or as a veto with a reason",
        requires=("polars",),
        install="pip install vertikit[manufacturing]",
    )

    register(
        "signal",
        f"{ROOT}.experts.signal:Signal",
        summary="of each sensor's window: level, trend, shape, crest, energy by band, envelope spectrum",
    )
    register(
        "own-past",
        f"{ROOT}.experts.own_past:OwnPast",
        summary="how a window of a sensor differs from what its unit showed before",
    )
