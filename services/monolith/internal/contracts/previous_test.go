package contracts

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

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
	const contracts = "../../../contracts"
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
