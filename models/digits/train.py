# SPDX-License-Identifier: Apache-2.0
"""Trains the digits model and writes VERSION/model.onnx and VERSION/model.json.

    python train.py --data FOLDER      # with the four files of MNIST, *-ubyte.gz
"""

import argparse
import functools
import hashlib
import json
import pathlib
import time

import jax
import numpy as np
import onnx
import onnxruntime
from jax import numpy as jnp

from digits import forward, start, to_onnx
from mnist import DEVIATION, MEAN, load

VERSION = "1.0.0"
EPOCHS, BATCH, RATE, DECAY, SEED = 1, 64, 3e-3, 1e-4, 1
PROPERTIES = {
    "task": "classification",
    "image.layout": "NCHW",
    "image.color": "GRAY",
    "image.resize": "stretch",
    "image.scale": "0.00392156862745098",
    "image.mean": str(MEAN),
    "image.std": str(DEVIATION),
    "labels": "\n".join("0123456789"),
    "source": "models/digits of Edgewright, trained on MNIST (Y. LeCun, C. Cortes; CC BY-SA 3.0)",
    "licence": "Apache-2.0",
    "description": "Hand-written digits, one a picture, white on black",
}


def loss(weights: dict, pictures: jnp.ndarray, labels: jnp.ndarray) -> tuple[jnp.ndarray, dict]:
    scores, batch = forward(weights, pictures)
    return -jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], 1).mean(), batch


@functools.partial(jax.jit, donate_argnums=(0, 1, 2, 3))
def step(weights: dict, running: dict, first: dict, second: dict, t: int, rate: float, pictures, labels):
    """One step of Adam (Kingma and Ba, 2015) with decoupled weight decay."""
    (value, batch), slope = jax.value_and_grad(loss, has_aux=True)(weights, pictures, labels)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)

    def moved(w, m, v):
        towards = (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
        return w - rate * (towards + (DECAY * w if w.ndim > 1 else 0))

    weights = jax.tree.map(moved, weights, first, second)
    running = jax.tree.map(lambda r, b: 0.95 * r + 0.05 * b, running, batch)
    return weights, running, first, second, value


def train(pictures: np.ndarray, labels: np.ndarray) -> tuple[dict, dict]:
    random = np.random.default_rng(SEED)
    weights, running = start(random)
    first, second = (jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
    steps, t, began = EPOCHS * (len(labels) // BATCH), 0, time.time()
    for epoch in range(EPOCHS):
        order, total = random.permutation(len(labels)), 0.0
        for at in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[at : at + BATCH]
            rate = RATE * 0.5 * (1 + np.cos(np.pi * t / steps))
            t += 1
            weights, running, first, second, value = step(
                weights, running, first, second, t, rate, pictures[chosen], labels[chosen]
            )
            total += float(value)
        print(f"epoch {epoch + 1}/{EPOCHS} loss {total * BATCH / len(order):.4f} {time.time() - began:.0f} s", flush=True)
    return weights, running


def accuracy(file: pathlib.Path, pictures: np.ndarray, labels: np.ndarray) -> float:
    """Of the written file, not of the network it came from."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    scores = [session.run(None, {"image": pictures[at : at + 500]})[0] for at in range(0, len(pictures), 500)]
    return float((np.concatenate(scores).argmax(1) == labels).mean())


def manifest(file: pathlib.Path, extra: dict[str, str]) -> dict:
    content = file.read_bytes()
    return {
        "name": "digits",
        "version": VERSION,
        "format": "onnx",
        "file": file.name,
        "digest": hashlib.sha256(content).hexdigest(),
        "sizeBytes": len(content),
        "inputs": [{"name": "image", "type": "FLOAT32", "shape": [-1, 1, 28, 28]}],
        "outputs": [{"name": "scores", "type": "FLOAT32", "shape": [-1, 10]}],
        "properties": PROPERTIES | extra,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    weights, running = train(*load(arguments.data, "train"))
    folder = arguments.out / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.onnx"
    onnx.save(to_onnx(weights, running, PROPERTIES), str(file))
    right = accuracy(file, *load(arguments.data, "t10k"))
    (folder / "model.json").write_text(json.dumps(manifest(file, {"accuracy": f"{right:.4f}"}), indent=2) + "\n")
    print(f"accuracy on the test digits {right:.4f}, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
