#!/usr/bin/env bash
# First process of a node: its own container runtime, kube-proxy and kubelet. Mounts made here are seen here only; /run,
# the logs and the fixed folders of kubelet and CNI are the node's own, so that nodes do not meet there and nothing of it is left on
# the host when the node ends. /run starts empty, as after a reboot.
set -euo pipefail
. "$(dirname "$0")/environment"
. "$(dirname "$0")/machine.sh"
home=$STATE/$MACHINE

mount --make-rshared /
find "$home/run" -mindepth 1 -delete
mount --bind "$home/run" /run
mount --bind "$home/log" /var/log
for folder in "${NODE_FOLDERS[@]}"; do
  mkdir -p "$home$folder"
  mount --bind "$home$folder" "$folder"
done
for file in "$home"/sysctl/*; do
  name=$(basename "$file")
  if [ -e "/proc/sys/${name//.//}" ]; then mount --bind "$file" "/proc/sys/${name//.//}"; fi
done
hostname "$MACHINE"

keep containerd containerd -c "$home/containerd.toml"
until ctr -a /run/containerd.sock version >/dev/null 2>&1; do sleep 0.1; done
ctr -a /run/containerd.sock -n k8s.io images import "$STATE/pause.tar" >>"$MACHINE_LOG/containerd.log" 2>&1

start_kube_proxy

# Kubelets before 1.27 take other runtimes by default and have to be told.
runtime=()
help=$("$KUBE_BIN/kubelet" --help 2>/dev/null)
if grep -q -- '--container-runtime ' <<<"$help"; then runtime=(--container-runtime=remote); fi
keep kubelet "$KUBE_BIN/kubelet" --config="$home/kubelet.yaml" --kubeconfig="$STATE/pki/$MACHINE.conf" \
  "${runtime[@]}" --container-runtime-endpoint=unix:///run/containerd.sock --hostname-override="$MACHINE" \
  --node-ip="$MACHINE_IP" --root-dir=/var/lib/kubelet
wait
