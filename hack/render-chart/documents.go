package main

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/ghodss/yaml"
)

// document is one Kubernetes object as text, with where it came from.
type document struct{ source, kind, text string }

// installOrder is the order in which objects can be created, as helm has it; kinds it does not name come last.
var installOrder = []string{"PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange",
	"PodSecurityPolicy", "PodDisruptionBudget", "ServiceAccount", "Secret", "ConfigMap", "StorageClass",
	"PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding",
	"Role", "RoleBinding", "Service", "DaemonSet", "Pod", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler",
	"StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService"}

func orderOf(kind string) int {
	for i, name := range installOrder {
		if name == kind {
			return i
		}
	}
	return len(installOrder)
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*$`)

// splitDocuments takes a rendered template apart; empty documents vanish, anything but an object is an error.
func splitDocuments(source, text string) ([]document, error) {
	documents := []document{}
	for _, part := range separator.Split(text, -1) {
		object := struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}{}
		if err := yaml.Unmarshal([]byte(part), &object); err != nil {
			return nil, fmt.Errorf("%s does not render to YAML: %w\n%s", source, err, part)
		}
		if object.Kind == "" && object.APIVersion == "" {
			var anything interface{}
			if err := yaml.Unmarshal([]byte(part), &anything); err == nil && anything != nil {
				return nil, fmt.Errorf("%s renders to something without apiVersion and kind:\n%s", source, part)
			}
			continue
		}
		documents = append(documents, document{source, object.Kind, strings.Trim(part, "\n")})
	}
	return documents, nil
}

// crdDocuments are the objects of the chart's crds/ folder, which is not rendered.
func crdDocuments(chart string, others files) ([]document, error) {
	documents := []document{}
	for name, content := range others {
		if strings.HasPrefix(name, "crds/") && isYaml(name) {
			found, err := splitDocuments(chart+"/"+name, content)
			if err != nil {
				return nil, err
			}
			documents = append(documents, found...)
		}
	}
	sort.Slice(documents, func(i, j int) bool { return documents[i].source < documents[j].source })
	return documents, nil
}

func joinDocuments(documents []document) string {
	sort.SliceStable(documents, func(i, j int) bool { return orderOf(documents[i].kind) < orderOf(documents[j].kind) })
	output := strings.Builder{}
	for _, d := range documents {
		fmt.Fprintf(&output, "---\n# Source: %s\n%s\n", d.source, d.text)
	}
	return output.String()
}
