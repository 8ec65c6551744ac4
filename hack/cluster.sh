#!/usr/bin/env bash
# A real Kubernetes of several nodes on this one Linux machine, without Docker. One per machine; needs root.
#
#   cluster.sh up                               starts it (NODES=3, GPUS=4 each), waits until all nodes are Ready
#   cluster.sh down                             ends it and leaves nothing behind, whatever state it is in
#   cluster.sh status                           what runs
#   cluster.sh is-up                            succeeds when it runs, says nothing
#   cluster.sh kubeconfig                       the path of its kubeconfig
#   cluster.sh power-off <node> [link|drop|kill]
#                                               link (default): the link goes down, the node lives on, unreachable;
#                                               drop: the same, but silently; kill: as a power cut, link and processes
#   cluster.sh slow-down <node>                 makes its packets late
#   cluster.sh speed-up <node>                  no longer
#   cluster.sh power-on <node>                  undoes any of these and waits until the node is Ready
#   cluster.sh load-image <image or archive>…   gives all nodes an image: one that hack/image.sh built, or a docker archive
#
# With KUBECONFIG set to another cluster, up and down leave that cluster alone and start none.
# From the host, pods and Services are reached at their addresses. There is no cluster DNS and no network policy.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
. "$ROOT/hack/images/layout.sh"
for part in names cgroups network certificates configure machines api; do . "$ROOT/hack/cluster/$part.sh"; done

# KUBECONFIG may well name the local cluster, by the file of this checkout or of another.
uses_other_cluster() {
  [ -n "${KUBECONFIG:-}" ] && [ "$KUBECONFIG" != "$CLUSTER_KUBECONFIG" ] && ! cmp -s "$KUBECONFIG" "$STATE/pki/admin.conf"
}

require_root() { [ "$(id -u)" -eq 0 ] || die "the local cluster needs root: sudo, or set KUBECONFIG to a cluster you have"; }

lock() {
  mkdir -p "$CACHE"
  exec 9>"$CACHE/cluster.lock"
  flock -n 9 || { say "another cluster command is running; waiting for it"; flock 9; }
}

require_node() {
  [ "$(cluster_state)" = whole ] || die "the local cluster does not run: make cluster"
  grep -qx "${1:-}" <<<"$(cluster_nodes)" || die "unknown node '${1:-}'; the nodes: $(cluster_nodes | paste -sd' ')"
}

start_cluster() {
  local nodes=$1 node folder start=$SECONDS
  say "starting a Kubernetes cluster of $nodes nodes"
  echo "$nodes" >"$STATE/nodes"
  for folder in "${NODE_FOLDERS[@]}"; do [ -e "$folder" ] || echo "$folder"; done >"$STATE/our-folders"
  create_certificates
  write_environment
  [ -e "$CACHE/images/pause.tar" ] || "$ROOT/hack/cluster/pause-image.sh" "$CACHE/images/pause.tar"
  cp "$CACHE/images/pause.tar" "$STATE/pause.tar"
  create_switch
  boot_control_plane
  route_host
  wait_until "the API server is ready" 120 api_answers
  register_nodes
  for node in $(cluster_nodes); do
    configure_node "$node"
    boot_node "$node"
  done
  wait_until "the default service account exists" 60 cluster_serves
  touch "$STATE/ready"
  say "control plane up after $((SECONDS - start)) s"
}

# Brings what runs to what was asked for: all nodes on, connected, Ready, with their GPUs.
bring_up_nodes() {
  local node
  for node in $(cluster_nodes); do
    if ! is_on "$node" || ! is_connected "$node"; then revive "$node"; fi
  done
  for node in $(cluster_nodes); do
    wait_until "$node is Ready" 120 node_is_ready "$node"
    wait_until "$node offers $(cat "$STATE/gpus") GPUs" 60 keeps_gpus "$node"
  done
}

keeps_gpus() { has_gpus "$1" "$(cat "$STATE/gpus")" || { offer_gpus "$1" "$(cat "$STATE/gpus")"; return 1; }; }

revive() {
  local node=$1
  if is_on "$node"; then
    ip -n "$SWITCH" link set "$node" up
    pass_packets "$node"
  else
    end_cgroups "$node"
    boot_node "$node"
  fi
}

up() {
  local nodes=${NODES:-} running
  if uses_other_cluster; then
    say "KUBECONFIG is set: using the cluster of $KUBECONFIG, starting none"
    return
  fi
  require_root
  "$ROOT/hack/setup.sh" base controlplane cluster
  lock
  if [ "$(cluster_state)" = broken ]; then
    say "a cluster is there that is not whole: removing it first"
    remove_cluster
  fi
  running=$(cluster_nodes | wc -l)
  if [ "$running" -gt 0 ]; then
    [ -z "$nodes" ] || [ "$nodes" = "$running" ] ||
      die "a cluster of $running nodes is running and NODES=$nodes was asked for: make cluster-down first"
  else
    nodes=${nodes:-3}
    if ! [[ $nodes =~ ^[1-9][0-9]?$ ]] || [ "$nodes" -gt "$MAX_NODES" ]; then
      die "NODES=$nodes: give a number from 1 to $MAX_NODES"
    fi
  fi
  mkdir -p "$STATE"
  echo "${GPUS:-$(cat "$STATE/gpus" 2>/dev/null || echo 4)}" >"$STATE/gpus"
  [ "$running" -gt 0 ] || start_cluster "$nodes"
  bring_up_nodes
  write_kubeconfig
  say "the cluster is ready: $(cluster_nodes | wc -l) nodes, $(cat "$STATE/gpus") GPUs each; export KUBECONFIG=$CLUSTER_KUBECONFIG"
}

write_kubeconfig() {
  mkdir -p "$(dirname "$CLUSTER_KUBECONFIG")"
  install -m 600 "$STATE/pki/admin.conf" "$CLUSTER_KUBECONFIG"
}

down() {
  if uses_other_cluster; then
    say "KUBECONFIG is set: leaving the cluster of $KUBECONFIG alone"
    return
  fi
  require_root
  lock
  if [ "$(cluster_state)" = none ]; then
    say "no local cluster is there"
  fi
  remove_cluster
  say "the local cluster is down"
}

power_off() {
  local node=${1:-} how=${2:-link}
  require_root
  lock
  require_node "$node"
  case $how in
    link) ip -n "$SWITCH" link set "$node" down ;;
    drop) drop_packets "$node" ;;
    kill)
      # A machine that loses its power says no goodbye: the link goes before the processes.
      ip -n "$SWITCH" link set "$node" down
      end_cgroups "$node"
      ;;
    *) die "power-off how? '$how' is none of link, drop, kill" ;;
  esac
  say "$node is off ($how)"
}

slow_down() {
  require_root
  lock
  require_node "${1:-}"
  delay_packets "$1"
  say "packets of $1 are late"
}

speed_up() {
  require_root
  lock
  require_node "${1:-}"
  send_at_once "$1"
  say "packets of $1 are not late any more"
}

power_on() {
  local node=${1:-} since sign=node_is_ready
  require_root
  lock
  require_node "$node"
  since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if is_on "$node"; then sign=node_is_heard_of; fi
  revive "$node"
  wait_until "$node is Ready" 120 "$sign" "$node" "$since"
  wait_until "$node offers $(cat "$STATE/gpus") GPUs" 60 keeps_gpus "$node"
  say "$node is on"
}

status() {
  local node
  say "cluster: $(cluster_state)"
  [ "$(cluster_state)" = whole ] || return 0
  for node in $(cluster_nodes); do
    say "$node: $(is_on "$node" && echo on || echo off), $(is_connected "$node" && echo connected || echo cut off)"
  done
  kctl get nodes -o wide
}

# An image that hack/image.sh built, by its name, or a docker archive.
load_images() {
  local what image node pid pids start=$SECONDS
  [ $# -gt 0 ] || die "load-image what? give an image's name or the path of a docker archive"
  require_root
  lock
  require_node node1
  for what in "$@"; do
    image=$what
    if [ -f "$what" ]; then image=$(add_archive "$what"); fi
    [ -e "$(descriptor_file "$image")" ] || die "$what is neither a docker archive nor an image built by hack/image.sh"
    pids=()
    for node in $(cluster_nodes); do
      is_on "$node" || continue
      import_image "$image" "$STATE/$node/run/containerd.sock" >"$STATE/$node/log/import.log" 2>&1 9>&- &
      pids+=($!)
    done
    for pid in "${pids[@]}"; do
      wait "$pid" || die "$image could not be imported: $(tail -qn 1 "$STATE"/*/log/import.log | paste -sd';')"
    done
    say "$image is on all nodes after $((SECONDS - start)) s"
  done
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  up) up ;;
  down) down ;;
  status) status ;;
  is-up) [ "$(cluster_state)" = whole ] ;;
  kubeconfig) printf '%s\n' "${KUBECONFIG:-$CLUSTER_KUBECONFIG}" ;;
  power-off) power_off "$@" ;;
  power-on) power_on "$@" ;;
  slow-down) slow_down "$@" ;;
  speed-up) speed_up "$@" ;;
  load-image) load_images "$@" ;;
  *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
esac
