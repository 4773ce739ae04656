"""Whether its probabilities can be believed, and what it does with them."""

from __future__ import annotations

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Cell, Section, Table, Words, heading, picture
from vertikit.run.report.reading import RunFiles
from vertikit.run.report.wording import capital, count, finite, number, share


def reliability(run: RunFiles) -> Section | None:
    """Confidence against accuracy, with the calibration error before and after."""
    found = run.metrics.get("reliability") or {}
    bins = list(
        zip(found.get("confidence", ()), found.get("accuracy", ()), found.get("rows", ()), strict=True)
    )
    if not bins:
        return None
    caption = (
        "When it says 80 %, is it right 80 times in 100? On the dashed line, yes; below it, it is too sure of "
        "itself; above it, too modest. The columns show how many test rows each point rests on: few rows, "
        "little weight."
    )
    drawing = figures.reliability(*(list(each) for each in zip(*bins, strict=True)))
    blocks: list[Block] = [picture(drawing, caption)]
    calibration = run.metrics.get("calibration") or {}
    before, after = finite(calibration.get("ece_before")), finite(calibration.get("ece_after"))
    if before is not None and after is not None:
        blocks.append(
            Words(
                f"On the rows it was calibrated on, its percentages were off by {100 * before:.1f} points on "
                f"average before calibration and by {100 * after:.1f} after (expected calibration error, ECE)."
            )
        )
    return Section("reliability", "Can its percentages be believed?", blocks, "Percentages")


def risk_coverage(run: RunFiles) -> Section | None:
    """The policy's sentence, its curve and the point it works at."""
    policy = run.metrics.get("policy") or {}
    blocks: list[Block] = []
    if policy.get("description"):
        blocks.append(Words(capital(str(policy["description"]))))
    curve, chosen = policy.get("curve") or {}, policy.get("point") or policy
    points = [
        (x, y)
        for each in zip(curve.get("coverage", ()), curve.get("risk", ()), strict=True)
        if (x := finite(each[0])) is not None and (y := finite(each[1])) is not None
    ]
    answered, wrong = finite(chosen.get("coverage")), finite(chosen.get("risk"))
    point = (answered, wrong) if answered is not None and wrong is not None else None
    measure = called(str(policy["risk_kind"])) if policy.get("risk_kind") else ""
    grow = f"how the {measure} grows" if measure else "how fast the wrong answers grow"
    if points:
        points.sort()
        caption = (
            f"Left, it answers only the rows it is surest of; right, all of them. Look {grow}, and whether the "
            "chosen point suits your work."
        )
        drawing = figures.risk_coverage([x for x, _ in points], [y for _, y in points], point, measure)
        blocks.append(picture(drawing, caption))
    if answered == 0:
        blocks.append(Words("On the test rows it abstains every time."))
    if point is not None:
        blocks.append(
            Words(
                f"At the chosen point it answers {share(answered)} of the test rows and leaves "
                f"{share(1 - point[0])} to a person; "
                + (
                    f"the {measure} of its answers is {number(wrong)}."
                    if measure
                    else f"{share(wrong)} of its answers are wrong."
                )
            )
        )
    account = policy.get("account") or {}
    if account:
        rows = tuple(
            (heading(name.replace("_", " ")), Cell(number(value), numeric=True))
            for name, value in account.items()
        )
        head = (heading("On the test rows"), heading("", numeric=True))
        blocks.append(Table(head, rows, "What its decisions come to on the rows that it was tested on."))
    if not blocks:
        return None
    if points or answered is not None:
        return Section("policy", "When it answers, and when it abstains", blocks, "Abstaining")
    return Section("policy", "What it decides", blocks, "Decisions")


def calibration(run: RunFiles) -> Section | None:
    """How the probabilities were set right, and on how many rows."""
    found = run.metrics.get("calibration") or {}
    method = str(found.get("method") or "")
    if not method:
        return None
    if method == "none":
        text = "Its probabilities are as the model gave them; they were not calibrated."
        return Section("calibration", "Calibration", [Words(text)], "Calibration")
    threshold = finite(found.get("threshold"))
    if threshold is not None:
        text = (
            f"It takes for odd what scores more than {number(threshold)}: of {count(found.get('rows'))} sound "
            f"examples that taught it nothing, so few did that no more than {share(found.get('overkill'))} of new "
            "sound ones are expected to (conformal quantile)."
        )
        if not found.get("holds", True):
            text += " There were too few of them to hold that: the highest score is the threshold."
        return Section("calibration", "Where the threshold lies", [Words(text)], "Threshold")
    lines = "slopes" in found  # of findings, whatever the recipe's method for classes is
    text = (
        f"Its probabilities were set right by {'a line a finding (Platt)' if lines else f'{method} scaling'}"
    )
    if finite(found.get("rows")) is not None:
        text += f" on {count(found['rows'])} rows"
    temperature = finite(found.get("temperature"))
    if temperature is not None:
        effect = "less sure" if temperature > 1 else "surer"
        text += f"; a temperature of {number(temperature)} makes it {effect} than it was"
    return Section("calibration", "Calibration", [Words(text + ".")], "Calibration")
