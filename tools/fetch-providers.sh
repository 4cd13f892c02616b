#!/usr/bin/env bash
# Fetches plug-in execution providers of ONNX Runtime for tests and benchmarks: pinned wheels of PyPI, checked by digest,
# unpacked below target/providers. Nothing of them is packaged. Prints one line VARIABLE=library for each.
# usage: tools/fetch-providers.sh [openvino] [ggml]      (default: both; x86-64 Linux only)
# Without network it works if the wheels are there from before; else it says so and ends with 1.
set -euo pipefail
cd "$(dirname "$0")/.."
folder="$PWD/target/providers"

fetch() { # fetch PACKAGE VERSION FILE SHA256 LIBRARY VARIABLE
    local wheel="$folder/$3" unpacked="$folder/$1-$2"
    mkdir -p "$folder"
    if ! echo "$4  $wheel" | sha256sum --check --status 2>/dev/null; then
        rm -f "$wheel"
        python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
            --dest "$folder" "$1==$2" >&2 || {
            echo "fetch-providers.sh: $1 $2 could not be downloaded from PyPI; what needs it is skipped" >&2
            return 1
        }
        if ! echo "$4  $wheel" | sha256sum --check --status 2>/dev/null; then
            echo "fetch-providers.sh: $wheel is not the file that was pinned (sha256 $4); it is not used" >&2
            return 1
        fi
    fi
    if [ ! -f "$unpacked/complete" ]; then
        rm -rf "$unpacked"
        python3 -m zipfile -e "$wheel" "$unpacked"
        touch "$unpacked/complete"
    fi
    echo "$6=$unpacked/$5"
}

if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "fetch-providers.sh: the pinned wheels are for Linux on x86-64, this is $(uname -sm)" >&2
    exit 1
fi
status=0
for name in ${*:-openvino ggml}; do
    case $name in
        openvino) fetch onnxruntime-ep-openvino 1.8.1 onnxruntime_ep_openvino-1.8.1-py3-none-manylinux_2_28_x86_64.whl \
            3832643158c8c187fcab6db661cde2a8c06a2b3559d95d0f2411ac0e51c5e924 \
            onnxruntime_ep_openvino/libonnxruntime_providers_openvino_plugin.so EDGEWRIGHT_OPENVINO || status=1 ;;
        ggml) fetch onnxruntime-ggml 0.2.0 onnxruntime_ggml-0.2.0-py3-none-manylinux_2_35_x86_64.whl \
            2342809f3f6dc2d7b6d303f3bcde391ec5ab10177ce45aec9365880aa5914745 \
            onnxruntime_ggml/lib/libonnxruntime_ggml.so EDGEWRIGHT_GGML || status=1 ;;
        *)
            echo "fetch-providers.sh: there is no provider '$name', expected openvino or ggml" >&2
            exit 2
            ;;
    esac
done
exit "$status"
