#!/usr/bin/env bash
# From a fresh machine to a trained and served model: a cluster, the operator, a TrainingJob, what came out of it, and its answer to a picture.
# Safe to run again. `demo.sh down` leaves nothing behind.
# AIDC_DATA/mnist is used where it is there; else the trainer draws digits of its own.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
. "$ROOT/hack/lib/tasks.sh"
. "$ROOT/hack/lib/demo-watch.sh"
. "$ROOT/hack/images/layout.sh"
cd "$ROOT"
use_kube_bin

namespace=aidc-demo
job=mnist
# On the local cluster all nodes share this machine's disk; elsewhere the cluster's default StorageClass is used.
local_folder=/var/lib/aidc/demo
own_cluster=${KUBECONFIG:-}

down() {
  if [ -n "$own_cluster" ]; then
    kubectl delete namespace "$namespace" --ignore-not-found --wait=true --timeout=120s
    hack/install.sh remove
  else
    hack/cluster.sh down
  fi
  rm -rf "$local_folder" artifacts/demo
  say "nothing of the demo is left"
}

storage() {
  if [ -n "$own_cluster" ]; then
    cat <<YAML
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: demo, namespace: $namespace}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
YAML
    return
  fi
  # The operator's users are not root, and hostPath volumes ignore fsGroup: the folder has to be theirs.
  install -d -m 0777 "$local_folder" "$local_folder/data" "$local_folder/models"
  cat <<YAML
apiVersion: v1
kind: PersistentVolume
metadata: {name: aidc-demo}
spec:
  capacity: {storage: 2Gi}
  accessModes: [ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: aidc-demo
  claimRef: {namespace: $namespace, name: demo}
  hostPath: {path: $local_folder}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: demo, namespace: $namespace}
spec: {accessModes: [ReadWriteMany], storageClassName: aidc-demo, resources: {requests: {storage: 2Gi}}}
YAML
}

# A pod that runs the trainer image once, with the demo's volume at /demo.
trainer_pod() {
  local name=$1
  shift
  local arguments
  arguments=$(printf '"%s",' "$@")
  kubectl -n "$namespace" delete pod "$name" --ignore-not-found --wait=true >/dev/null
  kubectl -n "$namespace" apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Pod
metadata: {name: $name}
spec:
  restartPolicy: Never
  securityContext: {runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001}
  containers:
  - name: trainer
    image: $trainer_image
    imagePullPolicy: IfNotPresent
    args: [${arguments%,}]
    volumeMounts: [{name: demo, mountPath: /demo}, {name: tmp, mountPath: /tmp}]
  volumes:
  - {name: demo, persistentVolumeClaim: {claimName: demo}}
  - {name: tmp, emptyDir: {}}
YAML
  local phase=
  for _ in $(seq 240); do
    phase=$(kubectl -n "$namespace" get pod "$name" -o 'jsonpath={.status.phase}')
    case $phase in
      Succeeded) return ;;
      Failed) kubectl -n "$namespace" logs "$name" >&2; die "pod $namespace/$name failed" ;;
    esac
    sleep 0.5
  done
  kubectl -n "$namespace" describe pod "$name" >&2
  die "pod $namespace/$name is still $phase after two minutes"
}

data() {
  if [ -z "$own_cluster" ] && [ -f "${AIDC_DATA:-}/mnist/train-images-idx3-ubyte.gz" ]; then
    say "data: MNIST from AIDC_DATA"
    cp "$AIDC_DATA"/mnist/*.gz "$local_folder/data/"
  elif [ -z "$own_cluster" ] && compgen -G "$local_folder/data/train-images*" >/dev/null; then
    say "data: the digits drawn before"
  else
    say "data: the trainer draws 12,000 digits (set AIDC_DATA to use MNIST)"
    trainer_pod make-data make-data digits --output /demo/data --train 10000 --test 2000 --seed 1
  fi
}

manifest() {
  cat <<YAML
apiVersion: aidc.dev/v1alpha1
kind: TrainingJob
metadata: {name: $job, namespace: $namespace}
spec:
  trainer:
    task: image-classification
    model: {name: cnn, dropout: 0.2}
    data: {uri: "pvc://demo/data", format: idx}
    epochs: 3
    globalBatchSize: 64
    optimizer: {name: adam, learningRate: 0.003}
    # Adam's first steps are its largest: without a warm-up one seed in seven ended a third of a percent lower.
    schedule: {name: cosine, warmupSteps: 100}
  checkpoint: {uri: "pvc://demo/models", every: 10s, keep: 3}
YAML
}

service_manifest() {
  cat <<YAML
apiVersion: aidc.dev/v1alpha1
kind: InferenceService
metadata: {name: $job, namespace: $namespace}
spec:
  model: {trainingJob: $job}
  scaling: {min: 1, max: 3, target: {concurrency: 4}}
YAML
}

# bytes FILE FROM COUNT. Without pipefail: head has enough before zcat has written all.
bytes() (set +o pipefail; zcat -f "$1" | tail -c "+$(($2 + 1))" | head -c "$3")

# digit INDEX: one test image as 28 lines of 28 numbers from 0 to 255.
digit() { bytes "$(compgen -G "$local_folder/data/t10k-images*" | head -n 1)" $((16 + $1 * 784)) 784 | od -An -v -tu1 -w28; }

# A test image as a person sees it, and what the service says of it. The pixels go as the model wants them: scaled as in training.
ask() {
  local url=$1 index=$2 model=$local_folder/models/model/model.json
  digit "$index" | awk '{ line = ""; for (i = 1; i <= NF; i++) { c = substr(" .:-=+*#%@", int($i / 25.6) + 1, 1); line = line c c } print "    " line }'
  digit "$index" | awk -v mean="$(jq '.normalization.mean[0]' "$model")" -v std="$(jq '.normalization.std[0]' "$model")" '
      BEGIN { printf "[" } { for (i = 1; i <= NF; i++) printf "%s%.6f", (n++ ? "," : ""), ($i / 255 - mean) / std } END { print "]" }' |
    jq -c '{inputs: [{name: "image", datatype: "FP32", shape: [1, 1, 28, 28], data: .}]}' >artifacts/demo/request.json
  curl -fsS -H 'Content-Type: application/json' --data @artifacts/demo/request.json "$url/v2/models/$job/infer" >artifacts/demo/answer.json
  printf '    the picture is a %s; the service says %s\n' \
    "$(bytes "$(compgen -G "$local_folder/data/t10k-labels*" | head -n 1)" $((8 + index)) 1 | od -An -tu1 | tr -d ' ')" \
    "$(jq -r '.outputs[] | select(.name == "label") | .data[0]' artifacts/demo/answer.json)"
}

serve() {
  service_manifest >artifacts/demo/inferenceservice.yaml
  say "kubectl apply -f artifacts/demo/inferenceservice.yaml"
  sed 's/^/    /' artifacts/demo/inferenceservice.yaml
  kubectl apply -f artifacts/demo/inferenceservice.yaml >/dev/null
  with_progress "the service loads the model" "$CACHE/log/demo-serve.log" \
    kubectl -n "$namespace" wait isvc "$job" --for=condition=Ready --timeout=180s || {
    kubectl -n "$namespace" describe isvc "$job" >&2
    die "the service is not ready; the lines above say why"
  }
  kubectl -n "$namespace" get isvc "$job"
  if [ -n "$own_cluster" ]; then return; fi
  ask "http://$(kubectl -n aidc-system get service aidc-gateway -o 'jsonpath={.spec.clusterIP}')/v1/namespaces/$namespace/services/$job" 0
}

up() {
  hack/setup.sh base
  if [ -z "$own_cluster" ]; then
    # Each waits for the network, a disk or one core for much of its time.
    start_task "the cluster" "$CACHE/log/demo-cluster.log" hack/cluster.sh up
    start_task "helm" "$CACHE/log/demo-helm.log" hack/setup.sh helm
    start_task "the images" "$CACHE/log/demo-images.log" hack/image.sh operator trainer
    wait_for_tasks
    use_kube_bin # the set-up may just have fetched it
    KUBECONFIG=$(hack/cluster.sh kubeconfig)
    export KUBECONFIG
    # Does nothing where the images were ready last and are there already.
    hack/cluster.sh load-image "$(image_name operator)" "$(image_name trainer)"
  fi
  hack/install.sh
  trainer_image=$(kubectl -n aidc-system get deployment aidc-operator \
    -o "jsonpath={.spec.template.spec.containers[0].env[?(@.name=='Operator__TrainerImage')].value}")

  kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace" >/dev/null
  storage | kubectl apply -f - >/dev/null
  data

  # A second run trains anew.
  kubectl -n "$namespace" delete isvc,tj "$job" --ignore-not-found --wait=true >/dev/null
  [ -n "$own_cluster" ] || find "$local_folder/models" -mindepth 1 -delete
  mkdir -p artifacts/demo
  manifest >artifacts/demo/trainingjob.yaml
  say "kubectl apply -f artifacts/demo/trainingjob.yaml"
  sed 's/^/    /' artifacts/demo/trainingjob.yaml
  kubectl apply -f artifacts/demo/trainingjob.yaml >/dev/null
  watch_job "$namespace" "$job" || {
    kubectl -n "$namespace" describe tj "$job" >&2
    die "the job did not succeed; the lines above say why"
  }

  say "evaluation on the test images"
  trainer_pod evaluate evaluate --model /demo/models/model --data /demo/data --format idx
  kubectl -n "$namespace" logs evaluate

  serve

  say "done"
  kubectl -n "$namespace" get tj "$job"
  printf '    test accuracy  %s\n' "$(kubectl -n "$namespace" get tj "$job" -o 'jsonpath={.status.result.metrics.testAccuracy}')"
  printf '    model          %s\n' "$(kubectl -n "$namespace" get tj "$job" -o 'jsonpath={.status.result.uri}')"
  [ -n "$own_cluster" ] || printf '    on this disk   %s\n' "$local_folder/models/model"
  [ -n "$own_cluster" ] || printf '    look around    export KUBECONFIG=%s\n' "$KUBECONFIG"
  printf '    clean up       make demo-down\n'
}

case "${1:-up}" in
  up) up ;;
  down) down ;;
  *) echo "usage: $0 [up|down]" >&2; exit 2 ;;
esac
