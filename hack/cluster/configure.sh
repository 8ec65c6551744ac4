# shellcheck shell=bash
# The configuration files of a node's programs, in $STATE/<node>. Source after names.sh.

# configure_node <node>
configure_node() {
  local node=$1 home=$STATE/$1
  mkdir -p "$home"/{run,log,containerd,cni,sysctl}
  cat >"$home/cni/10-aidc.conflist" <<END
{"cniVersion": "0.4.0", "name": "aidc", "plugins": [
  {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "dataDir": "/run/cni",
   "ranges": [[{"subnet": "$(pod_cidr "$node")"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
  # restrict_oom_score_adj: without CAP_SYS_RESOURCE no sandbox could start.
  cat >"$home/containerd.toml" <<END
version = 2
root = "$home/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/aidc-pause:1"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "$CNI_BIN"
  conf_dir = "$home/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
END
  # All nodes share one disk: neither eviction nor image collection may go by how full it is.
  # failCgroupV1: kubelets from 1.35 on refuse machines with cgroups of version 1 unless told; older ones do not know the word and go on.
  cat >"$home/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $STATE/pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $STATE/pki/$node.crt
tlsPrivateKeyFile: $STATE/pki/$node.key
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP/$node
failSwapOn: false
failCgroupV1: false
oomScoreAdj: 0
evictionHard: {memory.available: 100Mi}
imageGCHighThresholdPercent: 100
resolvConf: $home/resolv.conf
volumePluginDir: $home/volume-plugins
serializeImagePulls: false
END
  cp -L /etc/resolv.conf "$home/resolv.conf" 2>/dev/null || : >"$home/resolv.conf"
  # kubelet sets these for the whole kernel; it is shown files with the values it wants instead, so that the host keeps its own.
  printf 1 >"$home/sysctl/vm.overcommit_memory"
  printf 0 >"$home/sysctl/vm.panic_on_oom"
  printf 10 >"$home/sysctl/kernel.panic"
  printf 1 >"$home/sysctl/kernel.panic_on_oops"
  printf 1000000 >"$home/sysctl/kernel.keys.root_maxkeys"
  printf 25000000 >"$home/sysctl/kernel.keys.root_maxbytes"
}
