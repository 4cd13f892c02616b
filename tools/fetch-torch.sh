#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fills a folder with libtorch's native libraries (Linux on x86-64), for a gateway that has no network: run it where there is
# one, and carry the folder over. Every file is checked against the digest that stands here.
set -eu

usage() {
    cat >&2 <<'END'
usage: fetch-torch.sh FOLDER [--from FOLDER]
  FOLDER   where the libraries go (400 MB; 110 MB to fetch); made if absent; <gateway's home>/natives/torch needs no setting
  --from   where the archives lie that were fetched before; what is missing there is fetched and kept there
END
    exit 2
}

me=fetch-torch
. "$(dirname -- "$0")/fetch.sh"
begin "$@"

# The versions are those of the Java classes in io.edgewright.accelerator.torch.
bytedeco() { # bytedeco DIGEST ARTIFACT VERSION LIBRARY...
    digest=$1
    artifact=$2
    version=$3
    shift 3
    for library in "$@"; do
        set -- "$@" "org/bytedeco/$artifact/linux-x86_64/$library"
        shift
    done
    archive "$digest" "https://repo1.maven.org/maven2/org/bytedeco/$artifact/$version/$artifact-$version-linux-x86_64.jar" "$@"
}

bytedeco b7ebf6240c4025681b5fe868cc2d4cb166cf297824e55f25396f8465d48d8244 javacpp 1.5.13 libjnijavacpp.so
bytedeco 7a5e1494e0565b6e06a5d93f8b29993c9ed33239cb9ffab84909360f245b4688 openblas 0.3.31-1.5.13 \
    libjniopenblas_nolapack.so libopenblas.so.0 libgfortran.so.5 libquadmath.so.0
bytedeco 67e9b5b7c2caf2e6ed0e81947f1ff712c9a0755faeff6a0c3436d4432a25cc06 pytorch 2.10.0-1.5.13 \
    libjnitorch.so libc10.so libgomp.so.1 libtorch_cpu.so
ln -sf libopenblas.so.0 "$folder/libopenblas_nolapack.so.0" # the name that OpenBLAS has for JavaCPP

echo "$folder is filled. On the gateway, unless it is natives/torch in its home folder:" >&2
echo "  ./edgewright settings set io.edgewright.accelerator.torch library=FOLDER" >&2
