{{/* The names are fixed: the operator finds its lease, Secret and Service by them, and one installation is all a cluster needs. */}}
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
{{ .image.repository }}:{{ .image.tag | default .chart.AppVersion }}
{{- end }}
