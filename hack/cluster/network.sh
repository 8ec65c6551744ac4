# shellcheck shell=bash
# The network of the cluster: namespaces, the switch, routes. Source after names.sh.

netns_exists() { [ -e "/run/netns/$1" ]; }

create_switch() {
  mkdir -p "$STATE"
  # `ip netns` turns /run/netns into a mount of its own; note whether that is ours to undo.
  mountpoint -q /run/netns || touch "$STATE/netns-mount-is-ours"
  ip netns add "$SWITCH"
  # Bridged frames need not pass a packet filter.
  nsenter --net="/run/netns/$SWITCH" sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
  ip -n "$SWITCH" link set lo up
  ip -n "$SWITCH" link add bridge0 type bridge
  ip -n "$SWITCH" link set bridge0 up
  ip link add "$HOST_LINK" type veth peer name host netns "$SWITCH"
  ip -n "$SWITCH" link set host master bridge0 up
  ip addr add "$HOST_IP/24" dev "$HOST_LINK"
  ip link set "$HOST_LINK" up
}

# plug_in <machine> <address>: a fresh network namespace whose eth0 is on the switch.
plug_in() {
  local machine=$1 address=$2 netns
  netns=$(netns_of "$machine")
  unplug "$machine"
  ip netns add "$netns"
  ip -n "$SWITCH" link add "$machine" type veth peer name eth0 netns "$netns"
  ip -n "$SWITCH" link set "$machine" master bridge0 up
  ip -n "$netns" link set lo up
  ip -n "$netns" addr add "$address/24" dev eth0
  ip -n "$netns" link set eth0 up
  ip -n "$netns" route add default via "$HOST_IP"
  nsenter --net="/run/netns/$netns" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 \
    net.ipv4.conf.eth0.send_redirects=0
  route_pods "$machine" "$netns"
}

# Every machine reaches every node's pods directly, without the host forwarding anything.
route_pods() {
  local machine=$1 netns=$2 node
  for node in $(cluster_nodes); do
    [ "$node" = "$machine" ] || ip -n "$netns" route replace "$(pod_cidr "$node")" via "$(node_ip "$node")"
  done
}

# The host reaches pods at their nodes, and Services at the control plane, whose kube-proxy translates: so none has to
# program the host's own packet filter. The routes go when the link goes.
route_host() {
  local node
  for node in $(cluster_nodes); do ip route replace "$(pod_cidr "$node")" via "$(node_ip "$node")"; done
  ip route replace "$SERVICE_CIDR" via "$CONTROL_PLANE_IP"
}

unplug() {
  local netns
  netns=$(netns_of "$1")
  if netns_exists "$SWITCH"; then ip -n "$SWITCH" link del "$1" 2>/dev/null || true; fi
  if netns_exists "$netns"; then ip netns del "$netns"; fi
}

# A silent drop: the link stays up and addresses resolve, yet no packet goes in or out.
drop_packets() {
  nsenter --net="/run/netns/$(netns_of "$1")" iptables -w -t mangle -I PREROUTING -i eth0 -j DROP
  nsenter --net="/run/netns/$(netns_of "$1")" iptables -w -t mangle -I POSTROUTING -o eth0 -j DROP
}

drops_packets() {
  nsenter --net="/run/netns/$(netns_of "$1")" iptables -w -t mangle -C PREROUTING -i eth0 -j DROP 2>/dev/null
}

pass_packets() {
  local netns
  netns=/run/netns/$(netns_of "$1")
  while nsenter --net="$netns" iptables -w -t mangle -D PREROUTING -i eth0 -j DROP 2>/dev/null; do :; done
  while nsenter --net="$netns" iptables -w -t mangle -D POSTROUTING -o eth0 -j DROP 2>/dev/null; do :; done
}

# What the node sends is late by 50 ms; where the kernel has no netem, because a link of 20 Mbit/s has a queue of up to 200 ms.
delay_packets() {
  local netns
  netns=/run/netns/$(netns_of "$1")
  send_at_once "$1"
  nsenter --net="$netns" tc qdisc add dev eth0 root netem delay 50ms 2>/dev/null ||
    nsenter --net="$netns" tc qdisc add dev eth0 root tbf rate 20mbit burst 64kb latency 200ms
}

send_at_once() { nsenter --net="/run/netns/$(netns_of "$1")" tc qdisc del dev eth0 root 2>/dev/null || true; }

remove_network() {
  local file
  if ip link show "$HOST_LINK" >/dev/null 2>&1; then ip link del "$HOST_LINK"; fi
  for file in /run/netns/aidc-*; do
    if [ -e "$file" ]; then ip netns del "$(basename "$file")"; fi
  done
  if [ -e "$STATE/netns-mount-is-ours" ] && [ -z "$(ls -A /run/netns 2>/dev/null)" ]; then
    if mountpoint -q /run/netns; then umount /run/netns; fi
    rmdir /run/netns
  fi
}
