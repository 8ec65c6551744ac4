#!/usr/bin/env bash
# Installs the operator and the gateway into the cluster that KUBECONFIG names: renders install.yaml, applies it, waits for the rollout.
#   hack/install.sh            install or upgrade
#   hack/install.sh remove     take everything away again, the CRDs and with them all jobs included
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
cd "$ROOT"
use_kube_bin

manifest=install.yaml
# On the local cluster: the images built here, and a folder that jobs of the demo and of the tests may name.
if [ "${KUBECONFIG:-}" = "$ROOT/artifacts/cluster/kubeconfig" ] && [ -z "${SET:-}" ]; then
  prefix=${IMAGE_PREFIX:-localhost} tag=${IMAGE_TAG:-dev}
  export SET="operator.image.repository=$prefix/aidc-operator,operator.image.tag=$tag,\
trainer.image.repository=$prefix/aidc-trainer,trainer.image.tag=$tag,operator.allowedHostPaths={/var/lib/aidc}"
fi

# The definitions (CRDs) of the manifest.
definitions() {
  awk 'function flush() { if (text ~ /(^|\n)kind: CustomResourceDefinition\n/) printf "---\n%s", text; text = "" }
    /^---/ { flush(); next } { text = text $0 "\n" } END { flush() }' "$manifest"
}

# Without its definitions the operator can do nothing: when one is refused, nothing is to be left behind, not even the others.
apply_definitions() {
  local found
  found=$(definitions)
  [ -n "$found" ] || return 0
  if ! kubectl apply --dry-run=server -f - <<<"$found" >/dev/null || ! kubectl apply -f - <<<"$found" >/dev/null; then
    die "the cluster refuses the resource definitions (CRDs) of AiDc in the words above: nothing was installed"
  fi
}

case "${1:-apply}" in
  apply)
    make --no-print-directory install.yaml
    say "install the operator ($manifest)"
    was_there=$(kubectl -n aidc-system get deployment aidc-operator --ignore-not-found -o name)
    apply_definitions
    kubectl apply -f "$manifest" >/dev/null
    kubectl wait --for=condition=Established crd/trainingjobs.aidc.dev --timeout=60s >/dev/null
    # An image built here keeps its tag when it changes, so an upgrade is not seen as one.
    deployments=$(kubectl -n aidc-system get deployments -l app.kubernetes.io/name=aidc -o name)
    for deployment in $deployments; do
      if [ -n "$was_there" ]; then kubectl -n aidc-system rollout restart "$deployment" >/dev/null; fi
    done
    for deployment in $deployments; do
      kubectl -n aidc-system rollout status "$deployment" --timeout=180s
    done
    ;;
  remove)
    [ -f "$manifest" ] || make --no-print-directory install.yaml
    kubectl delete --ignore-not-found --wait=true --timeout=120s -f "$manifest" >/dev/null
    say "the operator is removed"
    ;;
  *) echo "usage: $0 [apply|remove]" >&2; exit 2 ;;
esac
