#!/usr/bin/env bash
# Renders the chart for `kubectl apply -f`: render-install.sh [file] (default install.yaml; - is standard output).
#   KUBE_VERSION  the Kubernetes version to render for; default: what the cluster of KUBECONFIG or the local one runs
#   NAMESPACE     default aidc-system
#   SET           values to change: SET='a.b=c,d=e'
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"

use_kube_bin
file=${1:-$ROOT/install.yaml}
namespace=${NAMESPACE:-aidc-system}

# The server's version, else that of the binaries the local cluster would be started from, else a current one.
default_version() {
  local kubeconfig=${KUBECONFIG:-$ROOT/artifacts/cluster/kubeconfig} version=
  if [ -e "$kubeconfig" ]; then
    version=$(KUBECONFIG=$kubeconfig kubectl version -o json --request-timeout 5s 2>/dev/null | jq -r '.serverVersion.gitVersion // ""') || true
  fi
  if [ -z "$version" ] && [ -x "$(kube_bin)/kube-apiserver" ]; then
    version=$("$(kube_bin)/kube-apiserver" --version | awk '{print $2}')
  fi
  printf '%s\n' "${version:-v1.33.0}"
}

version=${KUBE_VERSION:-$(default_version)}
rendered=$("$ROOT/hack/render.sh" aidc "$ROOT/charts/aidc" --namespace "$namespace" --kube-version "$version" ${SET:+--set "$SET"})
# `helm install --create-namespace` makes the namespace, `kubectl apply` needs it in the file.
output=$(
  if ! grep -q '^kind: Namespace$' <<<"$rendered"; then
    printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n' "$namespace"
  fi
  printf '%s\n' "$rendered"
)
if [ "$file" = - ]; then
  printf '%s\n' "$output"
else
  printf '%s\n' "$output" >"$file.tmp"
  mv "$file.tmp" "$file"
  say "$file: rendered for Kubernetes $version"
fi
