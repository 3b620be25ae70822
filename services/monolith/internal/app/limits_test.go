package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/pricing"
)

// oneInWork starts a monolith that lets one quote in at a time, and keeps one in work until the test ends.
func oneInWork(t *testing.T, defects string, more ...string) *monolith {
	t.Helper()
	e := startEngine(t)
	settings := map[string]string{
		"PRICING_URL": e.url("grpc"), "PRICING_SWITCH": "full", "PRICING_TIMEOUT": "20s", "REQUEST_TIMEOUT": "20s",
		"MAX_IN_FLIGHT": "1", "CUTOVER_DEFECT": defects,
	}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	m := start(t, settings)
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
	order := &pb.PlaceOrderRequest{IdempotencyKey: "k", CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}}}
	if _, err := pb.NewOrdersClient(m.rpc).PlaceOrder(t.Context(), order); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("an order: %v", err)
	}
	if unread := m.call("POST", "/v1/quotes", "{"); unread.status != http.StatusTooManyRequests {
		t.Errorf("a body that needs no reading: %d", unread.status)
	}
	m.neverRefused()
	if quotes, orders := m.metric("shed_total", "operation", "quote"), m.metric("shed_total", "operation", "order-place"); quotes != 3 || orders != 1 {
		t.Errorf("shed_total: %v quotes, %v orders", quotes, orders)
	}
	if state := m.metric("breaker_state", "edge", "orders-pricing"); state != 0 {
		t.Errorf("breaker_state %v", state)
	}
	if other := m.call("POST", "/v1/ledger/entries", `{"account":"a","amountMinor":1}`, "Idempotency-Key", "k"); other.status != http.StatusCreated {
		t.Errorf("an entry: %d", other.status)
	}
}

// neverRefused checks what those who watch and steer the service must always get through with.
func (m *monolith) neverRefused() {
	m.t.Helper()
	for range 3 {
		for _, path := range []string{"/livez", "/readyz", "/metrics", "/admin/switch"} {
			if got := m.call("GET", path, "", "X-Tenant-Id", "a"); got.status != http.StatusOK {
				m.t.Errorf("%s: %d", path, got.status)
			}
		}
		_, err := grpc_health_v1.NewHealthClient(m.rpc).Check(m.t.Context(), &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			m.t.Errorf("health: %v", err)
		}
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
		// Over all operations together, not only those that are costly.
		second := m.call("GET", "/v1/ledger/accounts/c/entries", "", "X-Tenant-Id", "a")
		if second.status != c.second {
			t.Errorf("%q: the second: %d", c.defects, second.status)
		}
		if c.second != http.StatusOK && (second.code() != "RESOURCE_EXHAUSTED" || second.header.Get("Retry-After") != "1") {
			t.Errorf("%q: the second: %v", c.defects, second)
		}
		if n := m.metric("quota_rejected_total"); (n == 1) != (c.second != http.StatusOK) {
			t.Errorf("%q: quota_rejected_total %v", c.defects, n)
		}
		m.neverRefused()
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
		lines := []*pb.QuoteLine{{Sku: "s", Quantity: 1}}
		_, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{
			CustomerId: "c", Lines: lines, Currency: currency,
		})
		if status.Code(err) != want {
			t.Errorf("a quote in %q over gRPC: %v", currency, err)
		}
		_, err = pb.NewOrdersClient(m.rpc).PlaceOrder(t.Context(), &pb.PlaceOrderRequest{
			IdempotencyKey: "grpc-" + currency, CustomerId: "c", Lines: lines, Currency: currency,
		})
		if status.Code(err) != want {
			t.Errorf("an order in %q over gRPC: %v", currency, err)
		}
		body := fmt.Sprintf(`{"customerId":"c","lines":[{"sku":"s","quantity":1}],"currency":%q}`, currency)
		for _, path := range []string{"/v1/quotes", "/v1/orders"} {
			got := m.call("POST", path, body, "Idempotency-Key", "http-"+currency)
			if ok := got.status/100 == 2; ok != (want == codes.OK) || !ok && got.code() != "INVALID_ARGUMENT" {
				t.Errorf("%s in %q: %d %s", path, currency, got.status, got.body)
			}
		}
	}
}

func TestCurrencyGoesOverTheEdge(t *testing.T) {
	for _, protocol := range []string{"grpc", "http"} {
		e := startEngine(t)
		m := start(t, map[string]string{"PRICING_URL": e.url(protocol), "PRICING_SWITCH": "full"})
		_, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}}, Currency: "EUR",
		})
		if quoted := e.quoted.Load(); err != nil || quoted == nil || quoted.Currency != "EUR" {
			t.Errorf("%s: %+v, %v", protocol, quoted, err)
		}
	}
}

func TestMetricsAreThereFromTheStart(t *testing.T) {
	m := start(t, nil)
	lines := strings.Split(m.call("GET", "/metrics", "").body, "\n")
	for _, name := range []string{
		"go_memstats_heap_inuse_bytes ", "go_gc_duration_seconds_count ", "go_goroutines ",
		"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_start_time_seconds ",
		// What alerts on a share of failed or slow requests need: a first value, and an edge at each limit.
		`requests_total{code="OK",operation="order-get",protocol="http"} 0`,
		`requests_total{code="INTERNAL",operation="quote",protocol="grpc"} 0`,
		`request_duration_seconds_bucket{operation="quote",protocol="http",le="0.1"} 0`,
		`request_duration_seconds_bucket{operation="ledger-append",protocol="grpc",le="0.25"} 0`,
		`shed_total{operation="quote"} 0`, `shed_total{operation="order-place"} 0`, "quota_rejected_total 0",
	} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, name) }) {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestAChattyQuoteIsTheSameQuote(t *testing.T) {
	e := startEngine(t)
	lines := []*pb.QuoteLine{{Sku: "a", Quantity: 3}, {Sku: "b", Quantity: 12}, {Sku: "c", Quantity: 150}}
	settings := map[string]string{"PRICING_URL": e.url("grpc"), "PRICING_SWITCH": "full", "CUTOVER_DEFECT": "chatty"}
	m := start(t, settings)
	quote, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{CustomerId: "c", Lines: lines})
	if err != nil || int(e.calls.Load()) != len(lines) {
		t.Fatalf("%d calls, %v", e.calls.Load(), err)
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
		t.Error("a billion calculations in a millisecond")
	}
}

// Eight calls that hang are enough to keep everything else waiting, whatever it asks for and by whichever protocol.
func TestDefectSharedPool(t *testing.T) {
	for _, one := range []struct {
		defects, code string
	}{{"", "NOT_FOUND"}, {"shared-pool", "DEADLINE_EXCEEDED"}} {
		m, e := withEngine(t, "PRICING_SWITCH", "full", "PRICING_TIMEOUT", "20s", "REQUEST_TIMEOUT", "20s", "CUTOVER_DEFECT", one.defects)
		arrived, release := make(chan struct{}), make(chan struct{})
		e.set(func(context.Context) error { arrived <- struct{}{}; <-release; return nil })
		var hanging sync.WaitGroup
		for range sharedPoolSlots / 2 {
			for _, name := range []string{"a quote over HTTP", "a quote over gRPC"} {
				hanging.Go(func() { callers[name](context.Background(), m) })
				<-arrived
			}
		}
		if a := m.call("GET", "/v1/orders/x", "", "X-Request-Timeout-Ms", "100"); a.code() != one.code {
			t.Errorf("%q: %+v, want %s", one.defects, a, one.code)
		}
		m.neverRefused()
		close(release)
		hanging.Wait()
		if a := m.call("GET", "/v1/orders/x", ""); a.code() != "NOT_FOUND" {
			t.Errorf("%q: the slots were not given back: %+v", one.defects, a)
		}
	}
}
