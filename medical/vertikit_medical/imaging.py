"""One finding of a film, a slice or a photograph: ruled out, referred, or urgent."""

from __future__ import annotations

from vertikit import Card, Group, Id, Image, Label, Protocol, Sensitive, Task

IMAGE = Image(
    "image",
    help="the picture: a file (PNG, JPEG, TIFF, DICOM, NIfTI) under --root, or beside the table",
    private=True,  # names of files hold names of patients
    aliases=("file", "filename", "path", "image_path", "dicom", "image_name", "image_index"),
)
ROLES = (
    Group(
        "patient",
        help="who is shown; a patient's pictures are never divided between training and test",
        private=True,
        aliases=("patient_id", "patientid", "subject", "subject_id", "mrn"),
    ),
    Sensitive(
        "view",
        help="projection or plane; never an input; results are also given for each",
        aliases=("projection", "view_position", "viewposition", "plane"),
    ),
    Sensitive(
        "site",
        help="hospital or scanner; never an input; results are also given for each value",
        aliases=("hospital", "location", "scanner", "institution"),
    ),
    Sensitive("sex", help="never an input; results are also given for each value", aliases=("gender",)),
    Sensitive(
        "age",
        help="in years; never an input; results are also given by age band",
        bands=(18, 40, 65, 80),
        aliases=("age_years", "patient_age"),
    ),
    Group(
        "study",
        help="the examination; pictures of one are judged together, by their mean",
        private=True,
        kept_whole=False,
        aliases=("study_id", "studyid", "exam", "exam_id", "accession"),
    ),
    Id("id", help="names a picture, unique; kept beside its prediction", aliases=("image_id", "uid")),
)
WHY = (
    "A model that knows a patient looks better than it is, so no patient is on two sides of the split, nor are "
    "pictures that look alike. Pictures of one study are judged as one. AUROC says how well findings are told apart; "
    "thresholds for a sensitivity at 90 or 95 % specificity are set on calibration rows, never on the test. A model on "
    "borders, size and metadata alone stands beside: where it does as well, the model may have learnt the hospital."
)
CARD = Card(
    intended_use="Decision support and triage of pictures for a clinician to read.",
    population="Patients like those of the training pictures: same devices, views and kinds of patients.",
    limits=(
        "It knows only the findings that it was trained on. It was not evaluated prospectively, and not at other sites "
        "unless the report lists a further test. Where the shortcut check warns, it must not be used at another site."
    ),
    decision_owner="The decision is a clinician's. The model suggests and never decides.",
)
RECIPE = {
    "backbone": {
        "name": "picture-cnn",
        # A heart is never flipped, and a film not turned upside down.
        "augment": {"rotate": 7, "shift": 0.05, "zoom": 0.1, "brightness": 0.15, "contrast": 0.15},
    },
    "strategy": "full",
    "optimiser": {"rate": 2e-3, "encoder_rate": 2e-3, "weight_decay": 0.05},
    "epochs": 25,
    "patience": 8,
    "batch": {"rows": 32, "tokens": 8192},
    "policy": {"name": "triage", "sensitivity": 0.95, "specificity": 0.95},
    "pictures": {"explain": "gradients"},
    "evaluation": {"bootstrap": 500},
}
SAMPLE_NOTE = "Synthetic films, drawn by a generator for this project; they show no real person."

TASK = Task(
    name="medical/imaging",
    summary="Reads a picture (a film, a slice) and rules a finding out, refers it, or calls it urgent.",
    columns=(
        IMAGE,
        Label(
            "finding",
            help="what the picture shows, one per picture; one class means nothing (policy.negative)",
            aliases=("label", "diagnosis", "class", "target", "finding_labels"),
        ),
        *ROLES,
    ),
    protocol=Protocol(
        splits=("official", "grouped", "stratified"),
        primary="auroc",
        metrics=(
            "auroc",
            "mean_average_precision",
            "at_90_specificity",
            "at_95_specificity",
            "macro_f1",
            "accuracy",
            "balanced_accuracy",
            "calibration_slope",
            "calibration_intercept",
            "brier",
            "ece",
            "net_benefit",
            "per_class",
            "per_finding",
        ),
        baselines=("majority", "pixels-logistic"),
        why=WHY,
        shortcut="picture-frame",
        folded=("study",),
    ),
    card=CARD,
    recipe={
        **RECIPE,
        "head": "softmax",
        "loss": "cross-entropy",
        "class_weights": "balanced",
        # Of a few hundred films a network that starts from nothing may learn less than a regression on pixels does.
        "blend": "pixels-logistic",
    },
    sample="vertikit_medical.samples.imaging:write",
    sample_note=SAMPLE_NOTE,
    unit="pictures",
)
