package app

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/ledger"
)

// What they do to the routes is tested in the switch's own package.
func TestDefectsOfTheSwitch(t *testing.T) {
	for _, one := range []struct{ defect, pricing, ledger string }{
		{"", "monolith", "monolith"},
		{"slow-rollback", "engine", "engine"},
		{"partial-kill-switch", "monolith", "engine"},
	} {
		m, _ := withEngine(t, "PRICING_SWITCH", "full", "LEDGER_SWITCH", "full", "CUTOVER_DEFECT", one.defect)
		a := m.call("PUT", "/admin/kill-switch", `{"engaged":true}`)
		if !strings.Contains(a.body, `"killSwitch":true`) {
			t.Errorf("%q: %+v", one.defect, a)
		}
		if by, a := m.quote(); by != one.pricing {
			t.Errorf("%q: %+v", one.defect, a)
		}
		if a := m.append("k"); !strings.Contains(a.body, `"storedBy":"`+one.ledger+`"`) {
			t.Errorf("%q: %+v", one.defect, a)
		}
	}
}

func TestDefectAbruptStop(t *testing.T) {
	m, e := withEngine(t, "PRICING_SWITCH", "full", "DRAIN_TIMEOUT", "1h", "CUTOVER_DEFECT", "abrupt-stop")
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	defer close(release)
	e.set(func(context.Context) error { arrived <- struct{}{}; <-release; return nil })
	overHTTP, overGRPC := make(chan answer, 1), make(chan error, 1)
	go func() { overHTTP <- m.call("POST", "/v1/quotes", quoteBody) }()
	go func() {
		_, err := pb.NewPricingClient(m.rpc).Quote(context.Background(), &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}},
		})
		overGRPC <- err
	}()
	<-arrived
	<-arrived
	m.end()
	if a := <-overHTTP; a.err == nil {
		t.Errorf("over HTTP: %+v", a)
	}
	if err := <-overGRPC; status.Code(err) != codes.Unavailable {
		t.Errorf("over gRPC: %v", err)
	}
	if err := <-m.ended; err != nil {
		t.Errorf("the process would not exit with 0: %v", err)
	}
}

func TestDefectShadowWrites(t *testing.T) {
	for _, one := range []struct {
		defect string
		stored int
	}{{"", 0}, {"shadow-writes", 1}} {
		m, e := withEngine(t, "LEDGER_SWITCH", "shadow", "CUTOVER_DEFECT", one.defect)
		if a := m.append("k"); a.status != http.StatusCreated || !strings.Contains(a.body, `"storedBy":"monolith"`) {
			t.Errorf("%q: %+v", one.defect, a)
		}
		// One that is shadowed in any case: once it is counted, so is what came before.
		m.call("GET", "/v1/ledger/entries/"+ledger.EntryID("other"), "")
		eventually(t, "the shadow calls", func() bool {
			return m.metric("shadow_total", "capability", "ledger", "outcome", "same") == float64(1+one.stored)
		})
		if e.stored() != one.stored {
			t.Errorf("%q: the engine has %d entries", one.defect, e.stored())
		}
		e.mutex.Lock()
		defer e.mutex.Unlock()
		if one.stored == 1 && e.entries[ledger.EntryID("k")].Reference != "shadow" {
			t.Errorf("%+v", e.entries)
		}
	}
}

func TestDefectShadowBlocks(t *testing.T) {
	for defect, waits := range map[string]bool{"": false, "shadow-blocks": true} {
		m, e := withEngine(t, "PRICING_SWITCH", "shadow", "PRICING_TIMEOUT", "20s", "CUTOVER_DEFECT", defect)
		arrived, release := make(chan struct{}), make(chan struct{})
		e.set(func(context.Context) error { close(arrived); <-release; return nil })
		answered := make(chan string, 1)
		go func() { by, _ := m.quote(); answered <- by; close(answered) }()
		<-arrived
		if waits {
			select {
			case <-answered:
				t.Error("the request did not wait")
			case <-time.After(100 * time.Millisecond):
			}
			close(release)
			<-answered
			continue
		}
		if by := <-answered; by != "monolith" { // although the shadow hangs
			t.Error(by)
		}
		close(release)
	}
}

func TestDefectContractBreak(t *testing.T) {
	for defect, want := range map[string]codes.Code{"": codes.OK, "contract-break": codes.InvalidArgument} {
		m := start(t, map[string]string{"CUTOVER_DEFECT": defect})
		for _, currency := range []string{"", "EUR"} {
			want := want
			if currency != "" {
				want = codes.OK
			}
			lines := []*pb.QuoteLine{{Sku: "s", Quantity: 1}}
			_, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{
				CustomerId: "c", Lines: lines, Currency: currency,
			})
			if status.Code(err) != want {
				t.Errorf("%q: a quote in %q: %v", defect, currency, err)
			}
			_, err = pb.NewOrdersClient(m.rpc).PlaceOrder(t.Context(), &pb.PlaceOrderRequest{
				IdempotencyKey: "k" + currency, CustomerId: "c", Lines: lines, Currency: currency,
			})
			if status.Code(err) != want {
				t.Errorf("%q: an order in %q: %v", defect, currency, err)
			}
		}
		if a := m.call("POST", "/v1/quotes", quoteBody); (a.status == http.StatusOK) != (want == codes.OK) {
			t.Errorf("%q: over HTTP: %+v", defect, a)
		}
	}
}

func TestDefectsOfTheCounting(t *testing.T) {
	for defect, want := range map[string]struct{ ok, notFound, internal float64 }{
		"": {20, 10, 0}, "alert-silent": {30, 0, 0}, "alert-noisy": {18, 10, 2},
	} {
		m := start(t, map[string]string{"CUTOVER_DEFECT": defect})
		for range 10 {
			m.append("k")
			m.call("GET", "/v1/ledger/entries/"+ledger.EntryID("k"), "")
			if a := m.call("GET", "/v1/ledger/entries/unknown", ""); a.status != http.StatusNotFound {
				t.Errorf("%q: only what is counted is wrong: %+v", defect, a)
			}
		}
		count := func(code string) (n float64) {
			for _, operation := range []string{"ledger-append", "ledger-get"} {
				n += m.metric("requests_total", "operation", operation, "protocol", "http", "code", code)
			}
			return n
		}
		if count("OK") != want.ok || count("NOT_FOUND") != want.notFound || count("INTERNAL") != want.internal {
			t.Errorf("%q: %v OK, %v NOT_FOUND, %v INTERNAL", defect, count("OK"), count("NOT_FOUND"), count("INTERNAL"))
		}
	}
}

func TestDefectAuthOpen(t *testing.T) {
	token := func(secret, audience string, expires time.Duration) string {
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"aud": audience, "exp": time.Now().Add(expires).Unix(),
		}).SignedString([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + signed
	}
	for defect, open := range map[string]bool{"": false, "auth-open": true} {
		m := start(t, map[string]string{"API_TOKEN_SECRET": "s", "CUTOVER_DEFECT": defect})
		for name, one := range map[string]struct {
			token    string
			accepted bool
		}{
			"expired":          {token("s", "orders", -time.Minute), open},
			"another audience": {token("s", "engine", time.Minute), open},
			"another secret":   {token("x", "orders", time.Minute), false},
			"none":             {"", false},
		} {
			for _, path := range []string{"/v1/orders/x", "/admin/switch"} {
				a := m.call("GET", path, "", "Authorization", one.token)
				if accepted := a.status != http.StatusUnauthorized; accepted != one.accepted {
					t.Errorf("%q: %s: %s: %+v", defect, name, path, a)
				}
			}
			ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", one.token)
			_, err := pb.NewOrdersClient(m.rpc).GetOrder(ctx, &pb.GetOrderRequest{Id: "x"})
			if accepted := status.Code(err) != codes.Unauthenticated; accepted != one.accepted {
				t.Errorf("%q: %s: over gRPC: %v", defect, name, err)
			}
		}
	}
}
