"""Every hook of Vertikit, on one page.

A plugin is a module (or object) named by an entry point of group `vertikit`. It implements any of the
functions below, marked with `@vertikit.hookimpl`. The `register_*` hooks receive a callback:

    register(name, factory, *, summary, requires=(), install="")

`name` is explicit and unique within its family; `factory` is a callable or an "import.path:Name", imported
at first use; `summary` is one sentence; `requires` names the distributions it needs and `install` what
to type if they are missing (by default `pip install` of them). A name that another plugin has taken is
an error naming both plugins, and the later plugin is rolled back whole. Our own plugins load first, the
others by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pluggy

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Prepared
    from vertikit.run.run import Run

hookspec = pluggy.HookspecMarker("vertikit")
hookimpl = pluggy.HookimplMarker("vertikit")


class Register(Protocol):
    """The callback that a `register_*` hook receives."""

    def __call__(
        self,
        name: str,
        factory: Any,
        *,
        summary: str,
        requires: str | tuple[str, ...] = (),
        install: str = "",
    ) -> None: ...


@hookspec
def register_tasks(register: Register) -> None:
    """Offer tasks: the factory is a `vertikit.Task`, named `vertical/task`.

    @hookimpl
    def register_tasks(register):
        register("legal/clauses", "legal_kit.clauses:TASK", summary="names a contract's clauses")
    """


@hookspec
def register_loaders(register: Register) -> None:
    """Offer a source of rows: the factory gives a `vertikit.contracts.Loader`.

    @hookimpl
    def register_loaders(register):
        register("xml", "legal_kit.xml:XmlLoader", summary="XML files", requires="lxml")
    """


@hookspec
def register_recordings(register: Register) -> None:
    """Offer a kind of file that holds a recording: the factory gives a `vertikit.contracts.RecordingReader`.

    @hookimpl
    def register_recordings(register):
        register("tdms", "legal_kit.tdms:Tdms", summary="recordings of LabVIEW (.tdms)", requires="npTDMS")
    """


@hookspec
def register_pictures(register: Register) -> None:
    """Offer a kind of file that holds pictures: the factory gives a `vertikit.contracts.PictureReader`.

    @hookimpl
    def register_pictures(register):
        register("czi", "legal_kit.czi:Czi", summary="microscopy of Zeiss (.czi)", requires="czifile")
    """


@hookspec
def register_backbones(register: Register) -> None:
    """Offer an encoder: the factory gives a `vertikit.contracts.BackboneSource`.

    @hookimpl
    def register_backbones(register):
        register("legal-bert", "legal_kit.bert:source", summary="BERT on contracts, width 768")
    """


@hookspec
def register_heads(register: Register) -> None:
    """Offer a head: the factory takes `width`, `labels` (or `numbers`, `oddness`, `forecast`) and options.

    @hookimpl
    def register_heads(register):
        register("clause", "legal_kit.heads:ClauseHead", summary="one label per clause", requires="spacy")
    """


@hookspec
def register_losses(register: Register) -> None:
    """Offer a loss: the factory takes options and gives a `vertikit.contracts.Loss`.

    @hookimpl
    def register_losses(register):
        register("dice", "legal_kit.losses:dice", summary="overlap of rare classes")
    """


@hookspec
def register_metrics(register: Register) -> None:
    """Offer a metric: a `vertikit.contracts.Metric`, or a plain function of (truth, prediction).

    @hookimpl
    def register_metrics(register):
        register("kappa", "legal_kit.metrics:kappa", summary="agreement beyond chance")
    """


@hookspec
def register_splits(register: Register) -> None:
    """Offer a split: the factory gives a `vertikit.contracts.Split`.

    @hookimpl
    def register_splits(register):
        register("by-court", "legal_kit.splits:ByCourt", summary="no court on both sides")
    """


@hookspec
def register_strategies(register: Register) -> None:
    """Offer a way of adapting a model: the factory takes options, gives a `vertikit.contracts.Strategy`.

    @hookimpl
    def register_strategies(register):
        register("prefix", "legal_kit.prefix:Prefix", summary="trains tokens in front of each text")
    """


@hookspec
def register_experts(register: Register) -> None:
    """Offer knowledge beside the model: the factory takes options and gives a `vertikit.contracts.Expert`.

    @hookimpl
    def register_experts(register):
        register("precedents", "legal_kit.precedents:Precedents", summary="how such clauses fared in court")
    """


@hookspec
def register_policies(register: Register) -> None:
    """Offer a policy: the factory takes options and gives a `vertikit.contracts.Policy`.

    @hookimpl
    def register_policies(register):
        register("to-counsel", "legal_kit.policy:ToCounsel", summary="doubtful clauses go to a lawyer")
    """


@hookspec
def register_baselines(register: Register) -> None:
    """Offer what a user would have used otherwise: the factory gives a `vertikit.contracts.Baseline`.

    @hookimpl
    def register_baselines(register):
        register("keywords", "legal_kit.keywords:Keywords", summary="the firm's own word list")
    """


@hookspec
def register_explainers(register: Register) -> None:
    """Offer a way to show where in a picture a model looks: the factory gives a `vertikit.contracts.Explainer`.

    @hookimpl
    def register_explainers(register):
        register("grad-cam", "legal_kit.cam:GradCam", summary="class activation of the last layer")
    """


@hookspec
def register_compressors(register: Register) -> None:
    """Offer a way to make a finished model smaller: the factory takes options, gives a `vertikit.contracts.Compressor`.

    @hookimpl
    def register_compressors(register):
        register("int4", "legal_kit.int4:Int4", summary="weights of four bits", requires="onnxruntime")
    """


@hookspec
def register_exporters(register: Register) -> None:
    """Offer a format in which a model leaves the kit: the factory gives a `vertikit.contracts.Exporter`.

    @hookimpl
    def register_exporters(register):
        register("openvino", "legal_kit.openvino:OpenVino", summary="for Intel's runtime", requires="openvino")
    """


@hookspec
def register_commands(register: Register) -> None:
    """Offer a verb of the command line: the factory is a `click.Command`, imported when the verb is typed.

    @hookimpl
    def register_commands(register):
        register("docket", "legal_kit.docket:docket", summary="Print the docket of a court.")
    """


@hookspec
def run_started(run: Run) -> None:
    """A training run has its folder, its task and its recipe, and has read nothing yet.

    @hookimpl
    def run_started(run):
        print("training into", run.folder)
    """


@hookspec
def rows_prepared(run: Run, data: Prepared) -> None:
    """The data is read, cleaned, checked and split; nothing is trained yet.

    @hookimpl
    def rows_prepared(run, data):
        print(len(data.examples), "examples")
    """


@hookspec
def epoch_ended(run: Run, epoch: int, logs: Mapping[str, float]) -> None:
    """An epoch is over; `logs` has the losses and the metrics of the validation part.

    @hookimpl
    def epoch_ended(run, epoch, logs):
        tracker.log(logs, step=epoch)
    """


@hookspec
def run_finished(run: Run) -> None:
    """The run folder is whole and has its final name. An error here is reported and harms nothing.

    @hookimpl
    def run_finished(run):
        notify(run.folder)
    """


@hookspec
def run_failed(run: Run, error: BaseException) -> None:
    """A training ended without a run: it failed, or was interrupted; what `run_started` began can be closed.

    @hookimpl
    def run_failed(run, error):
        tracker.close(run.folder, failed=str(error))
    """
