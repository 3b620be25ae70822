package pricing

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
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

func TestWorkChangesTheCostOnly(t *testing.T) {
	request := Request{CustomerID: "c", Lines: []Line{{SKU: "a", Quantity: 3}, {SKU: "b", Quantity: 150}}}
	want, err := Calculator{}.Quote(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	for _, work := range []uint32{1, 2, 50} {
		if quote, err := (Calculator{Work: work}).Quote(t.Context(), request); err != nil || !quote.Same(want) {
			t.Errorf("%d times: %+v, %v", work, quote, err)
		}
	}
	// Each calculation allocates its lines, which shows that it is made.
	allocations := testing.AllocsPerRun(10, func() { _, _ = Calculator{Work: 50}.Quote(t.Context(), request) })
	if allocations < 50 {
		t.Errorf("50 calculations allocate %v times", allocations)
	}
}

// On one processor, who comes while a quote is calculated has a turn before it is done.
func TestWorkLetsOthersInBetween(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var came atomic.Bool
	go came.Store(true)
	_, err := Calculator{Work: 100}.Quote(t.Context(), Request{CustomerID: "c", Lines: []Line{{SKU: "a", Quantity: 1}}})
	if err != nil || !came.Load() {
		t.Errorf("nobody came, %v", err)
	}
}

// The parts' taxes, rounded each by itself, would be 3 together.
func TestTaxIsOfTheWhole(t *testing.T) {
	parts := []Quote{{NetMinor: 3, TaxMinor: 1, TotalMinor: 4}, {NetMinor: 4, TaxMinor: 1, TotalMinor: 5}, {NetMinor: 3, TaxMinor: 1, TotalMinor: 4}}
	if whole := Combine(parts); whole.NetMinor != 10 || whole.TaxMinor != 2 || whole.TotalMinor != 12 {
		t.Errorf("%+v", whole)
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
		"currency":           {CustomerID: "c", Lines: []Line{line}, Currency: "USD"},
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
	line := Line{SKU: "SKU-1", Quantity: 3}
	request := Request{CustomerID: "c", Lines: []Line{line, line, line}}
	for _, work := range []uint32{1, 100} {
		b.Run(fmt.Sprintf("work=%d", work), func(b *testing.B) {
			for b.Loop() {
				if _, err := (Calculator{Work: work}).Quote(b.Context(), request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
