#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the benchmarks, prints tables, and leaves the same as JSON in benchmarks/target/results.
# usage: benchmarks/run.sh [predict] [jmh] [swap] [memory] [rest] [start] [failover] [litert] [kura] [remote] [agree] [drivers] [quantize]
# default: all but jmh, failover, litert, kura, remote, agree, drivers and quantize, about 8 minutes; DEVICES='PID~NAME KEY=VALUE...' are the
# devices that agree sets up (default: OpenVINO, and TensorFlow Lite without XNNPACK); STRIKES=100 is how often each fault strikes in failover
set -eu
cd "$(dirname -- "$0")/.."
root=$(pwd)
what=${*:-predict swap memory rest start}

if [ "${EDGEWRIGHT_NO_BUILD:-}" = "" ]; then
    ./mvnw -q -Pbenchmarks -Dmaven.test.skip=true -Dspotless.check.skip=true package -pl benchmarks -am
    ./edgewright version
fi

target=$root/benchmarks/target
gateway=$root/features/gateway/target/gateway
jars=$(find "$target/lib" -name '*.jar' | sort | tr '\n' ':')
ours=$target/io.edgewright.benchmarks-0.1.0-SNAPSHOT.jar:$jars
# ONNX Runtime comes from the gateway's own bundle where a gateway runs, and from its plain jar for DJL
felix=$(echo "$ours" | tr ':' '\n' | grep -v '/onnxruntime-[0-9]' | tr '\n' ':')

run() { # run HEAP CLASS ARGUMENTS: a server's compiler, a gateway's collector
    heap=$1
    shift
    ORT_DISABLE_TELEMETRY=1 java "-Xmx$heap" -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
        -cp "$felix" "$@"
}

openvino() { # prints OpenVINO's plug-in; it takes Intel processors only, elsewhere it is told that this is one, as in the tests
    library=${EDGEWRIGHT_OPENVINO:-$(tools/fetch-providers.sh openvino | cut -d= -f2-)}
    if [ -f "$library" ] && ! grep -q GenuineIntel /proc/cpuinfo; then
        gcc -shared -fPIC -O1 -o "$target/libany_vendor.so" bundles/io.edgewright.accelerator.plugin/src/test/c/any_vendor.c \
            "-DREAL=\"$library\"" -Wl,-z,nodelete -ldl
        library=$target/libany_vendor.so
    fi
    echo "$library"
}

devices() { # prints the devices that agree adds by itself: OpenVINO, and TensorFlow Lite without XNNPACK behind our test delegate
    library=$(openvino || true)
    [ ! -f "$library" ] || printf 'io.edgewright.accelerator.plugin~openvino preset=openvino library=%s' "$library"
    delegate=$target/libtest_delegate.so
    if gcc -shared -fPIC -O1 -o "$delegate" bundles/io.edgewright.accelerator.litert/src/test/c/test_delegate.c; then
        [ ! -f "$library" ] || printf ';'
        printf 'io.edgewright.accelerator.litert.delegate~plain name=plain library=%s xnnpack=false' "$delegate"
    fi
}

uname -srm
grep -m 1 'model name' /proc/cpuinfo || true
echo "$(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg), $(java -version 2>&1 | head -n 1)"
run 1g io.edgewright.benchmarks.Models "$target"
status=0
for benchmark in $what; do
    code=0
    case $benchmark in
        predict) java -Xmx64m -cp "$ours" io.edgewright.benchmarks.Compare "$target" "${ROUNDS:-9}" || code=$? ;;
        jmh) java -cp "$felix" org.openjdk.jmh.Main -prof gc -rf json -rff "$target/results/jmh.json" \
            -jvmArgs "-Xmx512m -XX:+UseSerialGC -Dedgewright.benchmarks.target=$target" || code=$? ;;
        swap) run 256m io.edgewright.benchmarks.SwapDrill "$target" || code=$? ;;
        memory) run 128m io.edgewright.benchmarks.MemoryDrill "$target" || code=$? ;;
        rest) run 512m io.edgewright.benchmarks.RestBenchmark "$target" || code=$? ;;
        failover) run 128m io.edgewright.benchmarks.FailoverDrill "$target" "${STRIKES:-100}" || code=$? ;;
        start) run 64m io.edgewright.benchmarks.StartBenchmark "$target" "$gateway" || code=$? ;;
        kura) run 512m io.edgewright.benchmarks.KuraBenchmark "$target" "${ROUNDS:-9}" || code=$? ;;
        litert) run 256m io.edgewright.benchmarks.LitertBenchmark "$target" \
            "${EDGEWRIGHT_TEST_DATA:-$root/../shared/data}/tflite" "${ROUNDS:-9}" || code=$? ;;
        remote)
            if "${EDGEWRIGHT_MLSERVER_PYTHON:-python3}" -c 'import mlserver, tritonclient.http' 2>/dev/null; then
                felix=$felix$(find "$target/bundles" -name 'org.osgi.util.function-*.jar'):
                run 512m io.edgewright.benchmarks.RemoteBenchmark "$target" "$root" \
                    "${EDGEWRIGHT_MLSERVER_PYTHON:-python3}" || code=$?
            else
                echo "skipped: remote needs a Python with 'mlserver' and 'tritonclient[http]' (set EDGEWRIGHT_MLSERVER_PYTHON)"
            fi
            ;;
        agree)
            felix=$felix$(echo "$target"/drivers/*.jar | tr ' ' ':') # reads TensorFlow Lite files
            DEVICES=${DEVICES-$(devices)} run 256m io.edgewright.benchmarks.Agree "$target" "$gateway" || code=$?
            ;;
        drivers)
            run 512m io.edgewright.benchmarks.DriverBenchmark "$target" "${EDGEWRIGHT_TEST_DATA:-$root/../shared/data}" \
                "$(openvino)" || code=$?
            ;;
        quantize)
            python=${EDGEWRIGHT_QUANTIZE_PYTHON:-python3}
            if "$python" -c 'import onnx, onnxruntime, numpy, PIL, sympy' 2>/dev/null; then
                ORT_DISABLE_TELEMETRY=1 "$python" benchmarks/src/main/python/quantize_compare.py "$target/quantize" \
                    "${EDGEWRIGHT_TEST_DATA:-$root/../shared/data}" models --json "$target/results/quantize.json" -- \
                    java -Xmx1g -XX:MaxDirectMemorySize=1g -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$felix" \
                    io.edgewright.benchmarks.ApplyPasses "$target" || code=$?
            else
                echo "skipped: quantize needs a Python with onnx, onnxruntime 1.29.0, numpy, pillow and sympy (set" \
                    "EDGEWRIGHT_QUANTIZE_PYTHON)"
            fi
            ;;
        *)
            echo "run.sh: there is no benchmark '$benchmark', expected predict, jmh, swap, memory, rest, start, failover, litert," \
                "kura, remote, agree, drivers or quantize" >&2
            exit 2
            ;;
    esac
    if [ "$code" != 0 ]; then
        echo "run.sh: the benchmark $benchmark ended with $code" >&2
        status=1
    fi
done
rm -rf "$target/homes"
exit "$status"
