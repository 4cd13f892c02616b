# SPDX-License-Identifier: Apache-2.0
"""Reads MNIST, and writes calibration samples: training and test digits in turns.

    python mnist.py --data FOLDER --out OUT --count 10000

makes OUT/samples/image.npy and OUT/labels.npy. The optimizer shows passes every other sample, the training digits, and judges with
the rest, the test digits.
"""

import argparse
import gzip
import pathlib

import numpy as np

MEAN, DEVIATION = 0.1307, 0.3081


def load(folder: pathlib.Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    pictures = np.frombuffer(gzip.open(folder / f"{part}-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
    labels = np.frombuffer(gzip.open(folder / f"{part}-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
    return ((pictures.reshape(-1, 1, 28, 28) / 255 - MEAN) / DEVIATION).astype(np.float32), labels.astype(np.int32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=10000)
    arguments = parser.parse_args()
    pictures, labels = zip(*(load(arguments.data, part) for part in ["train", "t10k"]))
    folder = arguments.out / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    turns = np.stack([each[: arguments.count] for each in pictures], 1).reshape(-1, 1, 28, 28)
    np.save(folder / "image.npy", turns)
    np.save(arguments.out / "labels.npy", np.stack([each[: arguments.count] for each in labels], 1).reshape(-1).astype(np.int64))


if __name__ == "__main__":
    main()
