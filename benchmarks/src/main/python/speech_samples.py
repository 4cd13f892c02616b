# SPDX-License-Identifier: Apache-2.0
"""Makes calibration samples of a model with a state: runs Silero VAD over recordings and keeps the inputs of every frame.

    python speech_samples.py MODEL.onnx OUT RECORDING.wav...

makes OUT/RECORDING-0000.npz and so on, with the arrays input, state and sr. Recordings are mono, 16 bits, 16 kHz. Needs numpy and
onnxruntime.
"""

import argparse
import pathlib
import wave

import numpy as np
import onnxruntime

RATE, FRAME, CONTEXT = 16000, 512, 64


def samples(recording: pathlib.Path) -> np.ndarray:
    with wave.open(str(recording)) as file:
        found = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        if found != (1, 2, RATE):
            raise SystemExit(f"{recording} has (channels, bytes, rate) {found}, expected {(1, 2, RATE)}")
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("recordings", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    session = onnxruntime.InferenceSession(arguments.model, providers=["CPUExecutionProvider"])
    arguments.out.mkdir(parents=True, exist_ok=True)
    for recording in arguments.recordings:
        signal = np.concatenate([np.zeros(CONTEXT, np.float32), samples(recording)])
        state = np.zeros((2, 1, 128), np.float32)
        for number, start in enumerate(range(0, len(signal) - FRAME - CONTEXT + 1, FRAME)):
            frame = signal[None, start : start + CONTEXT + FRAME]
            inputs = {"input": frame, "state": state, "sr": np.array(RATE, np.int64)}
            np.savez(arguments.out / f"{recording.stem}-{number:04}.npz", **inputs)
            _, state = session.run(None, inputs)


if __name__ == "__main__":
    main()
