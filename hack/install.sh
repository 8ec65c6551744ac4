#!/usr/bin/env bash
# Installs the operator into the cluster that KUBECONFIG names: renders install.yaml, applies it, waits for the rollout.
#   hack/install.sh            install or upgrade
#   hack/install.sh remove     take everything away again, the CRDs and with them all jobs included
set -euo pipefail
cd "$(dirname "$0")/.."
. hack/lib/common.sh

manifest=install.yaml

case "${1:-apply}" in
  apply)
    make --no-print-directory install.yaml
    say "install the operator ($manifest)"
    # A kubectl older or newer than the server cannot always validate against it; the API server still does.
    kubectl apply -f "$manifest" >/dev/null
    kubectl wait --for=condition=Established crd/trainingjobs.aidc.dev --timeout=60s >/dev/null
    # The image keeps its tag while it changes: pods of the old one are replaced where the image is newer.
    kubectl -n aidc-system annotate deployment aidc-operator --overwrite \
      "aidc.dev/installed-at=$(date -u +%FT%TZ)" >/dev/null
    kubectl -n aidc-system rollout status deployment/aidc-operator --timeout=180s
    ;;
  remove)
    [ -f "$manifest" ] || make --no-print-directory install.yaml
    kubectl delete --ignore-not-found --wait=true --timeout=120s -f "$manifest" >/dev/null
    say "the operator is removed"
    ;;
  *) echo "usage: $0 [apply|remove]" >&2; exit 2 ;;
esac
