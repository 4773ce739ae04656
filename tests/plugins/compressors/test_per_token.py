"""Products in eight bits with a scale for each row: near the float ones, and the same in any company."""

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from vertikit_plugins.compressors.per_token import quantise_products

WIDTH, OUT = 32, 8
RANDOM = np.random.default_rng(0)
MATRIX = RANDOM.normal(size=(WIDTH, OUT)).astype(np.float32)
BIAS = RANDOM.normal(size=OUT).astype(np.float32)


def graph(kind: str) -> onnx.ModelProto:
    """A product with a constant matrix, as different exporters write it."""
    kept = {"w": MATRIX.T if kind == "gemm, turned" else MATRIX, "b": BIAS}
    if kind == "matmul":
        nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])]
    else:
        nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=int(kind == "gemm, turned"))]
    shape = ["n", WIDTH]
    made = helper.make_graph(
        nodes, "product", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", OUT])],
        [numpy_helper.from_array(value, name) for name, value in kept.items()],
    )  # fmt: skip
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(model: onnx.ModelProto, x: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


@pytest.mark.parametrize("kind", ["matmul", "gemm", "gemm, turned"])
def test_a_product_in_eight_bits_is_near_the_float_one(kind: str) -> None:
    x = RANDOM.normal(size=(50, WIDTH)).astype(np.float32)
    model = graph(kind)
    before = run(model, x)
    # With all eight bits, sums of two products overflow on processors without instructions for them.
    assert quantise_products(model, seven=True) == 1
    onnx.checker.check_model(model)
    after = run(model, x)
    assert 0 < np.abs(after - before).max() < 0.03 * np.abs(before).max()


def test_a_row_gets_the_same_whatever_stands_beside_it() -> None:
    model = graph("matmul")
    quantise_products(model, seven=True)
    x = RANDOM.normal(size=(20, WIDTH)).astype(np.float32)
    huge = np.concatenate([x, 1e4 * x[:3]])
    np.testing.assert_array_equal(run(model, x), run(model, huge)[:20])
    np.testing.assert_array_equal(run(model, x[:1]), run(model, x)[:1])


def test_a_row_of_zeros_gives_what_zeros_give() -> None:
    model = graph("matmul")
    quantise_products(model, seven=True)
    np.testing.assert_allclose(run(model, np.zeros((1, WIDTH), np.float32))[0], BIAS, atol=1e-6)


def test_products_of_two_things_that_vary_are_left_alone() -> None:
    shape = ["n", 4, 4]
    made = helper.make_graph(
        [helper.make_node("MatMul", ["x", "x"], ["y"])], "own",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )  # fmt: skip
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)])
    assert quantise_products(model, seven=True) == 0
    assert [node.op_type for node in model.graph.node] == ["MatMul"]
