#!/usr/bin/env bash
# Tests the life of a release on the local cluster, by the real helm: install, upgrade, a failed upgrade, rollback, uninstall, and
# that jobs do not notice. Prints "ok - …" and "not ok - …" lines. Needs a cluster that runs, has the images and no operator.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
. "$ROOT/hack/images/layout.sh"
use_kube_bin

namespace=aidc-chart
jobs=aidc-chart-jobs
# The folder of the nodes' disk, which is this machine's, that the operator is told to allow.
folder=/var/lib/aidc/$jobs
chart=$ROOT/charts/aidc
program=$(find_helm) || die "no helm: hack/setup.sh helm"
export KUBECONFIG=${KUBECONFIG:-$ROOT/artifacts/cluster/kubeconfig}
work=$(mktemp -d)
failed=0

helm() { "$program" "$@"; }

test_that() {
  local sentence=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok - chart: %s\n' "$sentence"
  else
    printf 'not ok - chart: %s\n' "$sentence"
    say "$* => $output"
    failed=$((failed + 1))
  fi
}

# eventually <seconds> <command…>
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then "$@"; return; fi
    sleep 0.5
  done
}

fails_saying() { local text=$1 output; shift; if output=$("$@" 2>&1); then say "it succeeded"; return 1; fi; grep -qF "$text" <<<"$output" || { say "$output"; return 1; }; }
not() { ! "$@"; }

values() {
  cat <<YAML
operator:
  image: {repository: ${IMAGE_PREFIX:-localhost}/aidc-operator, tag: "${IMAGE_TAG:-dev}"}
  allowedHostPaths: [/var/lib/aidc]
trainer:
  image: {repository: ${IMAGE_PREFIX:-localhost}/aidc-trainer, tag: "${IMAGE_TAG:-dev}"}
YAML
}

job() {
  kubectl apply -f - >/dev/null <<YAML
apiVersion: aidc.dev/v1alpha1
kind: TrainingJob
metadata: {name: $1, namespace: $jobs}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: worker
        image: $(image_name tools)
        imagePullPolicy: Never
        command: [sh, -c, "until [ -e /flags/$1 ]; do sleep 0.2; done"]
        volumeMounts: [{name: flags, mountPath: /flags}]
      volumes: [{name: flags, hostPath: {path: $folder}}]
YAML
}

phase_is() { [ "$(kubectl -n "$jobs" get tj "$1" -o jsonpath='{.status.phase}')" = "$2" ]; }
pod_of() { kubectl -n "$jobs" get pods -l "aidc.dev/job=$1" -o jsonpath='{.items[*].metadata.uid}'; }
pod_is() { [ -n "$2" ] && [ "$(pod_of "$1")" = "$2" ]; }
ready_are() { [ "$(kubectl -n "$namespace" get deployment "$1" -o jsonpath='{.status.readyReplicas}/{.status.replicas}')" = "$2/$2" ]; }
gateway_has() { kubectl -n "$namespace" get deployment aidc-gateway -o jsonpath="{.spec.template.spec.containers[0].env[?(@.name=='$1')].value}" | grep -qx "$2"; }
revision_is() { helm -n "$namespace" history aidc -o json | jq -e --argjson revision "$1" --arg status "$2" 'map(select(.revision == $revision))[0].status == $status' >/dev/null; }
has_definitions() { kubectl get crd trainingjobs.aidc.dev inferenceservices.aidc.dev; }
is_empty() { [ -z "$(kubectl -n "$namespace" get deployments,services,serviceaccounts,roles,rolebindings -l app.kubernetes.io/name=aidc -o name)$(kubectl get clusterroles,clusterrolebindings -l app.kubernetes.io/name=aidc -o name)" ]; }

clean_up() {
  kubectl delete tj --all -n "$jobs" --ignore-not-found --timeout=60s
  helm -n "$namespace" uninstall aidc --wait --timeout 120s
  kubectl delete crd trainingjobs.aidc.dev inferenceservices.aidc.dev --ignore-not-found --timeout=60s
  kubectl delete namespace "$namespace" "$jobs" --ignore-not-found --timeout=120s
  rm -rf "$work" "$folder"
} >/dev/null 2>&1

# Helm 3 calls it by another name.
undo=--rollback-on-failure
helm upgrade --help | grep -q -- "$undo" || undo=--atomic

trap clean_up EXIT
install -d -m 0777 "$folder"
kubectl create namespace "$jobs" >/dev/null
values >"$work/values.yaml"
release=(aidc "$chart" --namespace "$namespace" -f "$work/values.yaml" --wait --timeout 180s)

test_that "the server takes every object" helm install aidc "$chart" --namespace "$namespace" --create-namespace -f "$work/values.yaml" --dry-run=server
test_that "a dry run leaves nothing" not has_definitions
test_that "install" helm install "${release[@]}" --create-namespace
test_that "two operators are ready" ready_are aidc-operator 2
test_that "two gateways are ready" ready_are aidc-gateway 2
job short
touch "$folder/short"
test_that "a job runs to its end" eventually 120 phase_is short Succeeded
job long
test_that "another runs" eventually 120 phase_is long Running
pod=$(pod_of long)

printf 'gateway: {replicas: 3, maxWaiting: 1000000}\n' >"$work/more.yaml"
test_that "upgrade" helm upgrade "${release[@]}" -f "$work/more.yaml"
test_that "three gateways are ready after it" ready_are aidc-gateway 3
test_that "with the number of the values file" gateway_has Gateway__MaxWaiting 1000000
test_that "the job runs in the same pod" pod_is long "$pod"

test_that "an upgrade to an image that is nowhere fails" \
  not helm upgrade aidc "$chart" --namespace "$namespace" -f "$work/values.yaml" -f "$work/more.yaml" --set operator.image.tag=nowhere "$undo" --timeout 30s
test_that "and is rolled back" revision_is 4 deployed
test_that "two operators are ready after it" eventually 120 ready_are aidc-operator 2

test_that "rollback to the first" helm rollback aidc 1 --namespace "$namespace" --wait --timeout 180s
test_that "two gateways are ready after the rollback" eventually 60 ready_are aidc-gateway 2
test_that "with the number of the first" gateway_has Gateway__MaxWaiting 2000
test_that "the job still runs in the same pod" pod_is long "$pod"
test_that "a second release is refused and the first is named" fails_saying "release \"aidc\" in namespace \"$namespace\" already runs the jobs of all namespaces" \
  helm install second "$chart" --namespace "$jobs" -f "$work/values.yaml"

test_that "uninstall" helm uninstall aidc --namespace "$namespace" --wait --timeout 120s
test_that "nothing of the release is left" eventually 60 is_empty
test_that "but the definitions, and with them the jobs" has_definitions
test_that "whose pod runs on" pod_is long "$pod"
test_that "install again" helm install "${release[@]}"
touch "$folder/long"
test_that "the operator takes the job up where it is, and it ends" eventually 120 phase_is long Succeeded
test_that "in the same pod" pod_is long "$pod"
[ "$failed" -eq 0 ]
