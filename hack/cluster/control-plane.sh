#!/usr/bin/env bash
# First process of the control plane: etcd, API server, controller manager, scheduler, and a kube-proxy of its own, so
# that the API server (webhooks) and the host reach Services. Everything but the API server listens on loopback, in a
# network namespace where nobody else is.
set -euo pipefail
. "$(dirname "$0")/environment"
. "$(dirname "$0")/machine.sh"

keep etcd "$ETCD" --data-dir "$STATE/$MACHINE/etcd" \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380

# The default audience of tokens is the issuer; a token made for another audience is reviewed against that one.
keep kube-apiserver "$KUBE_BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
  --bind-address="$CONTROL_PLANE_IP" --advertise-address="$CONTROL_PLANE_IP" --secure-port=6443 \
  --tls-cert-file="$STATE/pki/kube-apiserver.crt" --tls-private-key-file="$STATE/pki/kube-apiserver.key" \
  --client-ca-file="$STATE/pki/ca.crt" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$STATE/pki/service-accounts.pub" \
  --service-account-signing-key-file="$STATE/pki/service-accounts.key" --service-cluster-ip-range="$SERVICE_CIDR" \
  --kubelet-client-certificate="$STATE/pki/kubelet-client.crt" --kubelet-client-key="$STATE/pki/kubelet-client.key" \
  --kubelet-certificate-authority="$STATE/pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
  --allow-privileged=true --enable-aggregator-routing=true

until curl -fsS -o /dev/null --cacert "$STATE/pki/ca.crt" --cert "$STATE/pki/admin.crt" --key "$STATE/pki/admin.key" \
  "https://$CONTROL_PLANE_IP:6443/readyz"; do sleep 0.2; done 2>/dev/null

keep kube-controller-manager "$KUBE_BIN/kube-controller-manager" --kubeconfig="$STATE/pki/kube-controller-manager.conf" \
  --service-account-private-key-file="$STATE/pki/service-accounts.key" --root-ca-file="$STATE/pki/ca.crt" \
  --cluster-signing-cert-file="$STATE/pki/ca.crt" --cluster-signing-key-file="$STATE/pki/ca.key" \
  --use-service-account-credentials --cluster-cidr="$POD_CIDR" --allocate-node-cidrs=false --leader-elect=false
keep kube-scheduler "$KUBE_BIN/kube-scheduler" --kubeconfig="$STATE/pki/kube-scheduler.conf" --leader-elect=false
start_kube_proxy
wait
