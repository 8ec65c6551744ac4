# shellcheck shell=bash
# Asking the API server of the local cluster. Source after names.sh.

kctl() { KUBECONFIG=$STATE/pki/admin.conf "$(find_kube_program kubectl)" "$@"; }

# patch_node_status <node> <JSON merge patch>: by hand, as kubectl before 1.24 cannot patch /status.
patch_node_status() {
  curl -fsS -o /dev/null --cacert "$STATE/pki/ca.crt" --cert "$STATE/pki/admin.crt" --key "$STATE/pki/admin.key" \
    -X PATCH -H 'Content-Type: application/merge-patch+json' --data "$2" "$API_SERVER/api/v1/nodes/$1/status"
}

# wait_until <what> <seconds> <function> [argument…]
wait_until() {
  local what=$1 deadline=$((SECONDS + $2)) start=$SECONDS shown=$SECONDS
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || die "$what: not after $((SECONDS - start)) s; the logs are in $STATE/*/log"
    if [ $((SECONDS - shown)) -ge 15 ]; then
      shown=$SECONDS
      say "waiting: $what … $((SECONDS - start)) s"
    fi
    sleep 0.3
  done
}

api_answers() { kctl get --raw /readyz >/dev/null 2>&1; }

# The controllers have done what the first pod needs.
cluster_serves() {
  kctl get serviceaccount default -n default >/dev/null 2>&1 &&
    [ -n "$(own_addresses 2>/dev/null)" ]
}

# The addresses of the Service kubernetes: newer servers warn of each question about Endpoints, older ones have nothing else.
own_addresses() {
  if kctl get --raw /apis/discovery.k8s.io >/dev/null 2>&1; then
    kctl get endpointslices -n default -l kubernetes.io/service-name=kubernetes -o jsonpath='{.items[*].endpoints[*].addresses[*]}'
  else
    kctl get endpoints kubernetes -n default -o jsonpath='{.subsets[*].addresses[*].ip}'
  fi
}

# The nodes are made by us, for their pod networks to be known; their kubelets take them over. (Capacity is given at once
# as old kubelets fall over a node without any.)
register_nodes() {
  local node gpus
  gpus="{$GPU_RESOURCE: \"$(cat "$STATE/gpus")\"}"
  for node in $(cluster_nodes); do
    cat <<END
apiVersion: v1
kind: Node
metadata: {name: $node, labels: {kubernetes.io/hostname: $node}}
spec: {podCIDR: $(pod_cidr "$node"), podCIDRs: [$(pod_cidr "$node")]}
status: {capacity: $gpus, allocatable: $gpus}
---
END
  done | kctl apply -f - >/dev/null
}

# node_is_ready <node> [since]: after a start of its kubelet the API still shows what was before; only a status reported
# since then counts. (A kubelet reports when it starts, when something changes, and each five minutes.)
node_is_ready() {
  local node
  node=$(kctl get node "$1" -o json 2>/dev/null) || return 1
  jq -e --arg since "${2:-}" '(.status.conditions // [] | any(.type == "Ready" and .status == "True" and
    .lastHeartbeatTime > $since)) and (.spec.taints // [] | all(.key | startswith("node.kubernetes.io/") | not))' \
    <<<"$node" >/dev/null
}

# node_is_heard_of <node> <since>: Ready, and its kubelet, which lived on, has renewed its lease since.
node_is_heard_of() {
  local renewed
  renewed=$(kctl get lease "$1" -n kube-node-lease -o jsonpath='{.spec.renewTime}' 2>/dev/null) || return 1
  [[ $renewed > $2 ]] && node_is_ready "$1"
}

has_gpus() {
  kctl get node "$1" -o json | jq -e --arg name "$GPU_RESOURCE" --arg count "$2" \
    '.status.allocatable[$name] == $count and .status.capacity[$name] == $count' >/dev/null
}

# Extended resources make any node offer GPUs to the scheduler; a kubelet that starts may forget them.
offer_gpus() {
  local node=$1 count=$2 name=$GPU_RESOURCE
  has_gpus "$node" "$count" && return
  patch_node_status "$node" "{\"status\": {\"capacity\": {\"$name\": \"$count\"}, \"allocatable\": {\"$name\": \"$count\"}}}"
}
