# SPDX-License-Identifier: Apache-2.0
"""Trains one version of the shop detector and writes VERSION/model.onnx, VERSION/model.json and metrics.json.

    python train.py --data DATA --version 1.1.0
"""

import argparse
import copy
import hashlib
import json
import math
import pathlib
import time

import numpy as np
import onnx
import onnxruntime
import torch
from torch.nn import functional as F

from data import load, mirror, targets, vary
from detector import HEIGHT, WIDTH, Detector, boxes
from metrics import decode, evaluate

RECIPES = {
    "1.0.0": {"sets": ["small"], "epochs": 10, "vary": False, "seed": 1},
    "1.1.0": {"sets": ["standard", "small", "varied"], "epochs": 6, "vary": True, "seed": 2},
}
TESTS = ["test", "test-standard"]
BATCH, RATE = 24, 4e-3
PROPERTIES = {
    "task": "detection",
    "decoder": "fastestdet",
    "image.layout": "NCHW",
    "image.color": "BGR",
    "image.resize": "stretch",
    "image.scale": "0.00392156862745098",
    "labels": "person",
    "source": "models/shop-detector of Edgewright, trained on rendered pictures only",
    "licence": "Apache-2.0",
    "description": "People in a shop seen from a camera under the ceiling",
}


def loss(model: Detector, pictures: torch.Tensor, labels: list[np.ndarray]) -> torch.Tensor:
    heat, box, weight = targets(labels)
    score, raw = model.raw(pictures)
    score = score[:, 0]
    p = torch.sigmoid(score)
    positive = (heat == 1).float()
    count = positive.sum().clamp(min=1)
    # the penalty-reduced focal loss of CenterNet (Zhou et al., 2019)
    found = F.logsigmoid(score) * (1 - p) ** 2 * positive
    wrong = F.logsigmoid(-score) * p**2 * (1 - heat) ** 4 * (1 - positive) * weight[:, 0]
    return -(found + wrong).sum() / count + 2 * giou(boxes(raw), box, weight[:, 1])


def giou(a: torch.Tensor, b: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The generalized IoU loss (Rezatofighi et al., 2019)."""
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    common = (high - low).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - common
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    value = 1 - common / (union + 1e-7) + (hull - union) / (hull + 1e-7)
    return (value * weight).sum() / weight.sum().clamp(min=1)


def train(recipe: dict, data: pathlib.Path) -> tuple[Detector, int]:
    torch.manual_seed(recipe["seed"])
    random = np.random.default_rng(recipe["seed"])
    sets = [load(data / name) for name in recipe["sets"]]
    pictures = torch.cat([each[0] for each in sets])
    labels = [label for each in sets for label in each[1]]
    model = Detector().train()
    average = copy.deepcopy(model)
    steps = recipe["epochs"] * (len(labels) // BATCH)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0}], RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps, pct_start=0.15)
    step, began = 0, time.time()
    for epoch in range(recipe["epochs"]):
        order = random.permutation(len(labels))
        total = 0.0
        for at in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[at : at + BATCH]
            batch, truth = mirror(pictures[chosen].float() / 255, [labels[i] for i in chosen], random)
            if recipe["vary"]:
                batch, truth = vary(batch, truth, random)
            value = loss(model, batch, truth)
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
            optimizer.step()
            schedule.step()
            step += 1
            follow(average, model, min(0.995, (1 + step) / (10 + step)))
            total += value.item()
        mean = total * BATCH / len(order)
        print(f"epoch {epoch + 1}/{recipe['epochs']} loss {mean:.4f} {time.time() - began:.0f} s", flush=True)
    return average.eval(), len(labels)


@torch.no_grad()
def follow(average: Detector, model: Detector, share: float) -> None:
    for old, new in zip(average.state_dict().values(), model.state_dict().values()):
        if old.dtype.is_floating_point:
            old.lerp_(new, 1 - share)
        else:
            old.copy_(new)


def export(model: Detector, version: str, file: pathlib.Path) -> None:
    example = torch.zeros(1, 3, HEIGHT, WIDTH)
    torch.onnx.export(model, example, str(file), input_names=["image"], output_names=["cells"], opset_version=13)
    graph = onnx.load(str(file))
    graph.producer_name, graph.producer_version = "edgewright shop-detector", version
    graph.graph.name = "shop-detector"
    onnx.helper.set_model_props(graph, PROPERTIES | {"version": version})
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(file))


def session(file: pathlib.Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def test(file: pathlib.Path, data: pathlib.Path) -> dict:
    """Measures the exported file, not the network it came from."""
    runner = session(file)
    results = {}
    for name in TESTS:
        pictures, labels = load(data / name)
        found = []
        for picture in pictures:
            value = (picture.float() / 255)[None].numpy()
            found += decode(torch.from_numpy(runner.run(None, {"image": value})[0]))
        results[name] = evaluate(found, labels)
    return results


def manifest(version: str, file: pathlib.Path, extra: dict[str, str]) -> dict:
    content = file.read_bytes()
    return {
        "name": "shop-detector",
        "version": version,
        "format": "onnx",
        "file": file.name,
        "digest": hashlib.sha256(content).hexdigest(),
        "sizeBytes": len(content),
        "inputs": [{"name": "image", "type": "FLOAT32", "shape": [1, 3, HEIGHT, WIDTH]}],
        "outputs": [{"name": "cells", "type": "FLOAT32", "shape": [1, 6, HEIGHT // 8, WIDTH // 8]}],
        "properties": PROPERTIES | extra,
    }


def record(file: pathlib.Path, version: str, facts: dict) -> None:
    """Beside the packages, not in them: a package holds only what a gateway needs."""
    versions = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(dict(sorted((versions | {version: facts}).items())), indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--version", choices=RECIPES, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    recipe = RECIPES[arguments.version]
    began = time.time()
    model, pictures = train(recipe, arguments.data)
    seconds = time.time() - began
    folder = arguments.out / arguments.version
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.onnx"
    export(model, arguments.version, file)
    results = test(file, arguments.data)
    parameters = sum(p.numel() for p in model.parameters())
    facts = {"parameters": parameters, "trained_on_pictures": pictures, "training_seconds": math.ceil(seconds)}
    record(arguments.out / "metrics.json", arguments.version, recipe | facts | {"tests": results})
    extra = {"map50": str(results["test"]["map50"]), "count.error": str(results["test"]["count_error"])}
    (folder / "model.json").write_text(json.dumps(manifest(arguments.version, file, extra), indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
