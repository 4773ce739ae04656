"""`Sound` of the policies, without the kit."""


class Part:
    def __init__(self, settings, arrays, folder):
        self.sure, self.abstains = settings["sure"], settings["abstains"]

    def decide(self, frame, labels):
        decisions, reasons = [], []
        for row in zip(*(frame[f"p.{label}"] for label in labels), strict=True):
            sure = max(row) >= self.sure
            decisions.append(labels[row.index(max(row))] if sure else self.abstains)
            reasons.append("sure" if sure else "in doubt")
        return decisions, reasons
