#!/usr/bin/env bash
# Renders a chart to standard output: `helm template` with the helm of the PATH or of the cache. The arguments are helm's:
# render.sh <release> <chart> [--namespace n] [--kube-version v] [--set a=b] [--set-string a=b] [-f file]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"

find_helm >/dev/null || "$ROOT/hack/setup.sh" helm
exec "$(find_helm)" template "$@"
