package app

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/pricing"
)

// oneInWork starts a monolith that lets one quote in at a time, and keeps one in work until the test ends.
func oneInWork(t *testing.T, defects string) *monolith {
	t.Helper()
	e := startEngine(t)
	m := start(t, map[string]string{
		"PRICING_URL": e.url("grpc"), "PRICING_SWITCH": "full", "PRICING_TIMEOUT": "20s", "REQUEST_TIMEOUT": "20s",
		"MAX_IN_FLIGHT": "1", "CUTOVER_DEFECT": defects,
	})
	arrived, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var taken atomic.Bool
	e.set(func(context.Context) error {
		if taken.CompareAndSwap(false, true) {
			close(arrived)
			<-release
		}
		return nil
	})
	go func() {
		defer close(done)
		_, _ = pb.NewPricingClient(m.rpc).Quote(context.Background(), &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}},
		})
	}()
	<-arrived
	t.Cleanup(func() { close(release); <-done })
	return m
}

func TestSheddingIsTypedOverBothProtocols(t *testing.T) {
	m := oneInWork(t, "")
	refused := m.call("POST", "/v1/quotes", quoteBody)
	if refused.status != http.StatusTooManyRequests || refused.header.Get("Retry-After") != "1" {
		t.Errorf("HTTP: %d %v", refused.status, refused.header)
	}
	_, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{
		CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}},
	})
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("gRPC: %v", err)
	}
	if ready := m.call("GET", "/readyz", ""); ready.status != http.StatusOK {
		t.Errorf("readiness: %d", ready.status)
	}
	if other := m.call("POST", "/v1/ledger/entries", `{"account":"a","amountMinor":1}`, "Idempotency-Key", "k"); other.status != http.StatusCreated {
		t.Errorf("an entry: %d", other.status)
	}
}

func TestDefectNoShedding(t *testing.T) {
	m := oneInWork(t, "no-shedding")
	if answered := m.call("POST", "/v1/quotes", quoteBody); answered.status != http.StatusOK {
		t.Errorf("%d", answered.status)
	}
}

func TestQuotaIsPerTenant(t *testing.T) {
	settings := map[string]string{"TENANT_QUOTA": "0.001", "TENANT_BURST": "1"}
	for _, c := range []struct {
		defects string
		second  int
	}{{"", http.StatusTooManyRequests}, {"no-quota", http.StatusOK}} {
		settings["CUTOVER_DEFECT"] = c.defects
		m := start(t, settings)
		if first := m.call("POST", "/v1/quotes", quoteBody, "X-Tenant-Id", "a"); first.status != http.StatusOK {
			t.Errorf("%q: the first: %d", c.defects, first.status)
		}
		if second := m.call("POST", "/v1/quotes", quoteBody, "X-Tenant-Id", "a"); second.status != c.second {
			t.Errorf("%q: the second: %d", c.defects, second.status)
		}
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-tenant-id", "b")
		if _, err := pb.NewPricingClient(m.rpc).Quote(ctx, &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}},
		}); err != nil {
			t.Errorf("%q: another tenant: %v", c.defects, err)
		}
	}
}

func TestCurrencyIsCheckedAndMayBeLeftOut(t *testing.T) {
	m := start(t, nil)
	for currency, want := range map[string]codes.Code{"": codes.OK, "EUR": codes.OK, "USD": codes.InvalidArgument} {
		_, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}}, Currency: currency,
		})
		if status.Code(err) != want {
			t.Errorf("%q: %v", currency, err)
		}
	}
}

func TestAChattyQuoteIsTheSameQuote(t *testing.T) {
	e := startEngine(t)
	lines := []*pb.QuoteLine{{Sku: "a", Quantity: 3}, {Sku: "b", Quantity: 12}, {Sku: "c", Quantity: 150}}
	settings := map[string]string{"PRICING_URL": e.url("grpc"), "PRICING_SWITCH": "full", "CUTOVER_DEFECT": "chatty"}
	m := start(t, settings)
	calls := 0
	e.set(func(context.Context) error { calls++; return nil })
	quote, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{CustomerId: "c", Lines: lines})
	if err != nil || calls != len(lines) {
		t.Fatalf("%d calls, %v", calls, err)
	}
	want, err := pricing.Calculator{Work: 3}.Quote(t.Context(), pricing.Request{CustomerID: "c", Lines: []pricing.Line{
		{SKU: "a", Quantity: 3}, {SKU: "b", Quantity: 12}, {SKU: "c", Quantity: 150},
	}})
	if err != nil || quote.GetTotalMinor() != want.TotalMinor || quote.GetTaxMinor() != want.TaxMinor {
		t.Errorf("%v, want %v (%v)", quote, want, err)
	}
}

func TestWorkStopsWhenNobodyWaits(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := pricing.Calculator{Work: 1 << 30}.Quote(ctx, pricing.Request{
		CustomerID: "c", Lines: []pricing.Line{{SKU: "a", Quantity: 1}},
	})
	if err == nil {
		t.Error("a million calculations in a millisecond")
	}
}
