// Command render-chart renders a Helm chart where helm itself is not to be had, with the same template engine and
// functions, and takes the arguments of `helm template` that this project uses:
//
//	render-chart [options] <release> <chart folder>
//
// Not done: subcharts, hooks, post-renderers, remote charts, and the check of values against values.schema.json.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ghodss/yaml"
)

// repeated is a flag that may be given several times.
type repeated []string

func (r *repeated) String() string     { return fmt.Sprint(*r) }
func (r *repeated) Set(v string) error { *r = append(*r, v); return nil }

type options struct {
	release, chart, namespace, kubeVersion    string
	valueFiles, sets, stringSets, apiVersions repeated
}

func parseOptions(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("render-chart", flag.ContinueOnError)
	flags.StringVar(&o.namespace, "namespace", "default", "the release's namespace")
	flags.StringVar(&o.kubeVersion, "kube-version", "v1.20.0", "the Kubernetes version to render for")
	flags.Var(&o.valueFiles, "f", "a file of values (may be repeated)")
	flags.Var(&o.valueFiles, "values", "a file of values (may be repeated)")
	flags.Var(&o.sets, "set", "a.b=value[,c=value] (may be repeated)")
	flags.Var(&o.stringSets, "set-string", "the same, values stay strings (may be repeated)")
	flags.Var(&o.apiVersions, "api-versions", "an API version the cluster has (may be repeated)")
	// As with helm, options may stand before, between and after the two names.
	names := []string{}
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return o, err
		}
		if args = flags.Args(); len(args) > 0 {
			names, args = append(names, args[0]), args[1:]
		}
	}
	if len(names) != 2 {
		return o, fmt.Errorf("give the release's name and the chart's folder")
	}
	o.release, o.chart = names[0], names[1]
	return o, nil
}

func readYaml(file string, into interface{}) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// gatherValues lays the given files and settings over the chart's own values.
func gatherValues(o options) (map[string]interface{}, error) {
	values := map[string]interface{}{}
	defaults := filepath.Join(o.chart, "values.yaml")
	files := append([]string{}, o.valueFiles...)
	if _, err := os.Stat(defaults); err == nil {
		files = append([]string{defaults}, files...)
	}
	for _, file := range files {
		layer := map[string]interface{}{}
		if err := readYaml(file, &layer); err != nil {
			return nil, err
		}
		mergeValues(values, layer)
	}
	for _, text := range o.sets {
		if err := setValues(values, text, typedValue); err != nil {
			return nil, err
		}
	}
	for _, text := range o.stringSets {
		if err := setValues(values, text, stringValue); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func run(args []string) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	values, err := gatherValues(o)
	if err != nil {
		return err
	}
	output, err := renderChart(o, values)
	if err != nil {
		return err
	}
	fmt.Print(output)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "render-chart:", err)
		os.Exit(1)
	}
}
