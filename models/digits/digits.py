# SPDX-License-Identifier: Apache-2.0
"""The network: a small residual CNN with batch normalization, and how it becomes an ONNX file."""

import numpy as np
import onnx
from jax import lax, numpy as jnp
from onnx import TensorProto, helper, numpy_helper

# name: channels in and out, stride
LAYERS = {"stem": (1, 16, 1), "wide": (16, 32, 1), "block.1": (32, 32, 1), "block.2": (32, 32, 1), "deep": (32, 64, 2)}
EPSILON = 1e-5


def start(random: np.random.Generator) -> tuple[dict, dict]:
    """Weights after He et al. (2015), and the running statistics of the normalizations."""
    weights, running = {}, {}
    for name, (inputs, outputs, _) in LAYERS.items():
        deviation = np.sqrt(2 / (9 * inputs))
        weights[name] = {
            "kernel": jnp.asarray(random.normal(0, deviation, (outputs, inputs, 3, 3)), jnp.float32),
            "gamma": jnp.ones(outputs),
            "beta": jnp.zeros(outputs),
        }
        running[name] = {"mean": jnp.zeros(outputs), "variance": jnp.ones(outputs)}
    weights["head"] = {
        "kernel": jnp.asarray(random.normal(0, np.sqrt(1 / 64), (10, 64)), jnp.float32),
        "bias": jnp.zeros(10),
    }
    return weights, running


def forward(weights: dict, pictures: jnp.ndarray) -> tuple[jnp.ndarray, dict]:
    """Scores of pictures [N, 1, 28, 28] while training, and the statistics of this batch."""
    batch = {}

    def layer(name: str, x: jnp.ndarray) -> jnp.ndarray:
        stride = LAYERS[name][2]
        x = lax.conv_general_dilated(x, weights[name]["kernel"], (stride, stride), ((1, 1), (1, 1)))
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
        batch[name] = {"mean": mean, "variance": variance}
        scale = weights[name]["gamma"] / jnp.sqrt(variance + EPSILON)
        return (x - mean[:, None, None]) * scale[:, None, None] + weights[name]["beta"][:, None, None]

    x = relu(layer("stem", pictures))
    x = relu(layer("wide", x))
    x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    x = relu(x + layer("block.2", relu(layer("block.1", x))))
    x = relu(layer("deep", x))
    return x.mean((2, 3)) @ weights["head"]["kernel"].T + weights["head"]["bias"], batch


def relu(x: jnp.ndarray) -> jnp.ndarray:
    return jnp.maximum(x, 0)


def to_onnx(weights: dict, running: dict, properties: dict[str, str]) -> onnx.ModelProto:
    nodes, constants = [], []

    def constant(name: str, value: jnp.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def node(operator: str, name: str, *inputs: str, **attributes: object) -> str:
        nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def layer(name: str, x: str) -> str:
        stride = LAYERS[name][2]
        kernel = constant(f"{name}.kernel", weights[name]["kernel"])
        x = node("Conv", f"{name}.conv", x, kernel, kernel_shape=[3, 3], pads=[1] * 4, strides=[stride] * 2)
        values = [weights[name]["gamma"], weights[name]["beta"], running[name]["mean"], running[name]["variance"]]
        parts = [constant(f"{name}.{part}", v) for part, v in zip(["gamma", "beta", "mean", "variance"], values)]
        return node("BatchNormalization", f"{name}.norm", x, *parts, epsilon=EPSILON)

    x = node("Relu", "stem", layer("stem", "image"))
    x = node("Relu", "wide", layer("wide", x))
    pooled = node("MaxPool", "pool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = node("Relu", "block.1", layer("block.1", pooled))
    x = node("Relu", "block.2", node("Add", "block.sum", layer("block.2", x), pooled))
    x = node("Relu", "deep", layer("deep", x))
    x = node("Flatten", "features", node("GlobalAveragePool", "average", x))
    kernel, bias = (constant(f"head.{part}", weights["head"][part]) for part in ["kernel", "bias"])
    node("Gemm", "scores", x, kernel, bias, transB=1)
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 28, 28])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 10])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.producer_name = "edgewright digits"
    helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    return model
