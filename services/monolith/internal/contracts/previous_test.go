package contracts

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

const contracts = "../../../contracts"

var (
	messages = regexp.MustCompile(`(?s)(?:message|service) (\w+) \{(.*?)\n\}`)
	members  = regexp.MustCompile(`(?m)^\s+((?:repeated )?\w+ \w+ = \d+|rpc \w+\(\w+\) returns \((?:stream )?\w+\));`)
)

// membersOf is every field (type, name, number) and every call of a .proto file, with the message or service it is in.
func membersOf(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, message := range messages.FindAllStringSubmatch(string(text), -1) {
		for _, member := range members.FindAllStringSubmatch(message[2], -1) {
			found[message[1]+": "+member[1]] = true
		}
	}
	return found
}

// A client of the previous contract must be served: everything that it knows is still there, under the same numbers.
func TestThePreviousContractIsStillThere(t *testing.T) {
	files, err := filepath.Glob(contracts + "/previous/proto/cutover/v1/*.proto")
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		before := membersOf(t, file)
		now := membersOf(t, filepath.Join(contracts, "proto/cutover/v1", filepath.Base(file)))
		if len(before) == 0 || len(now) < len(before) {
			t.Errorf("%s: %d members, %d before", file, len(now), len(before))
		}
		for member := range before {
			if !now[member] {
				t.Errorf("%s: %s is gone", filepath.Base(file), member)
			}
		}
	}
}

// openAPI is what a client relies on: the paths, and what is in the bodies.
type openAPI struct {
	Paths      map[string]map[string]any
	Components struct {
		Parameters map[string]struct{ Required bool }
		Schemas    map[string]struct {
			Required   []string
			Properties map[string]any
		}
	}
}

func readOpenAPI(t *testing.T, path string) (document openAPI) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Paths) == 0 || len(document.Components.Schemas) == 0 {
		t.Fatalf("%s: %d paths, %d schemas", path, len(document.Paths), len(document.Components.Schemas))
	}
	return document
}

// The same over HTTP: what was there is as it was, and nothing new is needed in a request.
func TestThePreviousOpenAPIIsStillThere(t *testing.T) {
	before, now := readOpenAPI(t, contracts+"/previous/openapi.yaml"), readOpenAPI(t, contracts+"/openapi.yaml")
	for path, methods := range before.Paths {
		for method := range methods {
			if now.Paths[path][method] == nil {
				t.Errorf("%s %s is gone", method, path)
			}
		}
	}
	for name, schema := range before.Components.Schemas {
		for property, definition := range schema.Properties {
			if !reflect.DeepEqual(now.Components.Schemas[name].Properties[property], definition) {
				t.Errorf("%s.%s is not what it was", name, property)
			}
		}
	}
	for _, name := range []string{"QuoteRequest", "QuoteLine", "AppendRequest"} {
		for _, property := range now.Components.Schemas[name].Required {
			if !slices.Contains(before.Components.Schemas[name].Required, property) {
				t.Errorf("%s.%s is needed now", name, property)
			}
		}
	}
	for name, parameter := range now.Components.Parameters {
		if parameter.Required && !before.Components.Parameters[name].Required {
			t.Errorf("the parameter %s is needed now", name)
		}
	}
}
