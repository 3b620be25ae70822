package app

import (
	"net/http"
	"path/filepath"
	"testing"
)

// What a key stands for outlives the process, and the defect forgets it.
func TestKeysAfterARestart(t *testing.T) {
	for _, one := range []struct {
		defect string
		again  int
	}{{"", http.StatusOK}, {"volatile-keys", http.StatusCreated}} {
		settings := map[string]string{"STORE_DSN": filepath.Join(t.TempDir(), "db"), "CUTOVER_DEFECT": one.defect}
		want := func(m *monolith, status int) {
			t.Helper()
			if a := m.append("k"); a.status != status {
				t.Errorf("%q: an entry: want %d: %+v", one.defect, status, a)
			}
			if a := m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k"); a.status != status {
				t.Errorf("%q: an order: want %d: %+v", one.defect, status, a)
			}
		}
		first := start(t, settings)
		want(first, http.StatusCreated)
		want(first, http.StatusOK)
		first.end()
		if err := <-first.ended; err != nil {
			t.Fatal(err)
		}
		second := start(t, settings)
		want(second, one.again)
		want(second, http.StatusOK)
	}
}

// Within one life of the process a key is known across a cut-over too.
func TestVolatileKeysAcrossACutOver(t *testing.T) {
	m, e := withEngine(t, "CUTOVER_DEFECT", "volatile-keys")
	m.append("k")
	m.turn("ledger", `{"mode":"full"}`)
	if a := m.append("k"); a.status != http.StatusOK || e.stored() != 0 {
		t.Errorf("%+v, the engine has %d", a, e.stored())
	}
}

// The engine's process is replaced: once it is back, so are the calls to it, with the usual breaker and retries.
func TestTheLedgersEngineRestarts(t *testing.T) {
	overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
		settings["BREAKER_OPEN_TIME"] = "100ms"
		m := start(t, settings)
		if a := m.append("before"); a.status != http.StatusCreated {
			t.Fatal(a)
		}
		httpAddr, grpcAddr := e.http.Addr().String(), e.grpc.Addr().String()
		e.stop()
		eventually(t, "the breaker opens", func() bool {
			if a := m.append("meanwhile"); a.code() != "UNAVAILABLE" {
				t.Errorf("%+v", a)
			}
			return m.metric("breaker_transitions_total", "edge", "orders-ledger", "to", "open") > 0
		})
		e.start(t, httpAddr, grpcAddr)
		eventually(t, "entries are stored again", func() bool { return m.append("after").status == http.StatusCreated })
		if a := m.append("before"); a.status != http.StatusOK {
			t.Errorf("%+v", a)
		}
	})
}
