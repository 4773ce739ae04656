"""Disease diagnosis from a note: a ranked differential of three, or abstention."""

from __future__ import annotations

from vertikit import Card, Group, Id, Label, Protocol, Sensitive, Task, Text

TASK = Task(
    name="medical/diagnosis",
    summary="Reads a clinical note and names the three likeliest diseases with probabilities, or abstains.",
    columns=(
        Text(
            "text",
            help="the note: complaints, findings, history, in free text",
            private=True,
            aliases=("note", "notes", "description", "abstract", "symptoms", "transcription", "sentence"),
        ),
        Label(
            "disease",
            help="the diagnosis that was made, one per note",
            aliases=("label", "diagnosis", "condition", "specialty", "class", "target"),
        ),
        Group(
            "patient",
            help="who the note is about; a patient's notes are never divided between training and test",
            private=True,
            aliases=("patient_id", "patientid", "subject", "subject_id", "mrn"),
        ),
        Id(
            "id",
            help="names a note, unique; kept beside its prediction",
            aliases=("note_id", "record_id", "uid"),
        ),
        Sensitive("sex", help="never an input; results are also given for each value", aliases=("gender",)),
        Sensitive(
            "age",
            help="in years; never an input; results are also given by age band",
            bands=(18, 40, 65, 80),
            aliases=("age_years",),
        ),
        Sensitive(
            "site",
            help="clinic or hospital; never an input; results are also given for each value",
            aliases=("clinic", "hospital", "location"),
        ),
    ),
    protocol=Protocol(
        splits=("official", "grouped", "stratified"),
        primary="macro_f1",
        metrics=(
            "macro_f1",
            "accuracy",
            "balanced_accuracy",
            "top3_accuracy",
            "macro_precision",
            "macro_recall",
            "auroc",
            "log_loss",
            "brier",
            "ece",
            "per_class",
        ),
        baselines=("majority", "tfidf-logistic"),
        why=(
            "A model that has seen a patient's earlier notes looks better than it is, so no patient is in both "
            "training and test, nor is any note twice. Rare diseases count as much as common ones (macro F1). "
            "Probabilities are checked against what happened (ECE), because a clinician acts on them."
        ),
    ),
    card=Card(
        intended_use="Decision support and triage of written notes: a ranked differential for a clinician to weigh.",
        population="Patients like those of the training notes: same kind of clinic, language and writing.",
        limits=(
            "It knows only the diseases it was trained on, and reads only what the note says. It was not "
            "evaluated prospectively, and not on other clinics unless the report lists a further test."
        ),
        decision_owner="The decision is a clinician's. The model suggests and never decides.",
    ),
    recipe={
        "backbone": "minilm",
        "strategy": "probe",
        "head": "softmax",
        "loss": "cross-entropy",
        "blend": "tfidf-logistic",
        "policy": {"name": "differential", "top": 3, "risk": 0.1},
    },
    sample="vertikit_medical.samples.diagnosis:write",
    sample_note="Synthetic notes, written by a generator for this project; they describe no real person.",
    showcase=True,
    unit="notes",
)
