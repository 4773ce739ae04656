"""The contract of every hook that this plugin implements."""

from vertikit.testing import conformance

test_conforms = conformance("city")
