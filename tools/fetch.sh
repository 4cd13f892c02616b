# SPDX-License-Identifier: Apache-2.0
# What the scripts beside it share: fetches archives, checks their digests, takes libraries out of them. Sourced, with usage
# defined and the name of the script in $me; leaves its folder in $folder and a temporary one in $work.

fail() {
    echo "$me: $1" >&2
    exit 1
}

# begin FOLDER [--from FOLDER] [--with-cuda]; the last where $offers_cuda is set
begin() {
    folder=
    with_cuda=
    archives=
    while [ $# -gt 0 ]; do
        case $1 in
            --with-cuda)
                [ -n "${offers_cuda:-}" ] || usage
                with_cuda=yes
                ;;
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
    mkdir "$work/out"
    keep=$archives
    [ -n "$archives" ] || archives=$work
    mkdir -p "$archives"
}

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

# unpack ARCHIVE PATTERN... takes files out of an archive, without their folders
unpack() {
    zip=$1
    shift
    if command -v unzip >/dev/null; then
        unzip -q -o -j "$zip" "$@" -d "$work/out"
    elif command -v python3 >/dev/null; then
        python3 - "$zip" "$work/out" "$@" <<'END'
import fnmatch, os, shutil, sys, zipfile
archive, out, patterns = sys.argv[1], sys.argv[2], sys.argv[3:]
with zipfile.ZipFile(archive) as files:
    for name in files.namelist():
        if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            with files.open(name) as source, open(os.path.join(out, os.path.basename(name)), "wb") as target:
                shutil.copyfileobj(source, target)
END
    else
        fail "neither unzip nor python3 found, expected one of them"
    fi
}

# archive DIGEST URL PATTERN... fetches an archive unless it is there, and puts what matches into $folder
archive() {
    digest=$1
    url=$2
    shift 2
    file=$archives/${url##*/}
    if ! matches "$file" "$digest"; then
        echo "fetching ${url##*/}" >&2
        download "$url" "$file.part" || fail "$url could not be fetched"
        if ! matches "$file.part" "$digest"; then
            fail "$file.part is not what was expected: its SHA-256 is not $digest; it is left there to look at if --from names a folder"
        fi
        mv -f "$file.part" "$file"
    fi
    unpack "$file" "$@"
    mv -f "$work"/out/* "$folder/"
    [ -n "$keep" ] || rm -f "$file"
}
