package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"github.com/ghodss/yaml"
)

// apiVersions answers .Capabilities.APIVersions.Has.
type apiVersions []string

func (v apiVersions) Has(name string) bool {
	for _, have := range v {
		if have == name {
			return true
		}
	}
	return false
}

// kubeVersion is .Capabilities.KubeVersion.
type kubeVersion struct{ Version, Major, Minor string }

func (v kubeVersion) String() string     { return v.Version }
func (v kubeVersion) GitVersion() string { return v.Version }

var versionPattern = regexp.MustCompile(`^v?(\d+)\.(\d+)(\.\d+)?`)

func parseKubeVersion(text string) (kubeVersion, error) {
	match := versionPattern.FindStringSubmatch(text)
	if match == nil {
		return kubeVersion{}, fmt.Errorf("--kube-version %s: want for example v1.30.0", text)
	}
	if match[3] == "" {
		match[3] = ".0"
	}
	return kubeVersion{"v" + match[1] + "." + match[2] + match[3], match[1], match[2]}, nil
}

// files is .Files: the chart's files that are not templates.
type files map[string]string

func (f files) Get(name string) string      { return f[name] }
func (f files) GetBytes(name string) []byte { return []byte(f[name]) }
func (f files) Lines(name string) []string {
	return strings.Split(strings.TrimSuffix(f[name], "\n"), "\n")
}
func (f files) Glob(pattern string) files {
	found := files{}
	for name, content := range f {
		if ok, _ := filepath.Match(pattern, name); ok {
			found[name] = content
		}
	}
	return found
}
func (f files) AsConfig() string {
	config := map[string]string{}
	for name, content := range f {
		config[filepath.Base(name)] = content
	}
	return toYaml(config)
}

func toYaml(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return "" // as helm does
	}
	return strings.TrimSuffix(string(text), "\n")
}

func functions(root *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env") // what is rendered must not depend on who renders it
	delete(all, "expandenv")
	all["toYaml"] = toYaml
	all["fromYaml"] = func(text string) map[string]interface{} {
		value := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			value["Error"] = err.Error()
		}
		return value
	}
	all["fromYamlArray"] = func(text string) []interface{} {
		value := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			value = []interface{}{err.Error()}
		}
		return value
	}
	all["toJson"] = func(value interface{}) string { text, _ := json.Marshal(value); return string(text) }
	all["fromJson"] = func(text string) map[string]interface{} {
		value := map[string]interface{}{}
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			value["Error"] = err.Error()
		}
		return value
	}
	all["include"] = func(name string, data interface{}) (string, error) {
		text := strings.Builder{}
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	all["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := root.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := copied.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		output := strings.Builder{}
		err = parsed.Execute(&output, data)
		return strings.ReplaceAll(output.String(), "<no value>", ""), err
	}
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if text, isText := value.(string); value == nil || isText && text == "" {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	// No cluster is asked, as with `helm template`.
	all["lookup"] = func(apiVersion, kind, namespace, name string) map[string]interface{} { return map[string]interface{}{} }
	return all
}

func renderChart(o options, values map[string]interface{}) (string, error) {
	chart := map[string]interface{}{}
	if err := readYaml(filepath.Join(o.chart, "Chart.yaml"), &chart); err != nil {
		return "", err
	}
	version, err := parseKubeVersion(o.kubeVersion)
	if err != nil {
		return "", err
	}
	templates, others, err := readChart(o.chart)
	if err != nil {
		return "", err
	}
	data := map[string]interface{}{
		"Values": values, "Files": others, "Chart": capitalized(chart),
		"Release": map[string]interface{}{"Name": o.release, "Namespace": o.namespace, "Service": "Helm",
			"IsInstall": true, "IsUpgrade": false, "Revision": 1},
		"Capabilities": map[string]interface{}{"KubeVersion": version, "APIVersions": apiVersions(o.apiVersions)},
	}
	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root))
	names := []string{}
	for name, content := range templates {
		if _, err := root.New(name).Parse(content); err != nil {
			return "", err
		}
		names = append(names, name)
	}
	sort.Strings(names)
	documents := []document{}
	for _, name := range names {
		if strings.HasPrefix(filepath.Base(name), "_") || !isYaml(name) {
			continue
		}
		data["Template"] = map[string]interface{}{"Name": name, "BasePath": fmt.Sprint(chart["name"], "/templates")}
		text := strings.Builder{}
		if err := root.ExecuteTemplate(&text, name, data); err != nil {
			return "", err
		}
		found, err := splitDocuments(name, strings.ReplaceAll(text.String(), "<no value>", ""))
		if err != nil {
			return "", err
		}
		documents = append(documents, found...)
	}
	crds, err := crdDocuments(fmt.Sprint(chart["name"]), others)
	if err != nil {
		return "", err
	}
	return joinDocuments(append(crds, documents...)), nil
}

func isYaml(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// readChart returns the templates by the names helm gives them (chart/templates/file) and the chart's other files.
func readChart(folder string) (map[string]string, files, error) {
	chart := map[string]interface{}{}
	if err := readYaml(filepath.Join(folder, "Chart.yaml"), &chart); err != nil {
		return nil, nil, err
	}
	templates, others := map[string]string{}, files{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		name = filepath.ToSlash(name)
		if strings.HasPrefix(name, "templates/") {
			templates[fmt.Sprint(chart["name"], "/", name)] = string(content)
		} else {
			others[name] = string(content)
		}
		return err
	})
	return templates, others, err
}

func capitalized(fields map[string]interface{}) map[string]interface{} {
	result := map[string]interface{}{}
	for key, value := range fields {
		result[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return result
}
