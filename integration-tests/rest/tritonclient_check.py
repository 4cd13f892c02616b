#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a gateway with the official Open Inference Protocol client.

usage: tritonclient_check.py URL TOKEN      such as http://127.0.0.1:8080

Needs `pip install tritonclient[http] numpy`, and on the gateway one deployment for each type, `identity_fp32` and so on
(bool, uint8, uint16, uint32, uint64, int8, int16, int32, int64, fp16, fp32, fp64, bytes), of a model that answers its
input `x` [-1, -1] as `y`. Exits with 1 on any deviation.
"""
import gzip
import json
import sys
import urllib.error
import urllib.request

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

URL, TOKEN = sys.argv[1].rstrip("/"), sys.argv[2]


# a new dictionary each time: the client writes into it
def auth():
    return {"Authorization": "Bearer " + TOKEN}


RANDOM = np.random.default_rng(7)
TYPES = {
    "bool": ("BOOL", np.bool_), "uint8": ("UINT8", np.uint8), "uint16": ("UINT16", np.uint16),
    "uint32": ("UINT32", np.uint32), "uint64": ("UINT64", np.uint64), "int8": ("INT8", np.int8),
    "int16": ("INT16", np.int16), "int32": ("INT32", np.int32), "int64": ("INT64", np.int64),
    "fp16": ("FP16", np.float16), "fp32": ("FP32", np.float32), "fp64": ("FP64", np.float64),
    "bytes": ("BYTES", np.object_),
}
failures = []
checks = 0


def check(what, good, detail=""):
    global checks
    checks += 1
    if not good:
        failures.append(f"{what}: {detail}")
        print("FAILED", what, detail)


def refuses(what, text, action):
    try:
        action()
        check(what, False, "it was accepted")
    except InferenceServerException as e:
        check(what, text in str(e), str(e))


def values(name, dtype, shape):
    if name == "bytes":
        words = [b"", "Grüße".encode(), b"a" * 300, b'"quoted"\n']
        return np.array([words[i % 4] for i in range(int(np.prod(shape)))], dtype=np.object_).reshape(shape)
    if name == "bool":
        return RANDOM.integers(0, 2, shape).astype(np.bool_)
    if name.startswith("fp"):
        return RANDOM.normal(size=shape).astype(dtype)
    info = np.iinfo(dtype)
    data = RANDOM.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    data.flat[0], data.flat[-1] = info.min, info.max
    return data


def infer(client, name, data, binary_in, binary_out, **options):
    protocol = TYPES[name][0]
    given = triton.InferInput("x", list(data.shape), protocol)
    given.set_data_from_numpy(data, binary_data=binary_in)
    wanted = [triton.InferRequestedOutput("y", binary_data=binary_out)]
    return client.infer("identity_" + name, [given], outputs=wanted, headers=auth(), **options)


def same(found, expected):
    return found is not None and found.shape == expected.shape and bool(np.array_equal(found, expected))


def check_types(client):
    for name, (protocol, dtype) in TYPES.items():
        metadata = client.get_model_metadata("identity_" + name, headers=auth())
        check(name + " metadata", metadata["inputs"][0]["datatype"] == protocol, metadata)
        check(name + " ready", client.is_model_ready("identity_" + name, headers=auth()))
        for shape in ([1, 1], [2, 3], [3, 1000]):
            data = values(name, dtype, shape)
            for binary_in in (True, False):
                for binary_out in (True, False):
                    if name == "fp16" and not (binary_in and binary_out):
                        continue  # this client has no JSON form of FP16; checked below without it
                    what = f"{name} {shape} binary in {binary_in} out {binary_out}"
                    answer = infer(client, name, data, binary_in, binary_out, request_id="r1")
                    found = answer.as_numpy("y")
                    if name == "bytes" and not binary_out:
                        found = np.array([v.encode() if isinstance(v, str) else v for v in found.flat],
                                         dtype=np.object_).reshape(found.shape)
                    check(what, same(found, data), found)
                    check(what + " id", answer.get_response()["id"] == "r1")


def check_options(client):
    data = values("fp32", np.float32, [8, 100])
    for algorithm in ("gzip", "deflate"):
        answer = infer(client, "fp32", data, True, True, request_compression_algorithm=algorithm,
                       response_compression_algorithm=algorithm)
        check(algorithm, same(answer.as_numpy("y"), data))
    answer = infer(client, "fp32", data, True, True, priority=1, timeout=5_000_000)
    check("priority and timeout", same(answer.as_numpy("y"), data))
    answer = infer(client, "fp32", data, True, True, model_version="1.0.0")
    check("version", same(answer.as_numpy("y"), data))
    given = triton.InferInput("x", [8, 100], "FP32")
    given.set_data_from_numpy(data)
    answer = client.infer("identity_fp32", [given], headers=auth())
    check("all outputs", same(answer.as_numpy("y"), data))
    wanted = [triton.InferRequestedOutput("y", binary_data=True, class_count=2)]
    answer = client.infer("identity_fp32", [given], outputs=wanted, headers=auth())
    classes = answer.as_numpy("y")
    best = int(classes[0][0].decode().split(":")[1])
    check("classification", classes.shape == (8, 2) and best == int(np.argmax(data[0])), classes)
    pending = [client.async_infer("identity_fp32", [given], headers=auth()) for _ in range(20)]
    check("asynchronous", all(same(p.get_result().as_numpy("y"), data) for p in pending))


def check_server(client):
    check("live", client.is_server_live())
    check("ready", client.is_server_ready())
    extensions = client.get_server_metadata(headers=auth())["extensions"]
    check("extensions", {"binary_tensor_data", "model_repository", "statistics"} <= set(extensions), extensions)
    index = client.get_model_repository_index(headers=auth())
    check("index", any(e["name"] == "identity_fp32" and e["state"] == "READY" for e in index), index)
    stats = client.get_inference_statistics("identity_fp32", headers=auth())
    check("statistics", stats["model_stats"][0]["inference_stats"]["success"]["count"] >= 0, stats)
    check("unknown model is not ready", not client.is_model_ready("nothing", headers=auth()))


def check_refusals(client):
    data = values("fp32", np.float32, [2, 2])
    given = triton.InferInput("x", [2, 2], "FP32")
    given.set_data_from_numpy(data)
    refuses("unknown model", "no model 'nothing'", lambda: client.infer("nothing", [given], headers=auth()))
    other = triton.InferInput("z", [2, 2], "FP32")
    other.set_data_from_numpy(data)
    refuses("unknown input", "no input 'z'", lambda: client.infer("identity_fp32", [other], headers=auth()))
    refuses("wrong type", "expected FP64", lambda: client.infer("identity_fp64", [given], headers=auth()))
    refuses("wrong version", "version 9",
            lambda: client.infer("identity_fp32", [given], model_version="9", headers=auth()))
    refuses("unknown output", "no output 'q'",
            lambda: client.infer("identity_fp32", [given], outputs=[triton.InferRequestedOutput("q")],
                                 headers=auth()))
    refuses("no token", "", lambda: client.infer("identity_fp32", [given]))


def check_repository(client):
    client.unload_model("identity_int8", headers=auth())
    check("unloaded", not client.is_model_ready("identity_int8", headers=auth()))
    client.load_model("identity_int8", headers=auth())
    check("loaded again", client.is_model_ready("identity_int8", headers=auth()))
    refuses("load unknown", "model 'nothing'", lambda: client.load_model("nothing", headers=auth()))


def post(path, body, headers=()):
    request = urllib.request.Request(URL + path, data=body, headers={**auth(), **dict(headers)})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as e:
        return e.code, json.load(e)


def check_plain_json():
    """What this client cannot send."""
    body = {"outputs": [{"name": "y"}],
            "inputs": [{"data": [[1, 2.5], [-0.125, "NaN"]], "datatype": "FP16", "name": "x", "shape": [2, 2]}]}
    status, answer = post("/v2/models/identity_fp16/infer", gzip.compress(json.dumps(body).encode()),
                          {"Content-Encoding": "gzip", "Content-Type": "application/json"})
    check("FP16 in JSON", status == 200 and answer["outputs"][0]["data"] == [1.0, 2.5, -0.125, "NaN"], answer)
    status, answer = post("/v2/models/identity_fp16/infer", b"{")
    check("broken JSON", status == 400 and "error" in answer, answer)


def main():
    client = triton.InferenceServerClient(URL.split("://", 1)[1], concurrency=4)
    check_server(client)
    check_types(client)
    check_options(client)
    check_refusals(client)
    check_repository(client)
    check_plain_json()
    client.close()
    print(f"{checks} checks, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
