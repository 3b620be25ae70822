package app

import (
	"net/http"
	"strings"
	"testing"

	"cutover.dev/monolith/internal/store/postgrestest"
)

// The monolith on PostgreSQL is the same to its clients, and outlives its database.
func TestOnPostgres(t *testing.T) {
	var server postgrestest.Server
	t.Cleanup(server.Stop)
	settings := map[string]string{"STORE_DSN": server.Database(t), "REQUEST_TIMEOUT": "10s"}
	first, onFile := start(t, settings), start(t, nil)
	for _, m := range []*monolith{first, onFile} {
		for _, key := range []string{"k1", "k2"} {
			if a := m.append(key); a.status != http.StatusCreated {
				t.Error(a)
			}
		}
	}
	hashes := "/v1/ledger/hashes"
	if got, want := first.call("GET", hashes, ""), onFile.call("GET", hashes, ""); got.body != want.body || got.body == "" {
		t.Errorf("%+v, on a file %+v", got, want)
	}
	placed := first.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k")
	if placed.status != http.StatusCreated {
		t.Error(placed)
	}

	server.Crash(t)
	if a := first.append("meanwhile"); a.code() != "UNAVAILABLE" {
		t.Error(a)
	}
	if a := first.call("GET", "/readyz", ""); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, `"store":"failing"`) {
		t.Error(a)
	}
	if a := first.call("GET", "/livez", ""); a.status != http.StatusOK {
		t.Error(a)
	}
	server.Restart(t)
	if a := first.call("GET", "/readyz", ""); a.status != http.StatusOK {
		t.Error(a)
	}
	if a := first.append("meanwhile"); a.status != http.StatusCreated {
		t.Error(a)
	}

	second := start(t, settings) // beside the first one, as during a rolling update
	for _, m := range []*monolith{first, second} {
		if again := m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k"); again.status != http.StatusOK || again.body != placed.body {
			t.Errorf("%+v, first %+v", again, placed)
		}
		if a := m.call("GET", "/v1/ledger/reconciliation", ""); !strings.Contains(a.body, `"watermark":4,"entries":4,"outbox":4`) {
			t.Errorf("%.200s", a.body)
		}
	}
}
