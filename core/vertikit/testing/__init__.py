"""The conformance kit: holds a plugin's components to their contracts.

In a plugin's own tests, with pytest:

    from vertikit.testing import conformance
    test_conforms = conformance("legal")

and for anyone, `vertikit plugins check legal`. A plugin's module may say two things for it:

- `vertikit_examples`: "family/component" -> options for its factory; of a task `{"rows": n}`, how long a sample has to
  be; of a metric `policy` and `columns` (name -> "number", "category" or "time"); of a loader or a reader of files a
  function that writes one, or its import path (see the modules `loaders`, `recordings` and `pictures` here).
- `conformance_waivers`: "family/component: check" -> why that check does not hold, in a sentence.

pytest is imported when `conformance` is called, and not before.
"""

from vertikit.testing.check import Check, Failed, NotApplicable, Result, check, expect
from vertikit.testing.conforming import conformance
from vertikit.testing.running import Case, Plugin, check_plugin, checks_of, plugin_under_test, run_check
from vertikit.testing.subject import Subject

__all__ = [
    "Case",
    "Check",
    "Failed",
    "NotApplicable",
    "Plugin",
    "Result",
    "Subject",
    "check",
    "check_plugin",
    "checks_of",
    "conformance",
    "expect",
    "plugin_under_test",
    "run_check",
]
