#!/usr/bin/env bash
# Renders a chart to standard output, with helm where it is installed, else with hack/render-chart. The arguments are those
# of `helm template`: render.sh <release> <chart> [--namespace n] [--kube-version v] [--set a=b] [--set-string a=b] [-f file]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

if have helm; then exec helm template --include-crds "$@"; fi
"$ROOT/hack/setup.sh" render
program=$CACHE/bin/render-chart
if [ -n "$(find "$ROOT/hack/render-chart" -name '*.go' -newer "$program" 2>/dev/null || echo new)" ]; then
  mkdir -p "$CACHE/bin"
  # Debian's packages put libraries there; GOPATH mode uses them as they are, without a network.
  (cd "$ROOT/hack/render-chart" && GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode go build -o "$program.$$" .)
  mv "$program.$$" "$program"
fi
exec "$program" "$@"
