#!/usr/bin/env bash
# Fetches the models of Debian's libonnx-testdata, which the tests hold ONNX serving against, into a folder of the cache, and prints that
# folder. Nothing is installed. Exits with 1 and the reason where it cannot be had. Quick when it is there.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

target=${XDG_CACHE_HOME:-$HOME/.cache}/aidc/onnx-testdata
if [ ! -d "$target/node" ]; then
  { have apt-get && have dpkg; } || die "libonnx-testdata is a Debian package, and this machine has no apt-get"
  mkdir -p "$(dirname "$target")"
  work=$(mktemp -d "$(dirname "$target")/onnx-testdata.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get download libonnx-testdata >/dev/null 2>"$work/error") || die "libonnx-testdata cannot be downloaded: $(tail -n 1 "$work/error")"
  dpkg -x "$work"/libonnx-testdata_*.deb "$work/root"
  mv -T "$work/root/usr/share/libonnx-testdata/data" "$target" 2>/dev/null || [ -d "$target/node" ]
fi
echo "$target"
