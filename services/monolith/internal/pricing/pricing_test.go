package pricing

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// The vectors come from an independent implementation; the engine reads the same file.
func TestQuoteMatchesTheVectors(t *testing.T) {
	content, err := os.ReadFile("../../../contracts/vectors/quotes.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name     string
		Request  Request
		Response Quote
	}
	if err := json.Unmarshal(content, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 20 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, vector := range vectors {
		t.Run(vector.Name, func(t *testing.T) {
			quote, err := Calculator{}.Quote(t.Context(), vector.Request)
			if err != nil {
				t.Fatal(err)
			}
			if !quote.Same(vector.Response) || quote.ServedBy != "monolith" {
				t.Errorf("got  %+v\nwant %+v", quote, vector.Response)
			}
		})
	}
}

func TestQuoteRefusesWhatTheContractDoesNotAllow(t *testing.T) {
	line := Line{SKU: "a", Quantity: 1}
	for name, request := range map[string]Request{
		"no customer":        {Lines: []Line{line}},
		"long customer":      {CustomerID: strings.Repeat("ü", 65), Lines: []Line{line}},
		"no lines":           {CustomerID: "c"},
		"101 lines":          {CustomerID: "c", Lines: make([]Line, 101)},
		"no sku":             {CustomerID: "c", Lines: []Line{{Quantity: 1}}},
		"sku not UTF-8":      {CustomerID: "c", Lines: []Line{{SKU: "\xff", Quantity: 1}}},
		"quantity 0":         {CustomerID: "c", Lines: []Line{{SKU: "a"}}},
		"quantity too large": {CustomerID: "c", Lines: []Line{{SKU: "a", Quantity: 10_001}}},
	} {
		if _, err := (Calculator{}).Quote(t.Context(), request); failure.CodeOf(err) != codes.InvalidArgument {
			t.Errorf("%s: got %v", name, err)
		}
	}
	longest := Request{CustomerID: strings.Repeat("ü", 64), Lines: []Line{{SKU: strings.Repeat("ß", 64), Quantity: 10_000}}}
	if _, err := (Calculator{}).Quote(t.Context(), longest); err != nil {
		t.Errorf("lengths are in characters, not bytes: %v", err)
	}
}

func BenchmarkQuote(b *testing.B) {
	request := Request{CustomerID: "c", Lines: []Line{{SKU: "SKU-1", Quantity: 3}}}
	for b.Loop() {
		if _, err := (Calculator{}).Quote(b.Context(), request); err != nil {
			b.Fatal(err)
		}
	}
}
