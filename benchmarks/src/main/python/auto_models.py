# SPDX-License-Identifier: Apache-2.0
"""What `./edgewright optimize --passes auto` does with models of others: makes their samples of the test data, runs it, and prints a table.

    python auto_models.py DATA OUT [--only MODEL...] [--minutes 2]

DATA is the test data; OUT gets the samples, and a folder with report.html for each model. Needs numpy, onnxruntime and pillow. Run it
in the root of the source tree. Faces are parts of three photos, drone frames are mirrored, darker and brighter ones as well: there are
few of either.
"""

import argparse
import gzip
import json
import pathlib
import random
import subprocess
import sys
import tarfile
import time

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

HERE = pathlib.Path(__file__).parent
MODELS = {
    "mnist-8": ("classification/mnist-8.onnx", "digits", []),
    "silero_vad": ("audio/silero_vad.onnx", "speech", []),
    "pulp_dronet_v2": ("drone/pulp_dronet_v2.onnx", "drone", []),
    "ultraface-RFB-320": ("detection/ultraface-RFB-320.onnx", "faces", ["--scale", "1", "--mean", "127", "--std", "128"]),
    "yunet_n_320": ("detection/yunet_n_320.onnx", "faces", ["--scale", "1", "--bgr"]),
    "fastestdet-coco": ("detection/fastestdet-coco.onnx", "things", ["--bgr"]),
    "squeezenet-fp16": ("classification/squeezenet-fp16.onnx", "things", ["--mean", "103.94,116.78,123.68", "--bgr"]),
}


def digits(data: pathlib.Path, folder: pathlib.Path) -> None:
    raw = gzip.open(data / "digits/t10k-images-idx3-ubyte.gz").read()
    np.save(folder / "digits.npy", np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 1, 28, 28)[:2000].astype(np.float32))


def speech(data: pathlib.Path, folder: pathlib.Path) -> None:
    recordings = [data / "tflite" / f"{word}_1000ms.wav" for word in ("yes", "no")]
    script = [sys.executable, HERE / "speech_samples.py", data / "audio/silero_vad.onnx", folder, *recordings]
    subprocess.run(script, check=True)


def drone(data: pathlib.Path, folder: pathlib.Path) -> None:
    for path in sorted((data / "drone/images").glob("*.jpg"))[:24]:  # an even number: each frame is shown or judges, never both
        frame = Image.open(path)
        mirrored = ImageOps.mirror(frame)
        dark, bright = ImageEnhance.Brightness(frame).enhance(0.7), ImageEnhance.Brightness(mirrored).enhance(1.3)
        for number, picture in enumerate([frame, mirrored, dark, bright]):
            picture.save(folder / f"{number}-{path.stem}.png")


def faces(data: pathlib.Path, folder: pathlib.Path) -> None:
    chance = random.Random(7)
    photos = [Image.open(data / "detection" / name).convert("RGB") for name in ("faces-2.jpg", "street-crowd.jpg", "grace_hopper.bmp")]
    for number in range(64):
        photo = photos[number % len(photos)]
        share = chance.uniform(0.6, 1)
        width, height = (int(share * side) for side in photo.size)
        left, top = (int(chance.uniform(0, 1 - share) * side) for side in photo.size)
        part = photo.crop((left, top, left + width, top + height))
        part = ImageOps.mirror(part) if chance.random() < 0.5 else part
        part = ImageEnhance.Brightness(part).enhance(chance.uniform(0.6, 1.3))
        part.thumbnail((640, 640))
        part.save(folder / f"{number:02}.png")


def things(data: pathlib.Path, folder: pathlib.Path) -> None:
    with tarfile.open(data / "retail/grocery.tar.gz") as archive:
        photos = sorted((m for m in archive.getmembers() if m.name.endswith(".jpg")), key=lambda member: member.name)
        for number, member in enumerate(photos[::4]):
            (folder / f"{number:03}.jpg").write_bytes(archive.extractfile(member).read())


def row(name: str, arguments: argparse.Namespace) -> str:
    file, kind, options = MODELS[name]
    samples = arguments.out / kind
    if not samples.exists():
        samples.mkdir(parents=True)
        globals()[kind](arguments.data, samples)
    out = arguments.out / name
    command = ["./edgewright", "optimize", arguments.data / file, *options, "--calibration", samples]
    start = time.monotonic()
    subprocess.run([*command, "--budget", f"minutes={arguments.minutes}", "--features", "none", "--out", out], check=True)
    seconds = time.monotonic() - start
    report = json.loads((out / "report.json").read_text())
    return f"| {name} | {report['samples']} | {seconds:.0f} | {report['message']} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", choices=MODELS, default=list(MODELS))
    parser.add_argument("--minutes", type=float, default=2)
    arguments = parser.parse_args()
    rows = [row(name, arguments) for name in arguments.only]
    print("\n| model | samples that judge | seconds in all | what came out |\n|---|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main()
