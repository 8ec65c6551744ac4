# shellcheck shell=bash
# The well-known names of the local cluster: one per machine, found by these names from any checkout, whoever started it.
# Source after common.sh.
#
#   host ── aidc0 10.89.0.1 ─┐
#                            ├─ bridge in the network namespace aidc-switch
#   control plane 10.89.0.2 ─┤
#   node1 10.89.0.11 ────────┤      pods of node1: 10.244.1.0/24
#   node2 10.89.0.12 ────────┘      pods of node2: 10.244.2.0/24
#
# Each machine (control plane or node) is a set of processes in a network, mount, pid, uts and ipc namespace of its own:
# when its first process ends, the kernel ends all the others, pods included.

# shellcheck disable=SC2034 # scripts that source this use it
NODE_FOLDERS=(/var/lib/kubelet /var/lib/cni) # each node mounts its own over them
STATE=/var/lib/aidc-cluster             # everything on disk: certificates, etcd, container roots, logs
CGROUP=aidc-cluster                     # parent of all our control groups, in every hierarchy
SWITCH=aidc-switch                      # network namespace that holds the bridge
HOST_LINK=aidc0                         # the only interface of ours that the host sees
CONTROL_PLANE=control-plane
HOST_IP=10.89.0.1
CONTROL_PLANE_IP=10.89.0.2
SERVICE_CIDR=10.96.0.0/16
SERVICE_IP=10.96.0.1
POD_CIDR=10.244.0.0/16
API_SERVER=https://$CONTROL_PLANE_IP:6443
GPU_RESOURCE=nvidia.com/gpu
CLUSTER_KUBECONFIG=$ROOT/artifacts/cluster/kubeconfig
MAX_NODES=50
CNI_BIN=/usr/lib/cni
[ ! -x /opt/cni/bin/ptp ] || CNI_BIN=/opt/cni/bin
export CNI_BIN STATE CGROUP SWITCH HOST_LINK CONTROL_PLANE HOST_IP CONTROL_PLANE_IP SERVICE_CIDR SERVICE_IP POD_CIDR API_SERVER
export GPU_RESOURCE CLUSTER_KUBECONFIG MAX_NODES

netns_of() { printf 'aidc-%s\n' "$1"; }
node_ip() { printf '10.89.0.%d\n' $((10 + ${1#node})); }
pod_cidr() { printf '10.244.%d.0/24\n' "${1#node}"; }

# node_names <count>: node1 … node<count>, one a line.
node_names() { local i; for ((i = 1; i <= $1; i++)); do printf 'node%d\n' "$i"; done; }

# The nodes of the cluster as it was started.
cluster_nodes() { node_names "$(cat "$STATE/nodes" 2>/dev/null || echo 0)"; }
