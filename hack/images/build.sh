#!/usr/bin/env bash
# Builds one image with buildah, in a store of our own, and puts it into the image layout:
# build.sh base|operator|trainer|tools. hack/image.sh runs it in a mount namespace of its own, as buildah leaves mounts.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
. "$ROOT/hack/images/layout.sh"

DEBIAN_IMAGE=localhost/aidc-debian:trixie-$DEBIAN_KEY
run=$(mktemp -d "${TMPDIR:-/tmp}/aidc-buildah.XXXXXX")
trap 'rm -rf "$run"' EXIT
BUILDAH=(buildah --root "$IMAGE_CACHE/store" --runroot "$run")
# The overlay driver shares what images have in common; vfs copies it, but works everywhere.
if "${BUILDAH[@]}" --storage-driver overlay info >/dev/null 2>&1; then
  BUILDAH+=(--storage-driver overlay)
else
  BUILDAH+=(--storage-driver vfs)
fi

image_exists() { "${BUILDAH[@]}" inspect --type image "$1" >/dev/null 2>&1; }

# image_from_tar <image> <parent or scratch> <tar file> [buildah config option…]: one layer, the same bytes each time.
image_from_tar() {
  local image=$1 parent=$2 file=$3 container
  shift 3
  container=$("${BUILDAH[@]}" from --pull-never "$parent")
  "${BUILDAH[@]}" add -q "$container" "$file" / >/dev/null
  if [ $# -gt 0 ]; then "${BUILDAH[@]}" config "$@" "$container"; fi
  "${BUILDAH[@]}" commit -q --rm --timestamp 0 "$container" "$image" >/dev/null
}

build_debian() {
  image_exists "$DEBIAN_IMAGE" || image_from_tar "$DEBIAN_IMAGE" scratch "$DEBIAN_TAR"
}

# The base where no registry is reached: Debian, and the .NET runtime that is installed here, laid out as in Microsoft's
# image mcr.microsoft.com/dotnet/aspnet. Prints the image's name, which carries the runtime's version.
build_base() {
  local folder version image
  folder=$(dirname "$(readlink -f "$(command -v dotnet)")")
  version=$(dotnet --list-runtimes | awk '$1 == "Microsoft.AspNetCore.App" && $2 ~ /^10\./ {v = $2} END {print v}')
  [ -n "$version" ] || die "no ASP.NET Core 10 runtime is installed beside $folder/dotnet"
  image=localhost/aidc-base:$version-$DEBIAN_KEY
  build_debian
  if ! image_exists "$image"; then
    tar -C "$folder" --transform 's,^,usr/share/dotnet/,' --sort=name --mtime=@0 --owner=0 --group=0 \
      -cf "$run/dotnet.tar" dotnet "host/fxr/$version" "shared/Microsoft.NETCore.App/$version" \
      "shared/Microsoft.AspNetCore.App/$version"
    image_from_tar "$image" "$DEBIAN_IMAGE" "$run/dotnet.tar" --env DOTNET_RUNNING_IN_CONTAINER=true \
      --env PATH=/usr/share/dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  fi
  printf '%s\n' "$image"
}

# build_program <operator|trainer> <Dockerfile>: what was published outside takes the place of the build stage.
build_program() {
  local base folder=$ROOT/artifacts/images/$1
  base=$(build_base)
  "${BUILDAH[@]}" bud --layers --pull-never --isolation chroot --timestamp 0 --build-arg "BASE=$base" \
    --build-context "published=$folder" -f "$ROOT/$2" -t "$(image_name "$1")" "$folder/image/app"
}

case $1 in
  base) build_base; exit ;;
  operator) build_program operator Dockerfile ;;
  trainer) build_program trainer trainer-image/Dockerfile ;;
  tools) build_debian; "${BUILDAH[@]}" tag "$DEBIAN_IMAGE" "$(image_name tools)" ;;
esac
# Nothing to do when this very image lies there already.
id=$("${BUILDAH[@]}" inspect --type image --format '{{.FromImageID}}' "$(image_name "$1")")
if [ "$(image_id "$(image_name "$1")")" = "$id" ]; then exit; fi
"${BUILDAH[@]}" push -q "$(image_name "$1")" "docker-archive:$run/image.tar:$(image_name "$1")"
add_archive "$run/image.tar"
