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

fail() {
    echo "fetch-torch: $1" >&2
    exit 1
}

folder=
archives=
while [ $# -gt 0 ]; do
    case $1 in
        --from)
            [ $# -ge 2 ] || usage
            archives=$2
            shift
            ;;
        -*) usage ;;
        *)
            [ -z "$folder" ] || usage
            folder=$1
            ;;
    esac
    shift
done
[ -n "$folder" ] || usage

command -v sha256sum >/dev/null || fail "no sha256sum found, expected the one of GNU coreutils"
mkdir -p "$folder"
work=$(mktemp -d "$folder/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
keep=$archives
[ -n "$archives" ] || archives=$work
mkdir -p "$archives"

matches() {
    [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

download() {
    if command -v curl >/dev/null; then
        curl --fail --location --silent --show-error --retry 3 --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget --quiet --tries=3 --output-document="$2" "$1"
    else
        fail "neither curl nor wget found, expected one of them; or fetch $1 by other means and name its folder with --from"
    fi
}

# unpack ARCHIVE OUT FILE... takes files out of an archive, without their folders
unpack() {
    zip=$1
    out=$2
    shift 2
    if command -v unzip >/dev/null; then
        unzip -q -o -j "$zip" "$@" -d "$out"
    elif command -v python3 >/dev/null; then
        python3 - "$zip" "$out" "$@" <<'END'
import os, shutil, sys, zipfile
archive, out, names = sys.argv[1], sys.argv[2], sys.argv[3:]
with zipfile.ZipFile(archive) as files:
    for name in names:
        with files.open(name) as source, open(os.path.join(out, os.path.basename(name)), "wb") as target:
            shutil.copyfileobj(source, target)
END
    else
        fail "neither unzip nor python3 found, expected one of them"
    fi
}

central=https://repo1.maven.org/maven2/org/bytedeco

# archive DIGEST ARTIFACT VERSION LIBRARY...
archive() {
    digest=$1
    artifact=$2
    version=$3
    shift 3
    file=$archives/$artifact-$version-linux-x86_64.jar
    if ! matches "$file" "$digest"; then
        echo "fetching ${file##*/}" >&2
        url=$central/$artifact/$version/${file##*/}
        download "$url" "$file.part" || fail "$url could not be fetched"
        matches "$file.part" "$digest" || fail "$url is not what was expected: its SHA-256 is not $digest"
        mv -f "$file.part" "$file"
    fi
    mkdir -p "$work/out"
    for library in "$@"; do
        set -- "$@" "org/bytedeco/$artifact/linux-x86_64/$library"
        shift
    done
    unpack "$file" "$work/out" "$@"
    [ -n "$keep" ] || rm -f "$file"
}

# The versions are those of the Java classes in io.edgewright.accelerator.torch.
archive b7ebf6240c4025681b5fe868cc2d4cb166cf297824e55f25396f8465d48d8244 javacpp 1.5.13 libjnijavacpp.so
archive 7a5e1494e0565b6e06a5d93f8b29993c9ed33239cb9ffab84909360f245b4688 openblas 0.3.31-1.5.13 \
    libjniopenblas_nolapack.so libopenblas.so.0 libgfortran.so.5 libquadmath.so.0
archive 67e9b5b7c2caf2e6ed0e81947f1ff712c9a0755faeff6a0c3436d4432a25cc06 pytorch 2.10.0-1.5.13 \
    libjnitorch.so libc10.so libgomp.so.1 libtorch_cpu.so
ln -sf libopenblas.so.0 "$work/out/libopenblas_nolapack.so.0" # the name that OpenBLAS has for JavaCPP
mv -f "$work"/out/* "$folder/"

echo "$folder is filled. On the gateway, unless it is natives/torch in its home folder:" >&2
echo "  ./edgewright settings set io.edgewright.accelerator.torch library=FOLDER" >&2
