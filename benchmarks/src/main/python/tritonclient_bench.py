#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks an identity model by the official client: for each line `MILLIS` on the input, the median time of a call
and the processor time of this process for one call, in us.

usage: tritonclient_bench.py HOST:PORT MODEL FLOATS
"""
import sys
import time

import numpy as np
import tritonclient.http as triton

address, model, floats = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = triton.InferenceServerClient(address)
data = np.random.default_rng(1).random((1, floats), dtype=np.float32)
wanted = [triton.InferRequestedOutput("y", binary_data=False)]  # MLServer has JSON only


def call():
    given = triton.InferInput("x", list(data.shape), "FP32")
    given.set_data_from_numpy(data, binary_data=False)
    answer = client.infer(model, [given], outputs=wanted).as_numpy("y")
    assert answer.shape == data.shape


for line in sys.stdin:
    times = []
    cpu = time.process_time()
    end = time.perf_counter() + int(line) / 1000
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    print(sorted(times)[len(times) // 2] * 1e6, cpu / len(times) * 1e6, flush=True)
