# shellcheck shell=bash
# Starting and stopping the machines of the cluster. Source after names.sh, cgroups.sh, network.sh.

# Everything the first processes need to know, beside copies of their scripts.
write_environment() {
  mkdir -p "$STATE/bin"
  cp "$ROOT"/hack/cluster/{machine,control-plane,node}.sh "$STATE/bin/"
  {
    printf '%s=%q\n' STATE "$STATE" CONTROL_PLANE_IP "$CONTROL_PLANE_IP" SERVICE_CIDR "$SERVICE_CIDR" \
      POD_CIDR "$POD_CIDR" KUBE_BIN "$(kube_bin)" ETCD "$(find_kube_program etcd)"
    printf 'NODE_FOLDERS=(%s)\n' "${NODE_FOLDERS[*]}"
    # shellcheck disable=SC2016 # to be expanded by the machine
    printf 'MACHINE_LOG=$STATE/$MACHINE/log\n'
  } >"$STATE/bin/environment"
}

# boot <machine> <address> <script>: fresh network, then the first process, from which all others come.
boot() {
  local machine=$1 address=$2 script=$3
  plug_in "$machine" "$address"
  create_cgroups "$machine"
  mkdir -p "$STATE/$machine/log"
  (
    enter_cgroups "$machine"
    exec 9>&- # the lock of cluster.sh is not for daemons to hold
    cd "$STATE/$machine" || exit
    MACHINE=$machine MACHINE_IP=$address exec setsid nsenter --net="/run/netns/$(netns_of "$machine")" \
      unshare --mount --pid --uts --ipc --fork --kill-child --mount-proc bash "$STATE/bin/$script" \
      >>"$STATE/$machine/log/init.log" 2>&1 </dev/null
  ) &
  echo $! >"$STATE/$machine/pid"
}

boot_control_plane() { boot "$CONTROL_PLANE" "$CONTROL_PLANE_IP" control-plane.sh; }

boot_node() {
  mkdir -p "${NODE_FOLDERS[@]}"
  boot "$1" "$(node_ip "$1")" node.sh
}

# A machine is on while its first process lives and is still in its control group (so a reused pid deceives nobody).
is_on() {
  local pid
  pid=$(cat "$STATE/$1/pid" 2>/dev/null) || return 1
  grep -qx "$pid" <<<"$(cgroup_pids "$1")"
}

# A node is connected when its link is up and nothing is dropped.
is_connected() {
  grep -q '[<,]UP[,>]' <<<"$(ip -n "$SWITCH" -o link show "$1" 2>/dev/null)" && ! drops_packets "$1"
}

# What is there of a cluster: none, whole (control plane and switch live), or broken.
cluster_state() {
  if [ ! -e "$STATE/ready" ]; then
    if [ -e "$STATE" ] || [ -n "$(cgroup_pids)" ] || netns_exists "$SWITCH"; then echo broken; else echo none; fi
  elif netns_exists "$SWITCH" && ip link show "$HOST_LINK" >/dev/null 2>&1 && is_on "$CONTROL_PLANE"; then
    echo whole
  else
    echo broken
  fi
}

remove_cluster() {
  end_cgroups
  remove_network
  # Empty and ours, else they stay.
  if [ -e "$STATE/our-folders" ]; then xargs -r rmdir <"$STATE/our-folders" 2>/dev/null || true; fi
  rm -rf "$STATE"
  rm -rf "$(dirname "$CLUSTER_KUBECONFIG")"
}
