package app

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/defect"
	"cutover.dev/monolith/internal/edge"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
)

// overBoth runs a test with the engine behind gRPC and behind HTTP: an edge must not care.
func overBoth(t *testing.T, run func(t *testing.T, e *fakeEngine, settings map[string]string)) {
	for _, protocol := range []string{"grpc", "http"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			e := startEngine(t)
			run(t, e, map[string]string{
				"PRICING_URL": e.url(protocol), "LEDGER_URL": e.url(protocol),
				"PRICING_SWITCH": "full", "LEDGER_SWITCH": "full",
				// Slow machines must not make a healthy call time out.
				"PRICING_TIMEOUT": "5s", "LEDGER_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s",
			})
		})
	}
}

func TestEngineAnswers(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		m := start(t, settings)
		if by, a := m.quote(); by != "engine" {
			t.Error(a)
		}
		for _, status := range []int{http.StatusCreated, http.StatusOK} {
			if a := m.append("k"); a.status != status || !strings.Contains(a.body, `"storedBy":"engine"`) {
				t.Errorf("want %d: %+v", status, a)
			}
		}
		if a := m.call("GET", "/v1/ledger/entries/"+ledger.EntryID("k"), ""); a.status != http.StatusOK {
			t.Error(a)
		}
		if a := m.call("GET", "/v1/ledger/accounts/a/entries", ""); strings.Count(a.body, "\n") != 1 {
			t.Error(a)
		}
		conflict := m.call("POST", "/v1/ledger/entries", `{"account":"a","amountMinor":6}`, "Idempotency-Key", "k")
		if conflict.code() != "ALREADY_EXISTS" {
			t.Error(conflict)
		}
	})
}

func TestFallbackBreakerAndRecovery(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		settings["BREAKER_OPEN_TIME"] = "50ms"
		settings["RETRY_BUDGET"] = "0"
		m := start(t, settings)
		e.fail(codes.Unavailable)
		for range 5 {
			if by, a := m.quote(); by != "monolith" {
				t.Error(a)
			}
		}
		if n := m.metric("breaker_transitions_total", "edge", "orders-pricing", "to", "open"); n != 1 {
			t.Errorf("the breaker opened %v times", n)
		}
		if n := m.metric("fallbacks_total", "capability", "pricing"); n != 5 {
			t.Errorf("%v fallbacks", n)
		}
		if a := m.append("k"); a.code() != "UNAVAILABLE" {
			t.Errorf("a ledger write must not fall back: %+v", a)
		}
		e.heal()
		eventually(t, "the breaker closes", func() bool { by, _ := m.quote(); return by == "engine" })
		if state := m.metric("breaker_state", "edge", "orders-pricing"); state != 0 {
			t.Errorf("breaker_state %v", state)
		}
	})
}

func TestDefectNoBreaker(t *testing.T) {
	for _, one := range []struct {
		defect string
		calls  int32
	}{{"", 5}, {"no-breaker", 20}} {
		e := startEngine(t)
		e.fail(codes.Unavailable)
		m := start(t, map[string]string{
			"PRICING_URL": e.url("grpc"), "PRICING_SWITCH": "full", "RETRY_BUDGET": "0", "BREAKER_OPEN_TIME": "1h",
			"PRICING_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s", "CUTOVER_DEFECT": one.defect,
		})
		for range 20 {
			m.quote()
		}
		if e.calls.Load() != one.calls {
			t.Errorf("defect %q: the engine got %d calls, want %d", one.defect, e.calls.Load(), one.calls)
		}
	}
}

// What each does is tested in the edge's own package.
func TestDefectsOfAnEdge(t *testing.T) {
	for name, want := range map[string]edge.Defects{
		"":               {},
		"no-breaker":     {NeverOpen: true},
		"eager-probe":    {ProbeEarly: true},
		"probe-stampede": {ProbeAll: true},
		"breaker-stuck":  {StayOpen: true},
		"trips-on-4xx":   {CountClientErrors: true},
		"ignores-cancel": {IgnoreCancel: true},
		"retry-storm":    {RetryStorm: true},
	} {
		set, err := defect.Parse(name)
		if got := edgeDefects(set); err != nil || got != want {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}

func TestTimeouts(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		settings["PRICING_TIMEOUT"], settings["LEDGER_TIMEOUT"] = "30ms", "30ms"
		m := start(t, settings)
		e.set(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if by, a := m.quote(); by != "monolith" {
			t.Error(a)
		}
		if a := m.append("k"); a.status != http.StatusGatewayTimeout || a.code() != "DEADLINE_EXCEEDED" {
			t.Error(a)
		}
		if n := m.metric("edge_attempts_total", "edge", "orders-ledger", "outcome", "timeout"); n != 1 {
			t.Errorf("%v attempts: a time-out is not retried", n)
		}
	})
}

func TestDefectNoTimeout(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		settings["CUTOVER_DEFECT"] = "no-timeout"
		settings["PRICING_TIMEOUT"], settings["REQUEST_TIMEOUT"] = "1ms", "1ms"
		m := start(t, settings)
		deadlines := make(chan bool, 1)
		e.set(func(ctx context.Context) error {
			_, has := ctx.Deadline()
			deadlines <- has
			return nil
		})
		if by, a := m.quote(); by != "engine" {
			t.Error(a)
		}
		if <-deadlines {
			t.Error("the engine was given a deadline")
		}
		// The caller's own deadline is not the monolith's to drop.
		m.quote("X-Request-Timeout-Ms", "60000")
		if !<-deadlines {
			t.Error("the caller's deadline was dropped")
		}
	})
}

func TestTheShorterDeadlineIsPassedOn(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		m := start(t, settings)
		left := make(chan time.Duration, 1)
		e.set(func(ctx context.Context) error {
			deadline, _ := ctx.Deadline()
			left <- time.Until(deadline)
			return nil
		})
		m.quote() // the time-out of an attempt
		if got := <-left; got > 5*time.Second || got < time.Second {
			t.Errorf("own: %v left", got)
		}
		m.quote("X-Request-Timeout-Ms", "3000")
		if got := <-left; got > 3*time.Second || got < 500*time.Millisecond {
			t.Errorf("caller's: %v left", got)
		}
		e.set(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		a := m.call("GET", "/v1/ledger/entries/x", "", "X-Request-Timeout-Ms", "30")
		if a.code() != "DEADLINE_EXCEEDED" {
			t.Errorf("the caller waits no longer: %+v", a)
		}
	})
}

func TestCancellationIsPassedOn(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		m := start(t, settings)
		ctx, cancel := context.WithCancel(t.Context())
		seen := make(chan error, 1)
		e.set(func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			seen <- ctx.Err()
			return ctx.Err()
		})
		m.callWith(ctx, "POST", "/v1/quotes", quoteBody)
		if err := <-seen; err == nil {
			t.Error("the engine was not told")
		}
		eventually(t, "the attempt counts as canceled", func() bool {
			return m.metric("edge_attempts_total", "edge", "orders-pricing", "outcome", "canceled") == 1
		})
		if n := m.metric("fallbacks_total", "capability", "pricing"); n != 0 {
			t.Error("a quote was calculated for nobody")
		}
	})
}

// The engine stores the entry, but its answer is lost: the repeat ends with the same entry and the order.
func TestRepeatAfterAPartialFailure(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		settings["RETRY_BUDGET"] = "0"
		m := start(t, settings)
		lost := func(context.Context) error { return failure.New(codes.Unavailable, "lost") }
		e.after.Store(&lost)
		place := func() answer { return m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k") }
		if a := place(); a.code() != "UNAVAILABLE" {
			t.Error(a)
		}
		e.heal()
		if a := place(); a.status != http.StatusCreated {
			t.Error(a)
		}
		if a := place(); a.status != http.StatusOK {
			t.Error(a)
		}
		if e.stored() != 1 {
			t.Errorf("%d entries", e.stored())
		}
	})
}

func TestEngineComesBack(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		settings["CUTOVER_DEFECT"] = "no-breaker" // to see the connection alone
		settings["RETRY_BUDGET"] = "0"
		m := start(t, settings)
		if by, _ := m.quote(); by != "engine" {
			t.Fatal("not connected")
		}
		httpAddr, grpcAddr := e.http.Addr().String(), e.grpc.Addr().String()
		e.stop()
		began := time.Now()
		for range 20 {
			if by, a := m.quote(); by != "monolith" {
				t.Error(a)
			}
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("20 refusals took %v", took)
		}
		e.start(t, httpAddr, grpcAddr)
		began = time.Now()
		eventually(t, "connected again", func() bool { by, _ := m.quote(); return by == "engine" })
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("connected again only after %v", took)
		}
	})
}
