#!/usr/bin/env bash
# Publishes a program for its image: publish.sh operator|trainer <folder>. Makes <folder>/app (ours, changes often) and
# <folder>/native (libtorch, large, changes never), so that an image has them in layers of their own. Used by the
# Dockerfiles' build stage and, where images are built without Docker, by hack/image.sh.
#   TORCH_BACKEND=cuda builds the trainer for NVIDIA GPUs (default: cpu).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

what=${1:-}
out=${2:?publish.sh operator|trainer <folder>}
case $what in
  # The gateway goes into the operator's image: most of their libraries are the same files.
  operator) projects=(operator/AiDc.Operator operator/AiDc.Gateway) properties=(-p:PublishReadyToRun=true) ;;
  trainer) projects=(trainer-image/AiDc.Trainer) properties=("-p:TorchBackend=${TORCH_BACKEND:-cpu}") ;;
  *) die "publish what? '$what' is neither operator nor trainer" ;;
esac

published=$(dirname "$out")/published
# The folder of locales is the Dockerfile's to fill; where images are built without Docker, their base has what is needed.
mkdir -p "$published" "$out/app" "$out/native" "$out/locale"
# Analyzers speak to those who change the code, and are a third of a build. Needs the .NET runtime of the base image. Debug symbols of ours stay: small, and a stack trace then names the line.
for project in "${projects[@]}"; do
  dotnet publish "$ROOT/$project" -c Release -o "$published" --nologo -v q -p:RunAnalyzers=false "${properties[@]}"
done

# Symbols of static functions are a fifth of libtorch. Only what changed is copied again, for layers to stay the same.
for file in "$published"/*.so "$published"/*.so.*; do
  target=$out/native/$(basename "$file")
  if [ ! -e "$file" ] || [ "$target" -nt "$file" ]; then continue; fi
  if have strip; then strip --strip-unneeded -o "$target.tmp" "$file"; else cp "$file" "$target.tmp"; fi
  chmod 644 "$target.tmp"
  mv "$target.tmp" "$target"
done
find "$out/native" -type f | while read -r file; do
  [ -e "$published/$(basename "$file")" ] || rm "$file"
done

rm -rf "$out/app"
mkdir "$out/app"
tar -C "$published" --exclude='./*.so' --exclude='./*.so.*' --exclude='./*.xml' -cf - . | tar -C "$out/app" -xf -
