package app

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/health/grpc_health_v1"

	"cutover.dev/monolith/internal/config"
	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/ledger"
)

func TestDrainCompletesWhatIsInFlight(t *testing.T) {
	m, e := withEngine(t, "PRICING_SWITCH", "full", "DRAIN_TIMEOUT", "10s")
	watch, err := grpc_health_v1.NewHealthClient(m.rpc).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	waitFor := func(want grpc_health_v1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		for {
			answer, err := watch.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if answer.GetStatus() == want {
				return
			}
		}
	}
	waitFor(grpc_health_v1.HealthCheckResponse_SERVING)

	arrived, release := make(chan struct{}, 2), make(chan struct{})
	e.set(func(context.Context) error { arrived <- struct{}{}; <-release; return nil })
	overHTTP, overGRPC := make(chan answer, 1), make(chan error, 1)
	go func() { overHTTP <- m.call("POST", "/v1/quotes", quoteBody) }()
	go func() {
		_, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "a", Quantity: 1}},
		})
		overGRPC <- err
	}()
	<-arrived
	<-arrived

	m.end()
	waitFor(grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	if ready := m.call("GET", "/readyz", ""); ready.status != http.StatusServiceUnavailable ||
		!strings.Contains(ready.body, `"draining":true`) {
		t.Errorf("not ready comes before the end of accepting: %+v", ready)
	}
	eventually(t, "connections are refused", func() bool { return m.call("GET", "/livez", "").err != nil })
	close(release)
	if a := <-overHTTP; a.status != http.StatusOK {
		t.Error(a)
	}
	if err := <-overGRPC; err != nil {
		t.Error(err)
	}
	if err := <-m.ended; err != nil {
		t.Error(err)
	}
}

func TestDrainEndsInTime(t *testing.T) {
	m, e := withEngine(t, "PRICING_SWITCH", "full", "CUTOVER_DEFECT", "no-timeout", "DRAIN_TIMEOUT", "50ms")
	arrived := make(chan struct{})
	e.set(func(ctx context.Context) error { close(arrived); <-ctx.Done(); return ctx.Err() })
	cut := make(chan answer, 1)
	go func() { cut <- m.call("POST", "/v1/quotes", quoteBody) }()
	<-arrived
	m.end()
	if err := <-m.ended; err == nil {
		t.Error("a cut-off request was not reported")
	}
	if a := <-cut; a.err == nil && a.status == http.StatusOK {
		t.Error(a)
	}
}

func TestDrainIsNotHeldUpByWhoNeverSpoke(t *testing.T) {
	t.Parallel() // it takes the five seconds that such a peer has to begin
	m := start(t, map[string]string{"DRAIN_TIMEOUT": "20s"})
	for _, address := range []string{m.HTTPAddr(), m.GRPCAddr()} {
		silent, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = silent.Close() }()
	}
	eventually(t, "both are accepted", func() bool { return m.state() == state{true, true, true} })
	m.end()
	if err := <-m.ended; err != nil {
		t.Error(err)
	}
}

func TestDefectReadinessLies(t *testing.T) {
	m, _ := withEngine(t, "CUTOVER_DEFECT", "readiness-lies", "DRAIN_TIMEOUT", "10s")
	m.end()
	eventually(t, "draining", m.readiness.Draining)
	if a := m.call("GET", "/readyz", ""); a.status != http.StatusOK || !strings.Contains(a.body, `"ready":true`) {
		t.Error(a)
	}
}

func TestUnreadyWithoutTheLedgersEngine(t *testing.T) {
	m, e := withEngine(t, "LEDGER_SWITCH", "full")
	if a := m.call("GET", "/readyz", ""); a.body != `{"ready":true,"dependencies":{"ledger":"ok","store":"ok"}}`+"\n" {
		t.Error(a)
	}
	e.stop()
	eventually(t, "not ready", func() bool {
		a := m.call("GET", "/readyz", "")
		return a.status == http.StatusServiceUnavailable && strings.Contains(a.body, `"ledger":"failing"`)
	})
	m.call("PUT", "/admin/kill-switch", `{"engaged":true}`)
	if a := m.call("GET", "/readyz", ""); a.status != http.StatusOK {
		t.Errorf("the engine gets no traffic any more: %+v", a)
	}
}

func TestARestartFindsEverything(t *testing.T) {
	settings := map[string]string{"STORE_DSN": filepath.Join(t.TempDir(), "db")}
	first := start(t, settings)
	placed := first.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k")
	first.end()
	if err := <-first.ended; err != nil {
		t.Fatal(err)
	}
	second := start(t, settings)
	if again := second.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k"); again.status != 200 || again.body != placed.body {
		t.Errorf("%+v, first %s", again, placed.body)
	}
}

func TestAddressInUse(t *testing.T) {
	m := start(t, nil)
	c := m.config
	c.HTTPAddr, c.StoreDSN = m.HTTPAddr(), filepath.Join(t.TempDir(), "db")
	if _, err := New(t.Context(), c, m.App.log); err == nil || !strings.Contains(err.Error(), "HTTP_ADDR") {
		t.Error(err)
	}
	if _, err := New(t.Context(), config.Config{StoreDSN: "/nowhere/db"}, m.App.log); err == nil {
		t.Error("a store that can't be opened was accepted")
	}
}

func TestTraceContext(t *testing.T) {
	const known = "4bf92f3577b34da6a3ce929d0e0e4736"
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		m := start(t, settings)
		m.quote("traceparent", "00-"+known+"-00f067aa0ba902b7-01")
		if _, ok := e.traces.Load(known); !ok {
			t.Error("the trace was not passed on")
		}
		for _, malformed := range []string{"", "00-xyz-00f067aa0ba902b7-01", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01"} {
			e.traces.Clear()
			m.quote("traceparent", malformed)
			e.traces.Range(func(id, _ any) bool {
				if id == known || strings.Trim(id.(string), "0") == "" {
					t.Errorf("traceparent %q: the engine got %v", malformed, id)
				}
				return true
			})
		}
		m.call("GET", "/v1/ledger/entries/unknown", "", "traceparent", "00-"+known+"-00f067aa0ba902b7-01")
		log := m.log.String()
		if !strings.Contains(log, `"operation":"ledger-get","protocol":"http","code":"NOT_FOUND","duration_ms":`) {
			t.Errorf("log: %s", log)
		}
	})
}

func TestSpansAreExportedWithoutBlocking(t *testing.T) {
	got := make(chan string, 10)
	hang := make(chan struct{})
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got <- r.Method + " " + r.URL.Path
		<-hang // a collector that never answers
	}))
	defer collector.Close()
	defer close(hang)
	m := start(t, map[string]string{"OTLP_ENDPOINT": collector.URL})
	for range 600 { // more than a batch, which is then sent at once
		if _, a := m.quote(); a.status != http.StatusOK {
			t.Fatal(a)
		}
	}
	if request := <-got; request != "POST /v1/traces" {
		t.Error(request)
	}
	if _, a := m.quote(); a.status != http.StatusOK {
		t.Error(a)
	}
}

func TestEntryIDsAgreeOverTheEdge(t *testing.T) {
	m, e := withEngine(t, "LEDGER_SWITCH", "full")
	m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k")
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if _, ok := e.entries[ledger.EntryID("order-entry:k")]; !ok {
		t.Errorf("%v", e.entries)
	}
}
