#!/usr/bin/env bash
# Tests the local cluster itself: nodes, network, GPUs, loss and return of nodes, and that nothing of it is left behind.
# Prints "ok - …" and "not ok - …" lines. Starts and ends clusters: run it where none is in use.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
for part in names cgroups network certificates configure machines api; do . "$ROOT/hack/cluster/$part.sh"; done
. "$ROOT/hack/cluster/test-helpers.sh"
unset KUBECONFIG NODES GPUS

pods_and_network() {
  local node
  for node in node1 node2 node3; do server_pod "$node"; done
  kctl create service clusterip servers --tcp=80:8080 >/dev/null
  kctl patch service servers -p '{"spec": {"selector": {"app": "server"}}}' >/dev/null
  test_that "pods run on all three nodes" eventually 90 pods_run server-node1 server-node2 server-node3
  test_that "a pod reaches the pods of all nodes at their addresses" reaches_all_pods
  test_that "a pod reaches all pods through the Service, its own included" eventually 30 service_spreads_over server-node1
  test_that "a pod reaches the API server at its Service" curl_from server-node2 -k "https://$SERVICE_IP/version"
  test_that "the host reaches a pod" curl_quickly "http://$(pod_ip server-node3):8080"
  test_that "the host reaches a Service" eventually 30 curl_quickly "http://$(service_ip)"
  test_that "kubectl logs shows what a pod said" eventually 20 log_says server-node2 'serving on node2'
  test_that "kubectl exec runs a command in a pod" test "$(kctl exec server-node3 -- printenv NODE)" = node3
  test_that "a pod's token for another audience is accepted for that one only" token_is_reviewed
}

gpus() {
  for node in node1 node2 node3; do test_that "$node offers 4 GPUs" has_gpus "$node" 4; done
  gpu_pod all-gpus 4
  gpu_pod too-many-gpus 5
  test_that "a pod that asks for 4 GPUs runs" eventually 60 pods_run all-gpus
  test_that "a pod that asks for 5 GPUs is not scheduled" eventually 20 is_unschedulable too-many-gpus
  kctl delete pod all-gpus too-many-gpus --now >/dev/null
}

link_down_and_up() {
  test_that "power-off by link" cluster power-off node3 link
  test_that "a node whose link is down is not reached" not curl_quickly "http://$(pod_ip server-node3):8080"
  test_that "the processes of a node whose link is down live on" is_on node3
  test_that "the other nodes go on" curl_quickly "http://$(pod_ip server-node2):8080"
  test_that "power-on after link" cluster power-on node3
  test_that "its pod is reached again" eventually 30 curl_quickly "http://$(pod_ip server-node3):8080"
}

silent_drop_and_back() {
  test_that "power-off by drop" cluster power-off node2 drop
  # 28 is curl's word for a time-out: no error came back, nothing did.
  test_that "a node that drops packets is silent" exits_with 28 curl_quickly "http://$(pod_ip server-node2):8080"
  test_that "power-on after drop" cluster power-on node2
  test_that "its pod answers again" eventually 30 curl_quickly "http://$(pod_ip server-node2):8080"
}

power_cut_and_back() {
  test_that "power-off by kill" cluster power-off node3 kill
  test_that "no process of the node is left" test -z "$(cgroup_pids node3)"
  test_that "power-off of an unknown node names the nodes" error_says 'node1 node2 node3' cluster power-off node9
  test_that "the node is seen as lost" eventually 90 is_lost node3
  test_that "power-on after kill" cluster power-on node3
  test_that "the node offers its GPUs again" has_gpus node3 4
  kctl delete pod server-node3 --now >/dev/null
  server_pod node3
  test_that "a new pod runs on the node" eventually 60 pods_run server-node3
  test_that "and is reached through the Service" eventually 30 service_spreads_over server-node1
  test_that "kubelet is killed and comes back with the GPUs" kubelet_restarts_with_gpus node1
}

up_again_changes_nothing() {
  local before
  before=$(cgroup_pids | paste -sd' ')
  test_that "up again succeeds" cluster up
  test_that "up again starts no machine anew" every_first_process_in "$before"
  test_that "up with another number of nodes says what to do" error_says 'cluster-down first' env NODES=2 "$ROOT/hack/cluster.sh" up
  echo '{}' >"$RESULT/other-kubeconfig"
  test_that "with KUBECONFIG set, down leaves the cluster alone" env KUBECONFIG="$RESULT/other-kubeconfig" "$ROOT/hack/cluster.sh" down
  test_that "it is still there" cluster is-up
}

goes_down_without_a_trace() {
  local pids
  pids=$(process_ids)
  test_that "down" cluster down
  nothing_is_left "after down" "$pids"
  test_that "down again" cluster down
}

recovers_from_crashes() {
  local pids starter
  say "starting a cluster and killing all its processes"
  test_that "up after down" cluster up
  pids=$(process_ids)
  kill_everything
  test_that "down after everything was killed" cluster down
  nothing_is_left "after everything was killed" "$pids"

  say "starting a cluster and killing its start half-way"
  "$ROOT/hack/cluster.sh" up >"$RESULT/half.log" 2>&1 9>&- &
  starter=$!
  eventually 120 is_on node1
  kill -9 "$starter"
  pids=$(process_ids)
  rm -rf "$STATE/pki" "$STATE/nodes" "$STATE/node1/pid"
  test_that "down after a start that was killed, with files missing" cluster down
  nothing_is_left "after a start that was killed" "$pids"
}

if [ "$(cluster_state)" != none ]; then die "a local cluster is in use: make cluster-down first"; fi
RESULT=$(mktemp -d)
trap 'rm -rf "$RESULT"' EXIT
say "building the image of the tests' pods"
"$ROOT/hack/image.sh" tools >&2 || die "no image for the tests' pods"
record_machine "$RESULT/before"
test_that "up" cluster up
if [ "$FAILED" -gt 0 ]; then cluster down; exit 1; fi
test_that "the nodes are given an image" cluster load-image "$(image_name tools)"
pods_and_network
gpus
link_down_and_up
silent_drop_and_back
power_cut_and_back
up_again_changes_nothing
goes_down_without_a_trace
recovers_from_crashes
[ "$FAILED" -eq 0 ]
