package app

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/remote"
	"cutover.dev/monolith/internal/replication"
)

func (m *monolith) appendTo(account, key string) answer {
	return m.call("POST", "/v1/ledger/entries", fmt.Sprintf(`{"account":%q,"amountMinor":5}`, account), "Idempotency-Key", key)
}

func withOther(t *testing.T, more ...string) (*monolith, *other) {
	t.Helper()
	o := startOther(t, nil)
	settings := map[string]string{
		"LEDGER_URL": o.url(), "PEER_URL": o.url(), "REPLICATION_INTERVAL": "5ms", "LEDGER_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s",
	}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	m := start(t, settings)
	o.replicateTo("http://"+m.HTTPAddr(), remote.Options{})
	return m, o
}

// Writes go to both sides, then the kill switch sends all of them to one: every acknowledged entry is on either side.
func TestARollbackFindsEveryEntry(t *testing.T) {
	m, o := withOther(t, "LEDGER_SWITCH", "canary:50")
	const accounts, each = 20, 15
	var writers sync.WaitGroup
	for account := range accounts {
		writers.Go(func() {
			for i := range each {
				if account == 0 && i == each/2 {
					m.call("PUT", "/admin/kill-switch", `{"engaged":true}`)
				}
				if a := m.appendTo(fmt.Sprint("account-", account), fmt.Sprintf("%d-%d", account, i)); a.status != http.StatusCreated {
					t.Errorf("%+v", a)
				}
			}
		})
	}
	writers.Wait()
	here, there := level(t, m, o)
	if here.Entries != accounts*each || there.Entries != accounts*each || here.Hash != there.Hash || here.Buckets != there.Buckets {
		t.Errorf("here %d %s, there %d %s", here.Entries, here.Hash, there.Entries, there.Hash)
	}
	if here.Received["engine"] != there.Watermark || there.Received["monolith"] != here.Watermark || there.Watermark == 0 {
		t.Errorf("here %d %v, there %d %v", here.Watermark, here.Received, there.Watermark, there.Received)
	}
	for account := range accounts {
		list := m.call("GET", fmt.Sprintf("/v1/ledger/accounts/account-%d/entries", account), "")
		if n := strings.Count(list.body, "\n"); n != each || !strings.Contains(list.body, fmt.Sprintf(`"balanceMinor":%d,`, 5*each)) {
			t.Errorf("account %d: %s", account, list.body)
		}
	}
	// What came from the other side stays its own: it is not pushed back.
	if pushed := m.metric("replication_pushed_total") + o.metric("replication_pushed_total"); pushed != accounts*each {
		t.Errorf("%v events were pushed", pushed)
	}
	if applied := m.metric("replication_applied_total"); applied != o.metric("replication_pushed_total") {
		t.Errorf("%v were applied", applied)
	}
}

// The connection breaks before, within and after answers, and both processes are replaced: nothing is lost, doubled or
// out of order.
func TestReplicationOverABadNetwork(t *testing.T) {
	o := startOther(t, nil)
	w := newWire(t, o.listener.Addr())
	settings := map[string]string{
		"STORE_DSN": filepath.Join(t.TempDir(), "db"), "PEER_URL": w.url("http"), "REPLICATION_INTERVAL": "1ms",
	}
	m := start(t, settings)
	written := 0
	write := func(n int) {
		for range n {
			if a := m.appendTo(fmt.Sprint("account-", written%3), fmt.Sprint(written)); a.status != http.StatusCreated {
				t.Errorf("%+v", a)
			}
			written++
		}
	}
	for _, bytes := range []int64{0, 1, 20, 100} {
		write(30)
		w.cutAfter(bytes)
		write(30)
		eventually(t, "the outbox is empty", func() bool { return m.metric("replication_outbox_entries") == 0 })
	}
	w.refuse()
	write(250) // more than a batch
	eventually(t, "pushes fail", func() bool { return m.metric("replication_failures_total") > 2 })
	if size := m.metric("replication_outbox_entries"); size != 250 {
		t.Errorf("the outbox has %v", size)
	}
	m.end()
	if err := <-m.ended; err != nil {
		t.Error(err)
	}
	o.end()
	o.start(o.listener.Addr().String())
	m = start(t, settings)
	w.heal()
	here, there := level(t, m, o)
	if here.Entries != int64(written) || here.Hash != there.Hash {
		t.Errorf("%d written, here %d, there %d", written, here.Entries, there.Entries)
	}
	for account := range 3 {
		var want []string
		for i := account; i < written; i += 3 {
			want = append(want, ledger.EntryID(fmt.Sprint(i)))
		}
		if got := o.ids(fmt.Sprint("account-", account)); !slices.Equal(got, want) {
			t.Errorf("account %d has %d entries in another order than the %d written", account, len(got), len(want))
		}
	}
	if conflicts := o.metric("replication_conflicts_total"); conflicts != 0 {
		t.Errorf("%v conflicts", conflicts)
	}
}

func TestAReplayChangesNothing(t *testing.T) {
	m, o := withOther(t)
	for i := range 5 {
		m.append(fmt.Sprint(i))
	}
	before, _ := level(t, m, o)
	for range 2 {
		if a := m.call("POST", "/admin/replication/replay", ""); a.status != http.StatusAccepted || a.body != `{"outbox":5}`+"\n" {
			t.Errorf("%+v", a)
		}
		here, there := level(t, m, o)
		if here.Hash != before.Hash || there.Hash != before.Hash || there.Entries != 5 {
			t.Errorf("here %s, there %s, before %s", here.Hash, there.Hash, before.Hash)
		}
	}
	if applied, pushed := o.metric("replication_applied_total"), m.metric("replication_pushed_total"); applied != 5 || pushed != 15 {
		t.Errorf("%v applied of %v", applied, pushed)
	}
}

// A key that only the other side has seen is known here once it has been replicated, whichever way the switch stands.
func TestKeysHoldAcrossASwitchBack(t *testing.T) {
	m, o := withOther(t, "LEDGER_SWITCH", "full")
	first := m.append("k")
	m.turn("ledger", `{"mode":"off"}`)
	level(t, m, o)
	again := m.append("k")
	if first.status != http.StatusCreated || again.status != http.StatusOK || again.body != first.body {
		t.Errorf("%+v, first %+v", again, first)
	}
	// Before it has been replicated, both sides store it: the same id makes it one entry all the same.
	o.stop()
	m.turn("ledger", `{"mode":"full"}`)
	m.append("both")
	m.turn("ledger", `{"mode":"off"}`)
	if a := m.append("both"); a.status != http.StatusCreated {
		t.Errorf("%+v", a)
	}
	o.replicateTo("http://"+m.HTTPAddr(), remote.Options{})
	if here, there := level(t, m, o); here.Entries != 2 || here.Hash != there.Hash {
		t.Errorf("here %d, there %d", here.Entries, there.Entries)
	}
}

func TestDualWrites(t *testing.T) {
	m, o := withOther(t, "PEER_URL", "", "BREAKER_THRESHOLD", "1")
	m.turn("ledger", `{"mode":"dual"}`)
	if a := m.call("PUT", "/admin/switch/pricing", `{"mode":"dual"}`); a.code() != "INVALID_ARGUMENT" {
		t.Errorf("%+v", a)
	}
	a := m.append("k")
	if a.status != http.StatusCreated || !strings.Contains(a.body, `"storedBy":"monolith"`) {
		t.Errorf("%+v", a)
	}
	if there := o.reconciliation(); there.Entries != 1 || there.Hash != m.reconciliation().Hash {
		t.Errorf("%+v", there.Entries)
	}
	if again := m.append("k"); again.status != http.StatusOK || again.body != a.body {
		t.Errorf("%+v", again)
	}
	o.end()
	if a := m.append("alone"); a.status != http.StatusCreated {
		t.Errorf("%+v", a)
	}
	for outcome, want := range map[string]float64{"ok": 2, "error": 1} {
		if got := m.metric("dual_writes_total", "outcome", outcome); got != want {
			t.Errorf("%s: %v, want %v", outcome, got, want)
		}
	}
	o.start(o.listener.Addr().String())
}

func TestEventsAndHashes(t *testing.T) {
	m := start(t, nil)
	for i := range 4 {
		m.append(fmt.Sprint(i))
	}
	a := m.call("GET", "/v1/ledger/events?after=1&limit=2", "")
	if a.status != http.StatusOK || a.header.Get("X-Watermark") != "4" ||
		!strings.HasPrefix(a.body, `{"position":2,"entry":{"id":"`+ledger.EntryID("1")+`","account":"a","amountMinor":5,`) ||
		strings.Count(a.body, "\n") != 2 {
		t.Errorf("%+v", a)
	}
	for _, query := range []string{"after=-1", "limit=10001", "after=x"} {
		if a := m.call("GET", "/v1/ledger/events?"+query, ""); a.code() != "INVALID_ARGUMENT" {
			t.Errorf("%s: %+v", query, a)
		}
	}
	row := replication.Row{ID: ledger.EntryID("2"), Account: "a", AmountMinor: 5}
	want := fmt.Sprintf(`{"id":%q,"hash":%q}`+"\n", row.ID, replication.HashText(row.Hash()))
	if a := m.call("GET", "/v1/ledger/hashes?prefix="+row.ID[:4], ""); a.status != http.StatusOK || a.body != want {
		t.Errorf("%+v, want %s", a, want)
	}
	if a := m.call("GET", "/v1/ledger/hashes", ""); strings.Count(a.body, "\n") != 4 {
		t.Errorf("%+v", a)
	}
	for _, prefix := range []string{"xy", "ABCD", "00000"} {
		if a := m.call("GET", "/v1/ledger/hashes?prefix="+prefix, ""); a.code() != "INVALID_ARGUMENT" {
			t.Errorf("%s: %+v", prefix, a)
		}
	}
}

func TestReplicationNeedsTheRightToken(t *testing.T) {
	m := start(t, map[string]string{"SERVICE_TOKEN_SECRET": "between-us", "API_TOKEN_SECRET": "clients"})
	token := func(secret, audience string) string {
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"aud": audience, "exp": time.Now().Add(time.Minute).Unix(),
		}).SignedString([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + signed
	}
	paths := map[string]string{
		"/v1/replication/entries": "POST", "/admin/replication/replay": "POST",
		"/v1/ledger/events": "GET", "/v1/ledger/reconciliation": "GET", "/v1/ledger/hashes": "GET",
	}
	for path, method := range paths {
		right := token("clients", "orders")
		wrong := []string{"", token("between-us", "orders-replication"), token("clients", "engine")}
		if path == "/v1/replication/entries" {
			right = token("between-us", "orders-replication")
			wrong = []string{"", token("between-us", "engine"), token("clients", "orders")}
		}
		for _, authorization := range wrong {
			if a := m.call(method, path, `{"source":"engine"}`, "Authorization", authorization); a.status != http.StatusUnauthorized {
				t.Errorf("%s with %q: %+v", path, authorization, a)
			}
		}
		if a := m.call(method, path, `{"source":"engine"}`, "Authorization", right); a.status/100 != 2 {
			t.Errorf("%s: %+v", path, a)
		}
	}
}

func TestDefectsOfReplication(t *testing.T) {
	const entries = 501
	push := func(m *monolith) {
		var events []string
		for i := range entries {
			events = append(events, fmt.Sprintf(
				`{"position":%d,"entry":{"id":%q,"account":"a","amountMinor":5,"committedAtMs":%d,"storedBy":"engine"}}`,
				i+1, ledger.EntryID(fmt.Sprint(i)), i))
		}
		a := m.call("POST", "/v1/replication/entries", `{"source":"engine","events":[`+strings.Join(events, ",")+`]}`)
		if a.status != http.StatusOK || a.body != fmt.Sprintf(`{"source":"engine","watermark":%d}`+"\n", entries) {
			m.t.Fatalf("%+v", a)
		}
	}
	for defect, want := range map[string]struct {
		stored, balance int64
		last            string
	}{
		"":                      {entries, 5 * entries, fmt.Sprint(entries - 1)},
		"cdc-reorder":           {entries, 5 * entries, "0"},
		"corrupt-row":           {entries, 5*entries + 2, fmt.Sprint(entries - 1)},
		"rollback-drops-outbox": {0, 0, ""},
	} {
		m, _ := withEngine(t, "CUTOVER_DEFECT", defect)
		m.call("PUT", "/admin/kill-switch", `{"engaged":true}`)
		push(m)
		state := m.reconciliation()
		if state.Entries != want.stored || state.Received["engine"] != entries {
			t.Errorf("%q: %d entries, received %v", defect, state.Entries, state.Received)
		}
		push(m)
		if again := m.reconciliation(); again.Hash != state.Hash {
			t.Errorf("%q: not the same after a repeat", defect)
		}
		if want.stored > 0 {
			list := m.call("GET", "/v1/ledger/accounts/a/entries?after=500", "")
			var last ledger.Entry
			list.into(t, &last)
			if last.ID != ledger.EntryID(want.last) || last.BalanceMinor != want.balance {
				t.Errorf("%q: the last one is %+v", defect, last)
			}
		}
		if m.call("PUT", "/admin/kill-switch", `{"engaged":false}`); defect == "rollback-drops-outbox" {
			if push(m); m.reconciliation().Entries != entries {
				t.Errorf("%q: drops with the kill switch released", defect)
			}
		}
	}
}

func TestDefectCDCGap(t *testing.T) {
	o := startOther(t, nil)
	w := newWire(t, o.listener.Addr())
	m := start(t, map[string]string{"PEER_URL": w.url("http"), "REPLICATION_INTERVAL": "1ms", "CUTOVER_DEFECT": "cdc-gap"})
	w.refuse()
	m.append("lost")
	eventually(t, "a push fails", func() bool { return m.metric("replication_failures_total") > 0 })
	w.heal()
	m.append("pushed")
	eventually(t, "the next one arrives", func() bool { return o.reconciliation().Entries > 0 })
	if here, there := level(t, m, o); here.Entries != 2 || there.Entries != 1 {
		t.Errorf("here %d, there %d", here.Entries, there.Entries)
	}
}

// Of what was acknowledged, a reader sees nothing until the commit.
func TestDefectAckBeforeCommit(t *testing.T) {
	m := start(t, map[string]string{"CUTOVER_DEFECT": "ack-before-commit"})
	early := false
	for i := range 5 {
		key := fmt.Sprint(i)
		if a := m.append(key); a.status != http.StatusCreated {
			t.Fatal(a)
		}
		seen := func() bool {
			return m.call("GET", "/v1/ledger/entries/"+ledger.EntryID(key), "").status == http.StatusOK
		}
		early = early || !seen()
		eventually(t, "it is committed", seen)
	}
	if !early {
		t.Error("each entry was there with its acknowledgement")
	}
}
