{{/*
The names are fixed: the operator finds its lease, Secret and Service by them, so a namespace holds one installation. Several
in one cluster are possible, each for a namespace of its own (operator.watchNamespace): whatever is not within the
installation's namespace carries its name.
*/}}
{{- define "aidc.labels" -}}
app.kubernetes.io/name: aidc
app.kubernetes.io/component: operator
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "aidc.selector" -}}
app.kubernetes.io/name: aidc
app.kubernetes.io/component: operator
{{- end }}

{{/* image (dict "image" .Values.x.image "chart" .Chart) */}}
{{- define "aidc.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .chart.AppVersion }}
{{- end -}}
{{- end }}

{{/*
Whether this release brings the definitions: not while another release that lives does, for there is one set of them in a
cluster. `helm template` asks no cluster and renders them.
*/}}
{{- define "aidc.crds.install" -}}
{{- if and .Values.crds.install (not (include "aidc.crds.owner" .)) }}true{{ end }}
{{- end }}

{{/* The other release, as name/namespace, that the definitions belong to; nothing where there is none or it is gone. */}}
{{- define "aidc.crds.owner" -}}
{{- $annotations := dig "metadata" "annotations" (dict) (lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "trainingjobs.aidc.dev") }}
{{- $name := get $annotations "meta.helm.sh/release-name" }}
{{- $namespace := get $annotations "meta.helm.sh/release-namespace" }}
{{- if and $name $namespace (not (and (eq $name .Release.Name) (eq $namespace .Release.Namespace))) }}
{{- $mark := lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" (printf "aidc-operator-nodes-%s" $namespace) }}
{{- if eq $name (dig "metadata" "annotations" "meta.helm.sh/release-name" "" $mark) }}
{{- printf "%s/%s" $name $namespace }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Refuses, before anything is changed, what could not work, or would make two operators run the same jobs or overwrite each other's
objects.
An installation is known by its ClusterRole aidc-operator-nodes-<namespace>, whose annotation says what it watches.
*/}}
{{- define "aidc.refuse" -}}
{{- $watched := .Values.operator.watchNamespace | default "*" }}
{{- /* helm would find out half-way. The release's own namespace may be one that helm is about to make. */}}
{{- if and (ne $watched "*") (ne $watched .Release.Namespace) (lookup "v1" "Namespace" "" "kube-system") (not (lookup "v1" "Namespace" "" $watched)) }}
{{- fail (printf "operator.watchNamespace: there is no namespace %q, create it first" $watched) }}
{{- end }}
{{- range (lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "").items }}
{{- $annotations := .metadata.annotations | default dict }}
{{- if hasKey $annotations "aidc.dev/watched-namespace" }}
{{- $other := get $annotations "aidc.dev/watched-namespace" }}
{{- $namespace := get $annotations "aidc.dev/installed-in" }}
{{- $release := get $annotations "meta.helm.sh/release-name" }}
{{- $who := ternary (printf "release %q in namespace %q" $release $namespace) (printf "the installation in namespace %q" $namespace) (ne $release "") }}
{{- if eq $namespace $.Release.Namespace }}
{{- if and $release (ne $release $.Release.Name) }}
{{- fail (printf "%s is there already, and a namespace holds one installation: upgrade that release, or install into another namespace" $who) }}
{{- end }}
{{- else if eq $other "*" }}
{{- fail (printf "%s already runs the jobs of all namespaces: upgrade it, or first give it an operator.watchNamespace of its own" $who) }}
{{- else if eq $watched "*" }}
{{- fail (printf "%s already runs the jobs of namespace %q, and this release would run those of all: give this one an operator.watchNamespace too, or uninstall the other" $who $other) }}
{{- else if eq $watched $other }}
{{- fail (printf "%s already runs the jobs of namespace %q: give this release another operator.watchNamespace" $who $other) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
