package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mergeValues lays one tree of values over another: maps are merged, null removes a key, everything else replaces.
func mergeValues(into, over map[string]interface{}) {
	for key, value := range over {
		child, isMap := value.(map[string]interface{})
		existing, wasMap := into[key].(map[string]interface{})
		switch {
		case value == nil:
			delete(into, key)
		case isMap && wasMap:
			mergeValues(existing, child)
		default:
			into[key] = value
		}
	}
}

// setValues carries out the text of one --set: comma-separated path=value, {a,b} for lists, \ before a literal , . =.
func setValues(values map[string]interface{}, text string, convert func(string) interface{}) error {
	for _, assignment := range splitUnescaped(text, ',') {
		parts := splitUnescaped(assignment, '=')
		if len(parts) < 2 || parts[0] == "" {
			return fmt.Errorf("--set %s: want path=value", assignment)
		}
		path, raw := parts[0], strings.Join(parts[1:], "=")
		var value interface{}
		if strings.HasPrefix(raw, "{") && strings.HasSuffix(raw, "}") {
			items := []interface{}{}
			for _, item := range splitUnescaped(raw[1:len(raw)-1], ',') {
				if item != "" {
					items = append(items, convert(unescape(item)))
				}
			}
			value = items
		} else {
			value = convert(unescape(raw))
		}
		if _, err := assign(values, splitUnescaped(path, '.'), value); err != nil {
			return fmt.Errorf("--set %s: %w", assignment, err)
		}
	}
	return nil
}

var indexed = regexp.MustCompile(`^(.*)\[(\d+)\]$`)

// assign puts the value at the path below node (a map, a list or nothing yet) and returns the node that results.
func assign(node interface{}, path []string, value interface{}) (interface{}, error) {
	if len(path) == 0 {
		return value, nil
	}
	if match := indexed.FindStringSubmatch(path[0]); match != nil && match[1] != "" {
		return assign(node, append([]string{match[1], "[" + match[2] + "]"}, path[1:]...), value)
	} else if match != nil {
		return assignItem(node, match[2], path[1:], value)
	}
	fields, ok := node.(map[string]interface{})
	if !ok {
		fields = map[string]interface{}{}
	}
	key := unescape(path[0])
	child, err := assign(fields[key], path[1:], value)
	if child == nil {
		delete(fields, key)
	} else {
		fields[key] = child
	}
	return fields, err
}

func assignItem(node interface{}, index string, path []string, value interface{}) (interface{}, error) {
	const most = 65536
	number, err := strconv.Atoi(index)
	if err != nil || number > most {
		return node, fmt.Errorf("index %s is above %d", index, most)
	}
	items, _ := node.([]interface{})
	for len(items) <= number {
		items = append(items, nil)
	}
	items[number], err = assign(items[number], path, value)
	return items, err
}

// splitUnescaped splits at a separator that has no \ before it and stands outside of braces.
func splitUnescaped(text string, separator rune) []string {
	parts, part, depth, escaped := []string{}, strings.Builder{}, 0, false
	for _, r := range text {
		if r == separator && !escaped && depth == 0 {
			parts = append(parts, part.String())
			part.Reset()
			continue
		}
		if !escaped && r == '{' {
			depth++
		}
		if !escaped && r == '}' {
			depth--
		}
		escaped = r == '\\' && !escaped
		part.WriteRune(r)
	}
	return append(parts, part.String())
}

var escape = regexp.MustCompile(`\\(.)`)

func unescape(text string) string { return escape.ReplaceAllString(text, "$1") }

func stringValue(text string) interface{} { return text }

// typedValue reads a value as helm's --set does: true, false, null and whole numbers are what they look like.
func typedValue(text string) interface{} {
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	case "0":
		return int64(0)
	}
	if !strings.HasPrefix(text, "0") {
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return number
		}
	}
	return text
}
