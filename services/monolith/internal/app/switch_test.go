package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/ledger"
)

func withEngine(t *testing.T, more ...string) (*monolith, *fakeEngine) {
	t.Helper()
	e := startEngine(t)
	settings := map[string]string{
		"PRICING_URL": e.url("grpc"), "LEDGER_URL": e.url("http"),
		"PRICING_TIMEOUT": "5s", "LEDGER_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s",
	}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	return start(t, settings), e
}

func (m *monolith) turn(capability, setting string) {
	m.t.Helper()
	if a := m.call("PUT", "/admin/switch/"+capability, setting); a.status != http.StatusOK {
		m.t.Fatal(a)
	}
}

func TestSwitchTakesEffectAtOnce(t *testing.T) {
	m, _ := withEngine(t)
	want := func(by string) {
		t.Helper()
		if got, a := m.quote(); got != by {
			t.Errorf("served by %q, want %q: %+v", got, by, a)
		}
	}
	want("monolith")
	m.turn("pricing", `{"mode":"full"}`)
	want("engine")
	a := m.call("PUT", "/admin/kill-switch", `{"engaged":true}`)
	const engaged = `{"killSwitch":true,"capabilities":{"ledger":{"mode":"off","share":0},"pricing":{"mode":"full","share":100}},"changedAtMs":`
	if !strings.HasPrefix(a.body, engaged) {
		t.Error(a.body)
	}
	if again := m.call("PUT", "/admin/kill-switch", `{"engaged":true}`); again.body != a.body {
		t.Errorf("engaged twice: %s", again.body)
	}
	want("monolith")
	if share := m.metric("switch_share", "capability", "pricing"); share != 0 {
		t.Errorf("switch_share %v", share)
	}
	m.call("PUT", "/admin/kill-switch", `{"engaged":false}`)
	want("engine")
	m.turn("pricing", `{"mode":"canary","share":0}`)
	want("monolith")

	m.turn("pricing", `{"mode":"canary","share":50}`)
	sides := map[string]int{}
	for i := range 60 {
		body := strings.Replace(quoteBody, `"c"`, fmt.Sprintf(`"c%d"`, i), 1)
		var first, second struct{ ServedBy string }
		m.call("POST", "/v1/quotes", body).into(t, &first)
		m.call("POST", "/v1/quotes", body).into(t, &second)
		if first != second {
			t.Errorf("customer %d is not sticky", i)
		}
		sides[first.ServedBy]++
	}
	if sides["engine"] < 15 || sides["monolith"] < 15 {
		t.Errorf("sides %v", sides)
	}
}

func TestShadow(t *testing.T) {
	m, e := withEngine(t, "PRICING_SWITCH", "shadow", "LEDGER_SWITCH", "shadow")
	outcome := func(capability, outcome string, want float64) {
		t.Helper()
		eventually(t, fmt.Sprintf("%s %s %v", capability, outcome, want), func() bool {
			return m.metric("shadow_total", "capability", capability, "outcome", outcome) == want
		})
	}
	if by, _ := m.quote(); by != "monolith" {
		t.Error("the shadow answered")
	}
	outcome("pricing", "same", 1)
	e.wrong.Store(true)
	m.quote()
	outcome("pricing", "different", 1)
	e.fail(codes.Unavailable)
	m.quote()
	outcome("pricing", "error", 1)
	if n := m.metric("edge_retries_total", "edge", "orders-pricing"); n != 0 {
		t.Error("a shadow call was retried")
	}
	e.heal()

	m.append("k")
	if e.stored() != 0 {
		t.Error("a write was shadowed")
	}
	m.call("GET", "/v1/ledger/entries/"+ledger.EntryID("k"), "")
	outcome("ledger", "different", 1)
	m.call("GET", "/v1/ledger/entries/unknown", "")
	outcome("ledger", "same", 1)
	m.call("GET", "/v1/ledger/accounts/a/entries", "")
	outcome("ledger", "different", 2)

	// A hanging engine fills the queue; requests neither wait nor fail, the rest is dropped.
	release := make(chan struct{})
	e.set(func(context.Context) error { <-release; return nil })
	began := time.Now()
	for range 270 {
		if by, a := m.quote(); by != "monolith" {
			t.Fatal(a)
		}
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("requests waited for their shadows: %v", took)
	}
	outcome("pricing", "dropped", m.metric("shadow_total", "capability", "pricing", "outcome", "dropped"))
	if m.metric("shadow_total", "capability", "pricing", "outcome", "dropped") < 1 {
		t.Error("nothing was dropped")
	}
	close(release)
}

// A key that was stored before a cut-over is not stored again after it, and reads find both sides' entries.
func TestLedgerAcrossACutOver(t *testing.T) {
	m, e := withEngine(t)
	before := m.append("before")
	m.turn("ledger", `{"mode":"full"}`)
	if again := m.append("before"); again.status != http.StatusOK || again.body != before.body || e.stored() != 0 {
		t.Errorf("%+v, engine has %d", again, e.stored())
	}
	m.append("after")
	if e.stored() != 1 {
		t.Errorf("engine has %d", e.stored())
	}
	for _, setting := range []string{`{"mode":"full"}`, `{"mode":"canary","share":50}`, `{"mode":"canary","share":1}`} {
		m.turn("ledger", setting)
		for _, key := range []string{"before", "after"} {
			if a := m.call("GET", "/v1/ledger/entries/"+ledger.EntryID(key), ""); a.status != http.StatusOK {
				t.Errorf("%s, %s: %+v", setting, key, a)
			}
		}
		if a := m.call("GET", "/v1/ledger/entries/unknown", ""); a.status != http.StatusNotFound {
			t.Error(a)
		}
	}
}
