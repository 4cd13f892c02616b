#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Static int8 of Edgewright's passes beside that of onnxruntime.quantization: same models, same calibration samples, same
settings, judged and timed by the same ONNX Runtime.

usage: quantize_compare.py FOLDER DATA MODELS [--only NAME...] [--rounds N] [--json FILE] -- APPLY_PASSES...

FOLDER is for files in between, DATA the test data, MODELS the project's models/. APPLY_PASSES is the command that applies
passes (benchmarks/run.sh quantize gives it). Needs onnx, onnxruntime, numpy, pillow, sympy.
"""
import argparse
import gzip
import io
import json
import pathlib
import platform
import subprocess
import tarfile
import time

import numpy as np
import onnx
import onnxruntime as ort
from PIL import Image
from onnxruntime import quantization as q
from onnxruntime.quantization.shape_inference import quant_pre_process

CALIBRATION = 200
FLAGS = pathlib.Path("/proc/cpuinfo").read_text()
REDUCED = "vnni" not in FLAGS and platform.machine() == "x86_64"  # 7-bit weights, as its documentation asks there


ort.set_default_logger_severity(3)


def digits(data, what, count=None):
    raw = gzip.open(data / f"digits/{what}-images-idx3-ubyte.gz").read()
    return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 1, 28, 28)[:count].astype(np.float32)


def labels(data):
    return np.frombuffer(gzip.open(data / "digits/t10k-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)


def frames(data):
    files = sorted((data / "drone/images").glob("*.jpg"))
    return np.stack([np.asarray(Image.open(f).convert("L"), np.float32)[None] / 255 for f in files])


def pictures(data, width, height, count):
    """Photos of groceries, RGB, 0..255."""
    found = []
    with tarfile.open(data / "retail/grocery.tar.gz") as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            if member.name.endswith(".jpg") and len(found) < count:
                picture = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB").resize((width, height))
                found.append(np.asarray(picture, np.float32).transpose(2, 0, 1))
    return np.stack(found)


def normalized(pixels):
    return ((pixels / 255 - 0.1307) / 0.3081).astype(np.float32)


def cases(data, models):
    """name, model file, calibration samples, test samples, labels or None."""
    right = labels(data)
    train, test = digits(data, "train", CALIBRATION), digits(data, "t10k")
    yield ("digits (ours)", models / "digits/1.0.0/model.onnx", normalized(train), normalized(test), right)
    yield ("mnist-cnn-pytorch", data / "classification/mnist-cnn-pytorch.onnx", normalized(train), normalized(test), right)
    yield ("mnist-8", data / "classification/mnist-8.onnx", train, test, right)
    drone = frames(data)
    yield ("pulp_dronet_v2", data / "drone/pulp_dronet_v2.onnx", drone, drone, None)
    faces = (pictures(data, 320, 240, 100) - 127) / 128
    yield ("ultraface-RFB-320", data / "detection/ultraface-RFB-320.onnx", faces[::2], faces[1::2], None)
    coco = pictures(data, 352, 352, 100)[:, ::-1] / 255
    yield ("fastestdet-coco", data / "detection/fastestdet-coco.onnx", coco[::2], coco[1::2], None)
    yunet = pictures(data, 320, 320, 100)[:, ::-1]
    yield ("yunet_n_320", data / "detection/yunet_n_320.onnx", yunet[::2], yunet[1::2], None)


def input_name(file):
    model = onnx.load(file)
    constants = {t.name for t in model.graph.initializer}
    return next(i.name for i in model.graph.input if i.name not in constants)


class Reader(q.CalibrationDataReader):
    def __init__(self, name, samples):
        self.rest = iter([{name: samples[i : i + 1]} for i in range(len(samples))])

    def get_next(self):
        return next(self.rest, None)


def python_way(file, name, samples, method, target):
    """As its documentation says: a late enough opset, pre-processing, then quantize_static."""
    model = onnx.load(file)
    constants = {t.name for t in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, 8)
    if next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx")) < 13:
        model = onnx.version_converter.convert_version(model, 13)
    late, ready = target.with_suffix(".13.onnx"), target.with_suffix(".ready.onnx")
    onnx.save(model, late)
    quant_pre_process(str(late), str(ready))
    try:
        quantize(ready, name, samples, method, target, True)
        return ""
    except ValueError:  # seen with a bias that more than one channel must rescale
        quantize(ready, name, samples, method, target, False)
        return " (per channel fails; per tensor)"


def quantize(ready, name, samples, method, target, per_channel):
    q.quantize_static(
        str(ready), str(target), Reader(name, samples), quant_format=q.QuantFormat.QDQ, per_channel=per_channel,
        reduce_range=REDUCED, activation_type=q.QuantType.QUInt8, weight_type=q.QuantType.QInt8,
        calibrate_method=getattr(q.CalibrationMethod, method))


def session(file):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def answers(file, name, samples):
    run = session(file)
    return [[o.ravel() for o in run.run(None, {name: samples[i : i + 1]})] for i in range(len(samples))]


def judge(original, found, right):
    """Right classes in percent where there are labels, else how close the answers are to the original's: the signal to noise
    ratio in dB, of the worst output."""
    if right is not None:
        return 100 * float(np.mean([a[0].argmax() == r for a, r in zip(found, right)]))
    ratios = []
    for o in range(len(original[0])):
        signal = np.concatenate([a[o] for a in original]).astype(np.float64)
        noise = np.concatenate([a[o] for a in found]) - signal
        ratios.append(10 * np.log10(np.sum(signal**2) / max(np.sum(noise**2), 1e-30)))
    return float(min(ratios))


def changed(original, found, right):
    """How many answers have another class than the original's, where there are classes."""
    if right is None:
        return ""
    return f" ({sum(a[0].argmax() != b[0].argmax() for a, b in zip(original, found))})"


def speedups(files, name, sample, rounds):
    """Medians over turns in which each runs once, each turn beginning with another: how many times as fast as the first, by the
    processor time of the calling thread, which is the only one that works."""
    runs = [session(f) for f in files]
    feed = {name: sample}
    times = np.zeros((rounds, len(runs)))
    for r in range(-10, rounds):
        for turn in range(len(runs)):
            k = (r + turn) % len(runs)
            start = time.thread_time_ns()
            runs[k].run(None, feed)
            if r >= 0:
                times[r, k] = time.thread_time_ns() - start
    return np.median(times, 0) / 1000, np.median(times[:, :1] / times, 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("--only", action="append", help="a model, as the table names it")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("apply", nargs="+")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    methods = [("minmax", "MinMax"), ("percentile", "Percentile"), ("entropy", "Entropy")]
    all_cases = [c for c in cases(arguments.data, arguments.models) if not arguments.only or c[0] in arguments.only]
    commands, files, notes = [], {}, {}
    for number, (case, file, calibration, _, _) in enumerate(all_cases):
        name = input_name(file)
        samples = arguments.folder / f"{number}.npy"
        np.save(samples, np.ascontiguousarray(calibration, np.float32))
        for ours, theirs in methods:
            mine, other = (arguments.folder / f"{number}-{ours}-{who}.onnx" for who in ("ours", "theirs"))
            files[number, ours] = (mine, other)
            commands += [name, str(file), str(samples), f"graph;quantize(calibration={ours},mixed=0)", str(mine)]
            notes[number, ours] = python_way(file, name, calibration, theirs, other)
    subprocess.run(arguments.apply + commands, check=True)
    print(f"{platform.machine()}, {'no ' if REDUCED else ''}VNNI, onnxruntime {ort.__version__}, onnx {onnx.__version__}")
    print("| model | calibration | float | Edgewright | Python | Edgewright, speed | Python, speed | Edgewright, size | Python, size |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows = []
    for number, (case, file, _, test, right) in enumerate(all_cases):
        name = input_name(file)
        original = answers(file, name, test)
        for ours, _ in methods:
            mine, other = files[number, ours]
            found = [answers(f, name, test) for f in (mine, other)]
            us, faster = speedups([file, mine, other], name, test[:1], arguments.rounds)
            row = {
                "model": case, "calibration": ours, "float": judge(original, original, right) if right is not None else None,
                "edgewright": judge(original, found[0], right),
                "python": judge(original, found[1], right),
                "float_us": us[0], "edgewright_speed": faster[1], "python_speed": faster[2],
                "edgewright_size": mine.stat().st_size / file.stat().st_size,
                "python_size": other.stat().st_size / file.stat().st_size,
            }
            rows.append(row)
            other_class = [changed(original, f, right) for f in found]
            unit = "%" if right is not None else "dB"
            start = f"{row['float']:.2f} %" if right is not None else ""
            print(f"| {case} | {ours} | {start} | {row['edgewright']:.2f} {unit}{other_class[0]} |"
                  f" {row['python']:.2f} {unit}{other_class[1]}"
                  f"{notes[number, ours]} | {faster[1]:.2f} | {faster[2]:.2f} | {row['edgewright_size']:.2f} |"
                  f" {row['python_size']:.2f} |", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
