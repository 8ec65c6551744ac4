# shellcheck shell=bash
# The first process of every machine of the cluster sources this. It runs with pid 1 in its own namespaces, from a copy
# in $STATE, so that nothing of a running cluster depends on the checkout that started it.

# keep <name> <program> [argument…]: runs it in the background and again whenever it ends, as an init system would.
keep() {
  local name=$1
  shift
  while :; do
    "$@" >>"$MACHINE_LOG/$name.log" 2>&1 </dev/null || true
    printf '%s ended; starting it again\n' "$name" >>"$MACHINE_LOG/$name.log"
    sleep 1
  done &
}

start_kube_proxy() {
  # 0: the size of the connection table belongs to the host.
  keep kube-proxy "$KUBE_BIN/kube-proxy" --kubeconfig="$STATE/pki/kube-proxy.conf" --proxy-mode=iptables \
    --hostname-override="$MACHINE" --cluster-cidr="$POD_CIDR" --conntrack-max-per-core=0 \
    --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
}
