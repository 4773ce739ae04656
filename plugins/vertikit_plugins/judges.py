"""Registers the building blocks that split, judge and decide. Nothing heavy is imported here."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register

ROOT = "vertikit_plugins"
PICTURES = "pip install vertikit[pictures]"


@hookimpl
def register_metrics(register: Register) -> None:
    where = f"{ROOT}.metrics.screening"
    register(
        "mean_average_precision",
        f"{where}:MEAN_AVERAGE_PRECISION",
        summary="area under the precision-recall curve, the mean over findings",
    )
    register("per_finding", f"{where}:PER_FINDING", summary="AUROC and average precision of every finding")
    for percent in (90, 95):
        register(
            f"at_{percent}_specificity",
            f"{where}:AT_{percent}",
            summary=f"share of findings that are found where {percent} % of the others are let go, by a threshold that "
            "was set on calibration rows; and the specificity that it gives here",
        )
    register(
        "calibration_slope",
        f"{where}:CALIBRATION_SLOPE",
        summary="1 where probabilities mean what they say, less where too sure",
    )
    register(
        "calibration_intercept",
        f"{where}:CALIBRATION_INTERCEPT",
        summary="0 where findings are as frequent as predicted, above where more",
    )
    register(
        "net_benefit",
        f"{where}:NET_BENEFIT",
        summary="true positives less weighed false ones, at probabilities of 10, 20 and 50 %",
    )
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
        "recall_at_5_percent_overkill",
        f"{where}:RECALL_AT_OVERKILL",
        summary="share of odd rows found where 5 % of sound ones may be rejected, by a threshold of calibration rows",
    )
    register("overkill", f"{where}:OVERKILL_RATE", summary="share of sound rows that are taken for odd")
    register("escape", f"{where}:ESCAPE_RATE", summary="share of odd rows that are taken for sound")
    register(
        "aupro",
        f"{ROOT}.metrics.places:AUPRO",
        summary="area under the per-region overlap of maps and masks, up to 30 % of the sound pixels",
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
    of_forecasts = f"{ROOT}.metrics.forecasts"
    register(
        "mase",
        f"{of_forecasts}:MASE",
        summary="forecasts: error beside that of repeating the season, in training",
    )
    register("wql", f"{of_forecasts}:WQL", summary="forecasts: weighted quantile loss")
    register(
        "interval_coverage", f"{of_forecasts}:COVERAGE",
        summary="forecasts: how often the truth lies between the lowest and the highest quantile (0.8 of deciles)",
    )  # fmt: skip
    register(
        "standardised_mse", f"{of_forecasts}:STANDARDISED_MSE",
        summary="forecasts: squared error of series standardised by training",
    )  # fmt: skip
    register(
        "standardised_mae", f"{of_forecasts}:STANDARDISED_MAE",
        summary="forecasts: absolute error of series standardised by training",
    )  # fmt: skip
    register(
        "by_horizon", f"{of_forecasts}:BY_HORIZON", summary="forecasts: all of these by part of the horizon"
    )
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
        "walk-forward",
        f"{ROOT}.splits.walk_forward:WalkForward",
        summary="forecasts along time: the past trains, the future tests; what crosses a cut is left out",
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
        "as-foretold",
        f"{ROOT}.policies.as_foretold:AsForetold",
        summary="forecasts as they are: the median, with its interval",
    )
    register(
        "refer-number",
        f"{ROOT}.policies.refer_number:ReferNumber",
        summary="the number, or to a person where it may be too far off",
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
    register(
        "picture-frame",
        f"{ROOT}.baselines.picture_frame:PictureFrame",
        summary="borders, corners, size and metadata of pictures, not what they show, into a logistic regression",
    )
    register("mean", f"{ROOT}.baselines.mean:Mean", summary="always the mean of the training numbers")
    where = f"{ROOT}.baselines.last_readings"
    register("repeat-last", f"{where}:RepeatLast", summary="forecasts: the last reading, at every step")
    register("drift", f"{where}:Drift", summary="forecasts: the line through the context's ends, carried on")
    register(
        "seasonal-naive", f"{where}:SeasonalNaive", summary="forecasts: what was one season before each step"
    )
    register("weekly-naive", f"{where}:WeeklyNaive", summary="forecasts: what was a week before each step")
    register(
        "exponential-smoothing",
        f"{ROOT}.baselines.smoothing:ExponentialSmoothing",
        summary="forecasts: a level and a season that follow the readings (Holt and Winters)",
    )
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
    register(
        "bce-holes",
        f"{ROOT}.losses.several:bce_holes",
        summary="binary cross-entropy of several findings, of those that are known",
    )
    register("mse", f"{ROOT}.losses.regression:mse", summary="squared error of a number")
    where = f"{ROOT}.losses.forecast"
    register("pinball", f"{where}:pinball", summary="quantile loss of the steps of a forecast")
    register("steps-mse", f"{where}:steps_mse", summary="squared error of the steps of a forecast")
    register("steps-mae", f"{where}:steps_mae", summary="absolute error of the steps of a forecast")
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
