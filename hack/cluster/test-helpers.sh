# shellcheck shell=bash
# What test-cluster.sh asks of a cluster. Source after the other parts.
. "$ROOT/hack/images/layout.sh"

FAILED=0

# test_that <sentence> <command…>: one test, passed when the command succeeds. Its output is shown when it does not.
test_that() {
  local sentence=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok - cluster: %s\n' "$sentence"
  else
    printf 'not ok - cluster: %s\n' "$sentence"
    say "$* => $output"
    FAILED=$((FAILED + 1))
  fi
}

cluster() { "$ROOT/hack/cluster.sh" "$@" 9>&-; }
not() { ! "$@"; }
exits_with() { local wanted=$1 status=0; shift; "$@" >/dev/null 2>&1 || status=$?; [ "$status" -eq "$wanted" ]; }
error_says() { local text=$1 output; shift; ! output=$("$@" 2>&1) && grep -q "$text" <<<"$output"; }

# eventually <seconds> <command…>
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then "$@"; return; fi
    sleep 0.3
  done
}

# server_pod <node>: a pod there that answers HTTP on 8080 with its node's name. Perl is in the smallest Debian.
server_pod() {
  kctl apply -f - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: server-$1, labels: {app: server}}
spec:
  nodeSelector: {kubernetes.io/hostname: $1}
  terminationGracePeriodSeconds: 1
  containers:
  - name: server
    image: $(image_name tools)
    imagePullPolicy: Never
    env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
    command: [perl, -MIO::Socket::INET, -e]
    args:
    - |
      \$| = 1; \$SIG{TERM} = sub { exit };
      my \$s = IO::Socket::INET->new(LocalPort => 8080, Listen => 16, ReuseAddr => 1) or die \$!;
      print "serving on \$ENV{NODE}\n";
      while (my \$c = \$s->accept) { sysread \$c, my \$request, 4096; print \$c "HTTP/1.0 200 OK\r\n\r\n\$ENV{NODE}\n"; close \$c }
    readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
    volumeMounts: [{name: token, mountPath: /token}]
  volumes:
  - name: token
    projected: {sources: [{serviceAccountToken: {path: token, audience: somebody-else, expirationSeconds: 3600}}]}
END
}

gpu_pod() {
  kctl run "$1" --restart=Never --image="$(image_name tools)" --image-pull-policy=Never --overrides "{\"apiVersion\": \"v1\",
    \"spec\": {\"terminationGracePeriodSeconds\": 1, \"containers\": [{\"name\": \"$1\", \"image\": \"$(image_name tools)\",
    \"imagePullPolicy\": \"Never\", \"command\": [\"sleep\", \"1000\"],
    \"resources\": {\"limits\": {\"$GPU_RESOURCE\": \"$2\"}}}]}}" >/dev/null
}

pods_run() { kctl wait --for=condition=Ready --timeout=1s "${@/#/pod/}"; }
is_unschedulable() { grep -q Unschedulable <<<"$(kctl get pod "$1" -o jsonpath='{.status.conditions[*].reason}')"; }
pod_ip() { kctl get pod "$1" -o jsonpath='{.status.podIP}'; }
service_ip() { kctl get service servers -o jsonpath='{.spec.clusterIP}'; }
curl_quickly() { curl -sS -o /dev/null --max-time 4 "$@"; }
curl_from() { local pod=$1; shift; kctl exec "$pod" -- curl -sS --max-time 4 "$@"; }
log_says() { grep -q "$2" <<<"$(kctl logs "$1")"; }

reaches_all_pods() {
  local from to
  for from in node1 node2 node3; do
    for to in node1 node2 node3; do
      [ "$(curl_from "server-$from" "http://$(pod_ip "server-$to"):8080")" = "$to" ] || return
    done
  done
}

# From one pod, 30 requests to the Service: each of the three answers some, none is lost. One in 10^5 runs would miss one.
service_spreads_over() {
  local answers
  answers=$(kctl exec "$1" -- bash -c "for i in {1..30}; do curl -sS --max-time 4 http://$(service_ip) || echo lost; done")
  [ "$(sort -u <<<"$answers" | paste -sd' ')" = "node1 node2 node3" ]
}

token_is_reviewed() {
  local token audience wanted
  token=$(kctl exec server-node1 -- cat /token/token)
  for audience in somebody-else nobody; do
    wanted=$([ "$audience" = somebody-else ] && echo true || echo '')
    [ "$(kctl create -o jsonpath='{.status.authenticated}' -f - <<<"{\"apiVersion\": \"authentication.k8s.io/v1\",
      \"kind\": \"TokenReview\", \"spec\": {\"token\": \"$token\", \"audiences\": [\"$audience\"]}}")" = "$wanted" ] || return
  done
}

is_lost() { [ "$(kctl get node "$1" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}')" = Unknown ]; }

kubelet_restarts_with_gpus() {
  local pid since
  since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  for pid in $(cgroup_pids "$1"); do
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = kubelet ]; then kill -9 "$pid"; fi
  done
  eventually 60 node_is_ready "$1" "$since" && has_gpus "$1" 4
}

# every_first_process_in <pids>: the machines that are on are those that were.
every_first_process_in() {
  local machine
  for machine in "$CONTROL_PLANE" $(cluster_nodes); do
    grep -qw "$(cat "$STATE/$machine/pid")" <<<"$1" && is_on "$machine" || return
  done
}

# process_ids: the cluster's processes, each with its start time, so that a reused pid is not taken for it.
process_ids() { local pid; for pid in $(cgroup_pids); do process_id "$pid"; done; }
process_id() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk -v pid="$1" '{print pid ":" $20}'; }

kill_everything() { local pid; for pid in $(cgroup_pids); do kill -9 "$pid" 2>/dev/null; done; }

# What a cluster may touch on the host.
record_machine() {
  mkdir -p "$1"
  findmnt -rno TARGET,FSTYPE | sort >"$1/mounts"
  ip -o link show | awk -F': ' '{sub(/@.*/, "", $2); print $2}' | sort >"$1/interfaces"
  ip route show | sort >"$1/routes"
  ls -1 /run/netns >"$1/network-namespaces" 2>/dev/null || :
  { iptables-save 2>/dev/null | grep -v '^#' | sed 's/\[[0-9:]*\]//' || :; } >"$1/packet-filter"
  find /sys/fs/cgroup -maxdepth 3 -type d -name 'aidc*' >"$1/control-groups"
  sysctl -n vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops net.ipv4.ip_forward >"$1/kernel-settings"
  ls -d /var/lib/kubelet /var/lib/cni /etc/cni /run/containerd /var/log/pods /var/log/containers /run/netns "$STATE" \
    "$(dirname "$CLUSTER_KUBECONFIG")" 2>/dev/null >"$1/folders"
}

# nothing_is_left <when> <process ids>
nothing_is_left() {
  local kind
  record_machine "$RESULT/after"
  for kind in mounts interfaces routes network-namespaces packet-filter control-groups kernel-settings folders; do
    test_that "$1, the $kind are as before" diff "$RESULT/before/$kind" "$RESULT/after/$kind"
  done
  # A process whose parent was killed is gone only when the machine's first process has noticed.
  test_that "$1, no process is left" eventually 20 none_is_alive "$2"
}

none_is_alive() {
  local id
  for id in $1; do
    if [ "$(process_id "${id%:*}")" = "$id" ]; then return 1; fi
  done
}
