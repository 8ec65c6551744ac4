# shellcheck shell=bash
# Certificates and kubeconfigs of the cluster, in $STATE/pki. Source after names.sh.

PKI=$STATE/pki

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null; }

create_authority() {
  mkdir -p "$PKI"
  chmod 700 "$PKI"
  new_key "$PKI/ca.key"
  openssl req -x509 -new -key "$PKI/ca.key" -out "$PKI/ca.crt" -days 3650 -subj /CN=aidc-cluster
  new_key "$PKI/service-accounts.key"
  openssl ec -in "$PKI/service-accounts.key" -pubout -out "$PKI/service-accounts.pub" 2>/dev/null
}

# certificate <file name> <user> <group or ""> [subject alternative names]
certificate() {
  local file=$PKI/$1
  new_key "$file.key"
  openssl req -new -key "$file.key" -subj "${3:+/O=$3}/CN=$2" |
    openssl x509 -req -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -CAcreateserial -days 3650 -out "$file.crt" \
      -extfile <(printf 'extendedKeyUsage=clientAuth,serverAuth\n%s' "${4:+subjectAltName=$4}") 2>/dev/null
}

# kubeconfig <file name>: for the certificate of that name, everything inside the one file.
kubeconfig() {
  cat >"$PKI/$1.conf.tmp" <<END
apiVersion: v1
kind: Config
clusters:
- name: aidc
  cluster:
    server: $API_SERVER
    certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$PKI/$1.crt")
    client-key-data: $(base64 -w0 "$PKI/$1.key")
contexts:
- name: aidc
  context: {cluster: aidc, user: $1}
current-context: aidc
END
  chmod 600 "$PKI/$1.conf.tmp"
  mv "$PKI/$1.conf.tmp" "$PKI/$1.conf"
}

create_certificates() {
  local node
  create_authority
  certificate kube-apiserver kube-apiserver "" "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,\
DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:$SERVICE_IP,IP:$CONTROL_PLANE_IP"
  certificate kubelet-client kube-apiserver-kubelet-client system:masters
  certificate admin admin system:masters
  certificate kube-controller-manager system:kube-controller-manager ""
  certificate kube-scheduler system:kube-scheduler ""
  certificate kube-proxy system:kube-proxy ""
  for node in $(cluster_nodes); do
    certificate "$node" "system:node:$node" system:nodes "DNS:$node,IP:$(node_ip "$node")"
    kubeconfig "$node"
  done
  kubeconfig admin
  kubeconfig kube-controller-manager
  kubeconfig kube-scheduler
  kubeconfig kube-proxy
}
