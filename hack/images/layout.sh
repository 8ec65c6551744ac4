# shellcheck shell=bash
# Built images as files, and their way into a container runtime. Source after common.sh.
#
# $IMAGE_LAYOUT holds blobs by digest, as the OCI image layout does, layers uncompressed; what images have in common lies
# there once. A runtime is given only the blobs it lacks: after a change of a program that is a few megabytes.

IMAGE_CACHE=$CACHE/images
# A small Debian, named by what makes it: a change of that makes another one.
DEBIAN_KEY=$(sha256sum "$ROOT/hack/images/debian.sh" | cut -c1-12)
export DEBIAN_TAR=$IMAGE_CACHE/debian-$DEBIAN_KEY.tar
IMAGE_LAYOUT=$IMAGE_CACHE/layout
IMAGE_PREFIX=${IMAGE_PREFIX:-localhost}
IMAGE_TAG=${IMAGE_TAG:-dev}
BLOBS=$IMAGE_LAYOUT/blobs/sha256

image_name() { printf '%s/aidc-%s:%s\n' "$IMAGE_PREFIX" "$1" "$IMAGE_TAG"; }

# Where an image's descriptor lies: the entry of index.json that names it.
descriptor_file() { printf '%s/images/%s.json\n' "$IMAGE_LAYOUT" "${1//\//_}"; }

# The digest of the configuration, which identifies an image; nothing when it is not in the layout.
image_id() {
  local file manifest
  file=$(descriptor_file "$1")
  [ -e "$file" ] || return 0
  manifest=$BLOBS/$(jq -r '.digest | ltrimstr("sha256:")' "$file")
  jq -r '.config.digest | ltrimstr("sha256:")' "$manifest"
}

# describe_blob <digest>: its descriptor without a media type.
describe_blob() { printf '{"digest": "sha256:%s", "size": %s}\n' "$1" "$(stat -c %s "$BLOBS/$1")"; }

# store_blob <file>: moves it to its place and describes it.
store_blob() {
  local digest
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$BLOBS/$digest"
  describe_blob "$digest"
}

# add_archive <docker archive>: takes its (one) image into the layout; prints the image's name.
add_archive() {
  local work config name layer
  mkdir -p "$BLOBS" "$IMAGE_LAYOUT/images"
  work=$(mktemp -d "$IMAGE_LAYOUT/add.XXXXXX")
  # buildah names layers by their digests: those that are here already need not be unpacked.
  find "$BLOBS" -type f -printf '%f.tar\n' >"$work/known"
  tar -C "$work" --exclude-from="$work/known" -xf "$1"
  config=$(jq -r '.[0].Config' "$work/manifest.json")
  name=$(jq -r '.[0].RepoTags[0]' "$work/manifest.json")
  jq -r '.[0].Layers[]' "$work/manifest.json" | while read -r layer; do
    if [ -e "$work/$layer" ]; then store_blob "$(readlink -f "$work/$layer")"; else describe_blob "${layer%.tar}"; fi | jq '. + {mediaType: "application/vnd.oci.image.layer.v1.tar"}'
  done | jq -s . >"$work/layers.json"
  store_blob "$work/$config" | jq --slurpfile layers "$work/layers.json" '{schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: (. + {mediaType: "application/vnd.oci.image.config.v1+json"}), layers: $layers[0]}' >"$work/image.json"
  store_blob "$work/image.json" | jq --arg name "$name" '. + {mediaType: "application/vnd.oci.image.manifest.v1+json",
    annotations: {"io.containerd.image.name": $name}}' >"$work/descriptor.json"
  mv "$work/descriptor.json" "$(descriptor_file "$name")"
  rm -rf "$work"
  printf '%s\n' "$name"
}

# image_blobs <image>: the digests of all it consists of.
image_blobs() {
  local manifest
  manifest=$(jq -r '.digest | ltrimstr("sha256:")' "$(descriptor_file "$1")")
  printf '%s\n' "$manifest"
  jq -r '.config, .layers[] | .digest | ltrimstr("sha256:")' "$BLOBS/$manifest"
}

# import_image <image> <containerd socket>: streams an OCI archive of just what that runtime lacks.
import_image() {
  local image=$1 runtime=(ctr -a "$2" -n k8s.io) work there digest files=()
  digest=$(jq -r .digest "$(descriptor_file "$image")")
  if [ "$("${runtime[@]}" images ls | awk -v name="$image" '$1 == name {print $3}')" = "$digest" ]; then return; fi
  there=$("${runtime[@]}" content ls -q)
  while read -r digest; do
    grep -q "$digest" <<<"$there" || files+=("blobs/sha256/$digest")
  done < <(image_blobs "$image")
  work=$(mktemp -d "$IMAGE_LAYOUT/import.XXXXXX")
  printf '{"imageLayoutVersion": "1.0.0"}' >"$work/oci-layout"
  jq '{schemaVersion: 2, manifests: [.]}' "$(descriptor_file "$image")" >"$work/index.json"
  ln -s "$IMAGE_LAYOUT/blobs" "$work/blobs"
  tar -C "$work" -cf - oci-layout index.json "${files[@]}" | "${runtime[@]}" images import -
  rm -rf "$work"
}
