"""Building blocks of no trade: loaders, backbones, heads, losses, metrics, splits, strategies, baselines."""
