"""Prepared series for the parts that foretell them."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.core.forecasting.conftest import rows, town  # noqa: F401 - fixtures
from tests.core.forecasting.series import meter, prepared
from vertikit.prepare.prepared import Prepared


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two meters, one a hundred times the other, with a column that is known ahead."""
    both = pd.concat([meter("a", 20, 10), meter("b", 20, 1000, seed=1)]).drop(index=range(200, 204))
    return prepared(both, tmp_path_factory.mktemp("two"), reshape={"known_ahead": ["temperature"]})
