#!/usr/bin/env bash
# Makes the image of the pods' pause process as a docker archive: pause-image.sh <file>. Written out by hand, so that a
# cluster needs no image builder.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"

target=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -Os -static -s -o "$work/pause" "$ROOT/hack/cluster/pause.c"
tar -C "$work" --owner=0 --group=0 --mtime=@0 -cf "$work/layer.tar" pause
layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/pause"],"User":"65535:65535"},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$(dpkg --print-architecture 2>/dev/null || echo amd64)" "$layer" >"$work/config.json"
printf '[{"Config":"config.json","RepoTags":["localhost/aidc-pause:1"],"Layers":["layer.tar"]}]' >"$work/manifest.json"
mkdir -p "$(dirname "$target")"
tar -C "$work" -cf "$target.tmp.$$" manifest.json config.json layer.tar
mv "$target.tmp.$$" "$target"
