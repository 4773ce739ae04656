"""Fourth stage: predictions judged as the trade judges, beside the baselines, with intervals."""
