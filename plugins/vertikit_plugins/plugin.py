"""Registers the building blocks. Nothing heavy is imported here."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register

ROOT = "vertikit_plugins"
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
        "array",
        f"{ROOT}.pictures.array:Array",
        summary="stacks of pictures of NumPy (.npy, and .npz of them)",
    )


@hookimpl
def register_explainers(register: Register) -> None:
    register(
        "gradients",
        f"{ROOT}.explainers.gradients:Gradients",
        summary="integrated gradients: what each pixel adds to the answer",
        requires="captum",
        install=PICTURES,
    )
    register(
        "occlusion",
        f"{ROOT}.explainers.occlusion:Occlusion",
        summary="what the answer loses when a patch is covered: slower, and nearer to what the model needs",
        requires="captum",
        install=PICTURES,
    )


@hookimpl
def register_heads(register: Register) -> None:
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
def register_losses(register: Register) -> None:
    register("none", f"{ROOT}.losses.nothing:none", summary="nothing, for a head that is fitted")
    register(
        "cross-entropy",
        f"{ROOT}.losses.classification:cross_entropy",
        summary="negative log likelihood of the true class, with label smoothing where asked for",
    )
    register(
        "focal",
        f"{ROOT}.losses.classification:focal",
        summary="cross-entropy that weighs easy examples down",
    )
    register("mse", f"{ROOT}.losses.regression:mse", summary="squared error of a number")
    register(
        "huber",
        f"{ROOT}.losses.regression:huber",
        summary="squared error of a number, growing in a straight line where it is large",
    )
    where = f"{ROOT}.losses.two_classes"
    register(
        "bce",
        f"{where}:weighted_bce",
        summary="binary cross-entropy, in which rows that are looked for may weigh more",
    )
    register(
        "focal-bce",
        f"{where}:focal_bce",
        summary="binary cross-entropy that weighs easy examples down, and one class more than the other",
    )
    register(
        "cost-sensitive",
        f"{where}:CostSensitive",
        summary="binary cross-entropy, each row weighted by what a mistake on it costs",
    )


@hookimpl
def register_splits(register: Register) -> None:
    register("official", f"{ROOT}.splits.official:Official", summary="the parts given by --valid and --test")
    register(
        "grouped",
        f"{ROOT}.splits.grouped:Grouped",
        summary="no group on two sides, classes balanced",
    )
    register(
        "time",
        f"{ROOT}.splits.by_time:ByTime",
        summary="the past trains, the future tests, with a gap in which labels are not known yet",
    )
    register(
        "group-time",
        f"{ROOT}.splits.group_time:GroupTime",
        summary="no unit on two sides, and the test later than what was learnt from",
    )
    register(
        "blocks",
        f"{ROOT}.splits.blocks:Blocks",
        summary="whole blocks of neighbouring rows, where rows have an order alone",
    )
    register(
        "unseen",
        f"{ROOT}.splits.unseen:Unseen",
        summary="no group of the test is known; new rows of known groups are a further test",
    )
    register(
        "stratified",
        f"{ROOT}.splits.stratified:Stratified",
        summary="every class in every part in proportion",
    )


@hookimpl
def register_strategies(register: Register) -> None:
    where = f"{ROOT}.strategies"
    register(
        "probe", f"{where}.probe:Probe", summary="frozen encoder, its features computed once; trains the head"
    )
    register("lora", f"{where}.lora:Lora", summary="low-rank adapters beside frozen weights, and the head")
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
def register_metrics(register: Register) -> None:
    where = f"{ROOT}.metrics.classification"
    register("accuracy", f"{where}:ACCURACY", summary="share of right answers")
    register("balanced_accuracy", f"{where}:BALANCED_ACCURACY", summary="mean of the classes' recalls")
    register("macro_precision", f"{where}:MACRO_PRECISION", summary="mean of the classes' precisions")
    register(
        "macro_recall",
        f"{where}:MACRO_RECALL",
        summary="mean of the classes' recalls; a class predicted but never true counts 0",
    )
    register(
        "macro_f1",
        f"{where}:MACRO_F1",
        summary="mean of the classes' F1: rare classes count like common ones",
    )
    register("per_class", f"{where}:PER_CLASS", summary="precision, recall and F1 of every class")
    register(
        "top3_accuracy", f"{where}:TOP3_ACCURACY", summary="share with the truth among the three likeliest"
    )
    where = f"{ROOT}.metrics.probability"
    register("auroc", f"{where}:AUROC", summary="area under the ROC curve, one class against the rest, mean")
    register("log_loss", f"{where}:LOG_LOSS", summary="mean negative log probability of the truth")
    register("brier", f"{where}:BRIER", summary="squared distance of the probabilities from the truth")
    register(
        "ece", f"{where}:ECE", summary="expected calibration error: confidence against accuracy, 15 bins"
    )
    where = f"{ROOT}.metrics.detection"
    register(
        "average_precision",
        f"{where}:AVERAGE_PRECISION",
        summary="area under the precision-recall curve of what is looked for",
    )
    register("ks", f"{where}:KS", summary="largest distance of the two classes' score distributions")
    register(
        "recall_at_1_percent",
        f"{where}:RECALL_AT_BUDGET",
        summary="share of what is looked for among the 1 % with the highest scores",
    )
    where = f"{ROOT}.metrics.oddness"
    register(
        "recall_at_overkill_5",
        f"{where}:RECALL_AT_OVERKILL",
        summary="share of odd rows found where 5 % of sound ones may be rejected, by a threshold of calibration rows",
    )
    register("overkill", f"{where}:OVERKILL_RATE", summary="share of sound rows that are taken for odd")
    register("escape", f"{where}:ESCAPE_RATE", summary="share of odd rows that are taken for sound")
    register(
        "aupro",
        f"{ROOT}.metrics.places:AUPRO",
        summary="how much of each marked region is pointed at, up to 30 % of the sound pixels; needs masks",
    )
    register("recall_by_kind", f"{where}:RECALL_BY_KIND", summary="of each way of being odd, the share found")
    where = f"{ROOT}.metrics.agreement"
    register(
        "qwk",
        f"{where}:QWK",
        summary="quadratic weighted kappa: agreement beyond chance, far misses count most",
    )
    register("exact_agreement", f"{where}:EXACT_AGREEMENT", summary="share of grades that are the truth")
    register("adjacent_agreement", f"{where}:ADJACENT_AGREEMENT", summary="share at most one step off")
    register("rmse", f"{where}:RMSE", summary="root mean squared error, in the target's own unit")
    register("mae", f"{where}:MAE", summary="mean absolute error, in the target's own unit")
    register(
        "concordance",
        f"{where}:CONCORDANCE",
        summary="agreement of numbers beyond chance (Lin): kappa for a continuous scale",
    )
    register("pearson", f"{where}:PEARSON", summary="correlation of the number answered with the truth")
    register(
        "smd",
        f"{where}:SMD",
        summary="standardised mean difference, its size: too high or low on average; above 0.15 is flagged",
    )


@hookimpl
def register_baselines(register: Register) -> None:
    register("majority", f"{ROOT}.baselines.majority:Majority", summary="always the most frequent class")
    register(
        "pixels-logistic",
        f"{ROOT}.baselines.pixels_logistic:PixelsLogistic",
        summary="logistic regression on 32 x 32 grey pixels, with a tuned penalty",
    )
    register(
        "pixel-gaussian",
        f"{ROOT}.baselines.pixel_gaussian:PixelGaussian",
        summary="how far a 16 x 16 grey picture lies from the mean of sound ones",
    )
    register("mean", f"{ROOT}.baselines.mean:Mean", summary="always the mean of the training numbers")
    register(
        "tfidf-logistic",
        f"{ROOT}.baselines.tfidf_logistic:TfidfLogistic",
        summary="word and word-pair counts (TF-IDF) into a logistic regression with tuned C",
    )
    register(
        "overlap-ridge",
        f"{ROOT}.baselines.overlap_ridge:OverlapRidge",
        summary="overlap with the reference, and length, into a ridge regression",
    )
    register(
        "ridge",
        f"{ROOT}.baselines.number_ridge:NumberRidge",
        summary="the columns of numbers into a ridge regression",
    )
    register(
        "tfidf-ridge",
        f"{ROOT}.baselines.text_ridge:TfidfRidge",
        summary="word and word-pair counts (TF-IDF) into a ridge regression",
    )
    register(
        "character-ridge",
        f"{ROOT}.baselines.text_ridge:CharacterRidge",
        summary="counts of pieces of words (TF-IDF) into a ridge regression",
    )

    where = f"{ROOT}.baselines.table"
    register(
        "gradient-boosting",
        f"{where}:GradientBoosting",
        summary="gradient boosting on histograms of the same columns, settings chosen by validation",
    )
    register("logistic", f"{where}:TableLogistic", summary="logistic regression on the same columns")


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


@hookimpl
def register_policies(register: Register) -> None:
    register(
        "differential",
        f"{ROOT}.policies.differential:Differential",
        summary="the likeliest classes in order, or abstaining when the risk is too high",
    )
    register(
        "refer",
        f"{ROOT}.policies.refer:Refer",
        summary="the likeliest grade, or to the teacher when the risk is too high",
    )
    register(
        "refer-number",
        f"{ROOT}.policies.refer_number:ReferNumber",
        summary="the number, or to a person where it may be too far off",
    )
