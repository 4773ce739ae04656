"""Products with matrices in eight bits, whose left side gets a scale for each of its rows.

A scale over a whole batch is what runtimes take by default, and then an answer depends on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

LEAST = 1e-9
"""Of a scale, so that a row of zeros stays one."""
LEVELS, ZERO = 127.0, 128
"""Steps on each side of what stands for 0 among unsigned bytes."""


def quantise_products(model: ModelProto, *, seven: bool) -> int:
    """Rewrite every product with a constant matrix in place; how many there were.

    `x @ w` becomes `(q(x) @ q(w)) * scale(x) * scale(w)`: x [..., n, D] is rounded to bytes with a scale for each row n
    (token-wise, Yao et al. 2022, arXiv:2206.01861), w [D, K] with one for each column, to seven bits where asked.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    kept = {each.name: each for each in graph.initializer}
    constants: dict[str, NDArray[Any]] = {
        "row_levels": np.array(LEVELS, np.float32),
        "row_zero": np.array(ZERO, np.uint8),
        "row_one": np.array(1.0, np.float32),
        "row_least": np.array(LEAST, np.float32),
        "row_last": np.array([-1], np.int64),
    }
    nodes: list[NodeProto] = []
    scaled: dict[str, str] = {}
    found = 0
    for node in graph.node:
        matrix = _matrix(node, kept)
        if matrix is None:
            nodes.append(node)
            continue
        name, left = f"product_{found}", node.input[0]
        found += 1
        constants[f"{name}_w"], constants[f"{name}_s"] = _columns(matrix, 63.0 if seven else LEVELS)
        if left not in scaled:
            scaled[left] = f"rows_{len(scaled)}"
            nodes += _rounded(left, scaled[left])
        bias = node.input[2] if node.op_type == "Gemm" and len(node.input) > 2 else ""
        nodes += _product(scaled[left], name, node.output[0], bias)
    used = {name for node in nodes for name in node.input} | {each.name for each in graph.output}
    initializers = [each for name, each in kept.items() if name in used]
    initializers += [
        numpy_helper.from_array(value, name) for name, value in constants.items() if name in used
    ]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(initializers)
    if found and not any(each.domain == "com.microsoft" for each in model.opset_import):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return found


def _matrix(node: NodeProto, kept: dict[str, Any]) -> NDArray[Any] | None:
    """[D, K] that a node multiplies with, if it is constant."""
    from onnx import numpy_helper

    if node.op_type not in ("MatMul", "Gemm") or node.input[1] not in kept:
        return None
    matrix: NDArray[Any] = numpy_helper.to_array(kept[node.input[1]])
    if matrix.ndim != 2 or matrix.dtype != np.float32:
        return None
    if node.op_type == "MatMul":
        return matrix
    said = {each.name: each.f if each.type == 1 else each.i for each in node.attribute}
    if said.get("transA", 0) or said.get("alpha", 1.0) != 1.0 or said.get("beta", 1.0) != 1.0:
        return None
    return matrix.T if said.get("transB", 0) else matrix


def _columns(matrix: NDArray[np.float32], levels: float) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The matrix in steps, and what a step is in each column."""
    step = np.maximum(np.abs(matrix).max(axis=0), LEAST) / levels
    return np.clip(np.rint(matrix / step), -levels, levels).astype(np.int8), step.astype(np.float32)


def _rounded(left: str, name: str) -> Iterator[NodeProto]:
    """`<name>_q`, bytes, and `<name>_scale`, what a step is in each row."""
    yield _node("ReduceMax", [left, "row_last"], f"{name}_max", keepdims=1)
    yield _node("ReduceMin", [left, "row_last"], f"{name}_min", keepdims=1)
    yield _node("Neg", [f"{name}_min"], f"{name}_other")
    yield _node("Max", [f"{name}_max", f"{name}_other", "row_least"], f"{name}_top")
    yield _node("Div", [f"{name}_top", "row_levels"], f"{name}_scale")
    yield _node("Div", ["row_levels", f"{name}_top"], f"{name}_in_one")
    yield _node("Mul", [left, f"{name}_in_one"], f"{name}_steps")
    yield _node("QuantizeLinear", [f"{name}_steps", "row_one", "row_zero"], f"{name}_q")


def _product(rows: str, name: str, output: str, bias: str) -> Iterator[NodeProto]:
    # The runtime's own operation turns sums of bytes into floats while they are at hand.
    given = [f"{rows}_q", f"{name}_w", "row_one", f"{name}_s", "row_zero"]
    yield _node("MatMulIntegerToFloat", given, f"{name}_f", domain="com.microsoft")
    scaled = f"{name}_r" if bias else output
    yield _node("Mul", [f"{name}_f", f"{rows}_scale"], scaled)
    if bias:
        yield _node("Add", [scaled, bias], output)


def _node(kind: str, inputs: list[str], output: str, **more: Any) -> NodeProto:
    from onnx import helper

    return helper.make_node(kind, inputs, [output], name=f"{kind}_{output}", **more)
