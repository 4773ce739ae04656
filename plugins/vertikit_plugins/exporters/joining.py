"""Two graphs of ONNX as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def joined(first: Any, second: Any, given: Mapping[str, str], prefix: str) -> Any:
    """`first` with `second` after it, a `ModelProto` each.

    `given` says which of the second's inputs are which values of the first; others of its inputs are inputs of the
    whole, the same as the first's where they have one name. Its other names get `prefix`/, and outputs are its.
    VertikitError where they are of two versions of the format.
    """
    import onnx

    from vertikit import VertikitError

    domains = {each.domain: each.version for each in first.opset_import}
    for each in second.opset_import:
        if domains.setdefault(each.domain, each.version) != each.version:
            raise VertikitError(
                f"the encoder of this run is a graph of version {each.version}, and the rest of "
                f"{domains[each.domain]}.",
                "Make it anew with the libraries of today: vertikit compress",
            )
    whole = onnx.ModelProto()
    whole.CopyFrom(first)
    del whole.opset_import[:]
    whole.opset_import.extend(onnx.helper.make_opsetid(name, version) for name, version in domains.items())
    inputs = {each.name for each in second.graph.input}

    def renamed(name: str) -> str:
        if not name:
            return name
        return given.get(name, name) if name in inputs else f"{prefix}/{name}"

    graph = whole.graph
    known = {each.name for each in graph.input}
    for each in second.graph.input:
        if each.name not in given and each.name not in known:
            graph.input.append(each)
    for tensor in second.graph.initializer:
        own = graph.initializer.add()
        own.CopyFrom(tensor)
        own.name = renamed(tensor.name)
    for node in second.graph.node:
        own = graph.node.add()
        own.CopyFrom(node)
        own.name = f"{prefix}/{node.name}"
        for field in (own.input, own.output):
            names = [renamed(name) for name in field]
            del field[:]
            field.extend(names)
    whole.functions.extend(second.functions)
    del graph.output[:]
    del graph.value_info[:]
    for output in second.graph.output:
        own = graph.output.add()
        own.CopyFrom(output)
        own.name = renamed(output.name)
    return whole
