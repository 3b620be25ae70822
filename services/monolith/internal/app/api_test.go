package app

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
)

func TestBothProtocolsDoTheSame(t *testing.T) {
	m := start(t, nil)
	lines := []*pb.QuoteLine{{Sku: "SKU-1", Quantity: 10}}

	var order orders.Order
	placed := m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k")
	placed.into(t, &order)
	if placed.status != http.StatusCreated || order.ID != ledger.DeriveID("order:", "k") ||
		order.Entry.ID != ledger.EntryID("order-entry:k") || order.Entry.Account != "c" ||
		order.Entry.AmountMinor != order.Quote.TotalMinor || order.Entry.Reference != order.ID {
		t.Errorf("%d %+v", placed.status, order)
	}
	var header metadata.MD
	again, err := pb.NewOrdersClient(m.rpc).PlaceOrder(t.Context(),
		&pb.PlaceOrderRequest{IdempotencyKey: "k", CustomerId: "c", Lines: lines}, grpc.Header(&header))
	if err != nil || again.GetId() != order.ID || again.GetEntry().GetSequence() != 1 ||
		len(header.Get("idempotent-replay")) != 1 {
		t.Errorf("%v %v %v", again, header, err)
	}
	got, err := pb.NewOrdersClient(m.rpc).GetOrder(t.Context(), &pb.GetOrderRequest{Id: order.ID})
	if err != nil || got.GetQuote().GetTotalMinor() != order.Quote.TotalMinor {
		t.Errorf("%v %v", got, err)
	}
	if read := m.call("GET", "/v1/orders/"+order.ID, ""); read.body != placed.body {
		t.Errorf("read %s, placed %s", read.body, placed.body)
	}

	quote, err := pb.NewPricingClient(m.rpc).Quote(t.Context(), &pb.QuoteRequest{CustomerId: "c", Lines: lines})
	if err != nil || quote.GetTotalMinor() != order.Quote.TotalMinor || quote.GetServedBy() != "monolith" {
		t.Errorf("%v %v", quote, err)
	}

	entries := pb.NewLedgerClient(m.rpc)
	entry, err := entries.Append(t.Context(), &pb.AppendRequest{IdempotencyKey: "e", Account: "c", AmountMinor: -5})
	if err != nil || entry.GetSequence() != 2 {
		t.Errorf("%v %v", entry, err)
	}
	if read := m.call("GET", "/v1/ledger/entries/"+entry.GetId(), ""); !strings.Contains(read.body, `"amountMinor":-5`) {
		t.Error(read)
	}
	if _, err := entries.Get(t.Context(), &pb.GetEntryRequest{Id: order.Entry.ID}); err != nil {
		t.Error(err)
	}
	stream, err := entries.List(t.Context(), &pb.ListEntriesRequest{Account: "c", AfterSequence: 1})
	if err != nil {
		t.Fatal(err)
	}
	if listed, err := stream.Recv(); err != nil || listed.GetId() != entry.GetId() {
		t.Errorf("%v %v", listed, err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if list := m.call("GET", "/v1/ledger/accounts/c/entries?limit=1", ""); strings.Count(list.body, "\n") != 1 {
		t.Error(list)
	}
	if list := m.call("GET", "/v1/ledger/accounts/nobody/entries", ""); list.status != 200 || list.body != "" {
		t.Error(list)
	}
	if n := m.metric("requests_total", "operation", "ledger-list", "protocol", "grpc", "code", "OK"); n != 1 {
		t.Errorf("%v lists over gRPC", n)
	}
	if n := m.metric("ledger_entries_total"); n != 2 {
		t.Errorf("ledger_entries_total %v", n)
	}
}

func TestErrors(t *testing.T) {
	m := start(t, nil)
	m.append("k")
	m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", "k")
	other := strings.Replace(quoteBody, "10", "11", 1)
	for name, one := range map[string]struct {
		method, path, body, key string
		status                  int
		code                    string
	}{
		"no JSON":           {"POST", "/v1/quotes", "{", "", 400, "INVALID_ARGUMENT"},
		"two values":        {"POST", "/v1/quotes", quoteBody + quoteBody, "", 400, "INVALID_ARGUMENT"},
		"too long":          {"POST", "/v1/quotes", `{"customerId":"` + strings.Repeat("x", 300_000) + `"}`, "", 400, "INVALID_ARGUMENT"},
		"negative quantity": {"POST", "/v1/quotes", strings.Replace(quoteBody, "10", "-1", 1), "", 400, "INVALID_ARGUMENT"},
		"no key":            {"POST", "/v1/ledger/entries", `{"account":"a","amountMinor":5}`, "", 400, "INVALID_ARGUMENT"},
		"amount 0":          {"POST", "/v1/ledger/entries", `{"account":"a","amountMinor":0}`, "z", 400, "INVALID_ARGUMENT"},
		"key reused":        {"POST", "/v1/ledger/entries", `{"account":"a","amountMinor":6}`, "k", 409, "ALREADY_EXISTS"},
		"order key reused":  {"POST", "/v1/orders", other, "k", 409, "ALREADY_EXISTS"},
		"unknown entry":     {"GET", "/v1/ledger/entries/x", "", "", 404, "NOT_FOUND"},
		"unknown order":     {"GET", "/v1/orders/x", "", "", 404, "NOT_FOUND"},
		"bad after":         {"GET", "/v1/ledger/accounts/a/entries?after=-1", "", "", 400, "INVALID_ARGUMENT"},
		"bad limit":         {"GET", "/v1/ledger/accounts/a/entries?limit=x", "", "", 400, "INVALID_ARGUMENT"},
		"no such switch":    {"PUT", "/admin/switch/orders", `{"mode":"off"}`, "", 404, "NOT_FOUND"},
		"no such mode":      {"PUT", "/admin/switch/pricing", `{"mode":"on"}`, "", 400, "INVALID_ARGUMENT"},
		"no engine":         {"PUT", "/admin/switch/pricing", `{"mode":"full"}`, "", 400, "INVALID_ARGUMENT"},
		"no engaged":        {"PUT", "/admin/kill-switch", `{"engage":true}`, "", 400, "INVALID_ARGUMENT"},
	} {
		var headers []string
		if one.key != "" {
			headers = []string{"Idempotency-Key", one.key}
		}
		if got := m.call(one.method, one.path, one.body, headers...); got.status != one.status || got.code() != one.code {
			t.Errorf("%s: %d %.200s", name, got.status, got.body)
		}
	}
	if _, got := m.quote("X-Request-Timeout-Ms", "soon"); got.code() != "INVALID_ARGUMENT" {
		t.Error(got)
	}
	_, err := pb.NewLedgerClient(m.rpc).Get(t.Context(), &pb.GetEntryRequest{Id: "x"})
	if status.Code(err) != codes.NotFound {
		t.Error(err)
	}
	if n := m.metric("requests_total", "operation", "ledger-get", "protocol", "http", "code", "NOT_FOUND"); n != 1 {
		t.Errorf("requests_total %v", n)
	}
}

func TestConcurrentDuplicatesHaveOneEffect(t *testing.T) {
	m := start(t, map[string]string{"REQUEST_TIMEOUT": "10s"})
	for key := range 3 {
		var created atomic.Int32
		bodies := sync.Map{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				got := m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", fmt.Sprint(key))
				bodies.Store(got.body, true)
				switch got.status {
				case http.StatusCreated:
					created.Add(1)
				case http.StatusOK:
				default:
					t.Error(got)
				}
			})
		}
		all.Wait()
		different := 0
		bodies.Range(func(_, _ any) bool { different++; return true })
		if created.Load() != 1 || different != 1 {
			t.Errorf("%d created, %d different answers", created.Load(), different)
		}
	}
	if list := m.call("GET", "/v1/ledger/accounts/c/entries", ""); strings.Count(list.body, "\n") != 3 {
		t.Errorf("entries: %s", list.body)
	}
}

// The longest allowed key must do for an order too, although its entry's key is longer by a prefix.
func TestLongestKey(t *testing.T) {
	m := start(t, nil)
	for range 2 {
		got := m.call("POST", "/v1/orders", quoteBody, "Idempotency-Key", strings.Repeat("k", 128))
		if got.status/100 != 2 {
			t.Error(got)
		}
	}
	if got := m.append(strings.Repeat("k", 129)); got.status != http.StatusBadRequest {
		t.Error(got)
	}
}

func TestTokens(t *testing.T) {
	m := start(t, map[string]string{"API_TOKEN_SECRET": "s"})
	token := func(audience string, expires time.Duration) string {
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"aud": audience, "exp": time.Now().Add(expires).Unix(),
		}).SignedString([]byte("s"))
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + signed
	}
	for name, one := range map[string]struct {
		token string
		ok    bool
	}{
		"none": {"", false}, "expired": {token("orders", -time.Minute), false},
		"audience": {token("engine", time.Minute), false}, "good": {token("orders", time.Minute), true},
	} {
		for _, path := range []string{"/v1/orders/x", "/admin/switch"} {
			got := m.call("GET", path, "", "Authorization", one.token)
			if (got.status != http.StatusUnauthorized) != one.ok {
				t.Errorf("%s %s: %d %s", name, path, got.status, got.body)
			}
		}
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", one.token)
		_, err := pb.NewOrdersClient(m.rpc).GetOrder(ctx, &pb.GetOrderRequest{Id: "x"})
		if (status.Code(err) != codes.Unauthenticated) != one.ok {
			t.Errorf("%s over gRPC: %v", name, err)
		}
		stream, err := pb.NewLedgerClient(m.rpc).List(ctx, &pb.ListEntriesRequest{Account: "a"})
		if err == nil {
			_, err = stream.Recv()
		}
		if (status.Code(err) != codes.Unauthenticated) != one.ok {
			t.Errorf("%s in a stream: %v", name, err)
		}
	}
	for _, open := range []string{"/livez", "/readyz", "/metrics"} {
		if got := m.call("GET", open, ""); got.status != http.StatusOK {
			t.Errorf("%s: %+v", open, got)
		}
	}
	_, err := grpc_health_v1.NewHealthClient(m.rpc).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Error(err)
	}
}
