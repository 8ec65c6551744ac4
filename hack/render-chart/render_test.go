package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestSetReadsTypesPathsListsAndEscapes(t *testing.T) {
	values := map[string]interface{}{"keep": "me", "gone": "x", "list": []interface{}{"a", "b"}}
	err := setValues(values, `a.b=1,on=true,text=007,gone=null,items={x,2},list[1]=c,note=one\,two,a\.b/c=d,url=k=v`, typedValue)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]interface{}{"keep": "me", "a": map[string]interface{}{"b": int64(1)}, "on": true, "text": "007",
		"items": []interface{}{"x", int64(2)}, "list": []interface{}{"a", "c"}, "note": "one,two", "a.b/c": "d", "url": "k=v"}
	if !reflect.DeepEqual(values, want) {
		t.Errorf("got  %#v\nwant %#v", values, want)
	}
}

func TestSetWithoutAValueIsAnError(t *testing.T) {
	if err := setValues(map[string]interface{}{}, "justakey", typedValue); err == nil {
		t.Error("no error")
	}
}

func writeChart(t *testing.T, files map[string]string) string {
	folder := t.TempDir()
	files["Chart.yaml"] = "name: sample\nversion: 1.2.3\nappVersion: \"4.5\"\n"
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func render(t *testing.T, folder string, arguments ...string) (string, error) {
	o, err := parseOptions(append([]string{"rel", folder}, arguments...))
	if err != nil {
		t.Fatal(err)
	}
	values, err := gatherValues(o)
	if err != nil {
		t.Fatal(err)
	}
	return renderChart(o, values)
}

func TestAChartRendersAsHelmWouldRenderIt(t *testing.T) {
	folder := writeChart(t, map[string]string{
		"values.yaml":            "replicas: 2\nlabels: {team: a, tier: b}\nnote: \"{{ .Release.Name }}!\"\nempty: {}\n",
		"files/config.txt":       "hello\n",
		"crds/kind.yaml":         "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n",
		"templates/_helpers.tpl": `{{- define "name" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end -}}`,
		"templates/NOTES.txt":    "not an object",
		"templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- toYaml .Values.labels | nindent 4 }}
  annotations: {app: {{ .Chart.AppVersion | quote }}, note: {{ tpl .Values.note . | quote }}, file: {{ .Files.Get "files/config.txt" | trim }}}
spec: {replicas: {{ .Values.replicas }}, paused: {{ default false .Values.missing }}}
{{- if semverCompare ">=1.21-0" .Capabilities.KubeVersion.Version }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: pdb}
{{- end }}
`,
		"templates/account.yaml": "{{ if true }}\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n{{ end }}\n",
		"templates/nothing.yaml": "{{ if .Values.empty.unknown }}\nkind: X\n{{ end }}\n",
	})
	output, err := render(t, folder, "--set", "replicas=5,labels.tier=null", "--namespace", "ns", "--kube-version", "1.30")
	if err != nil {
		t.Fatal(err)
	}
	want := `---
# Source: sample/templates/deployment.yaml
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: pdb}
---
# Source: sample/templates/account.yaml
apiVersion: v1
kind: ServiceAccount
metadata: {name: a}
---
# Source: sample/crds/kind.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: x}
---
# Source: sample/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: rel-sample
  namespace: ns
  labels:
    team: a
  annotations: {app: "4.5", note: "rel!", file: hello}
spec: {replicas: 5, paused: false}
`
	if output != want {
		t.Errorf("got\n%s\nwant\n%s", output, want)
	}
	old, err := render(t, folder, "--kube-version", "v1.20.2")
	if err != nil || strings.Contains(old, "PodDisruptionBudget") {
		t.Errorf("rendered for 1.20 with the budget, or failed: %v", err)
	}
}

func TestARequiredValueThatIsMissingIsNamed(t *testing.T) {
	folder := writeChart(t, map[string]string{"templates/a.yaml": `kind: {{ required "give kind" .Values.kind }}`})
	if _, err := render(t, folder); err == nil || !strings.Contains(err.Error(), "give kind") {
		t.Errorf("got %v", err)
	}
}

func TestATemplateThatRendersToBrokenYamlIsNamed(t *testing.T) {
	folder := writeChart(t, map[string]string{"templates/broken.yaml": "kind: [\n"})
	if _, err := render(t, folder); err == nil || !strings.Contains(err.Error(), "templates/broken.yaml") {
		t.Errorf("got %v", err)
	}
}
