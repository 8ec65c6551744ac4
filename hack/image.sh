#!/usr/bin/env bash
# Builds container images without Docker or a registry and loads them into the local cluster where it runs:
#   image.sh [base|operator|trainer|tools]…
#
#   base      Debian and the .NET runtime, what the others stand on
#   operator  localhost/aidc-operator:dev, with the gateway in it    trainer  localhost/aidc-trainer:dev
#   tools     localhost/aidc-tools:dev, a small Debian with curl, for the tests' own pods
# IMAGE_PREFIX and IMAGE_TAG change the names. With Docker and a registry, use the Dockerfiles as they are.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
. "$ROOT/hack/lib/tasks.sh"
. "$ROOT/hack/images/layout.sh"
for part in names cgroups network machines; do . "$ROOT/hack/cluster/$part.sh"; done

[ $# -gt 0 ] || set -- operator trainer tools
[ "$(id -u)" -eq 0 ] || die "building images without Docker needs root: sudo, or docker build with the Dockerfiles"
"$ROOT/hack/setup.sh" base collectives images
mkdir -p "$IMAGE_CACHE"
exec 8>"$IMAGE_CACHE/lock"
flock -n 8 || { say "another image build is running; waiting for it"; flock 8; }

programs=()
for what in "$@"; do
  case $what in
    operator | trainer) programs+=("$what") ;;
    base | tools) ;;
    *) die "image of what? '$what' is none of base, operator, trainer, tools" ;;
  esac
done
# A small Debian is fetched while the compiler works.
if [ ! -e "$DEBIAN_TAR" ]; then
  start_task "a small Debian for images" "$CACHE/log/debian.log" "$ROOT/hack/images/debian.sh" "$DEBIAN_TAR"
fi
if [ ${#programs[@]} -gt 0 ]; then
  # One compiler at a time: the programs share projects.
  # shellcheck disable=SC2016 # expanded inside
  start_task "publishing the programs (${programs[*]})" "$CACHE/log/publish.log" bash -euc '
    publish=$1 images=$2
    for what in "${@:3}"; do "$publish" "$what" "$images/$what/image"; done
  ' publish "$ROOT/hack/publish.sh" "$ROOT/artifacts/images" "${programs[@]}"
fi
wait_for_tasks
for what in "$@"; do
  with_progress "building the image $what" "$CACHE/log/image-$what.log" unshare --mount "$ROOT/hack/images/build.sh" "$what"
done

exec 8>&-
if [ "$(cluster_state)" = whole ]; then
  for what in "$@"; do
    [ "$what" = base ] || "$ROOT/hack/cluster.sh" load-image "$(image_name "$what")"
  done
fi
