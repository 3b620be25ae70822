package app

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
)

// attempt is what one call to the engine said besides its content.
type attempt struct {
	traceparent, key string
	left             time.Duration // of its deadline
}

// refuser is an engine that is always unavailable and keeps what it was sent.
type refuser struct {
	mutex    sync.Mutex
	attempts []attempt
}

func (r *refuser) note(one attempt) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.attempts = append(r.attempts, one)
}

func (r *refuser) take() []attempt {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	taken := r.attempts
	r.attempts = nil
	return taken
}

func (r *refuser) ServeHTTP(w http.ResponseWriter, asked *http.Request) {
	if asked.URL.Path != "/readyz" {
		ms, _ := strconv.Atoi(asked.Header.Get("X-Request-Timeout-Ms"))
		r.note(attempt{
			asked.Header.Get("traceparent"), asked.Header.Get("Idempotency-Key"), time.Duration(ms) * time.Millisecond,
		})
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

func (r *refuser) serveGRPC(_ any, stream grpc.ServerStream) error {
	if method, _ := grpc.MethodFromServerStream(stream); strings.HasPrefix(method, "/cutover.") {
		var one attempt
		headers, _ := metadata.FromIncomingContext(stream.Context())
		one.traceparent = strings.Join(headers.Get("traceparent"), ",")
		if method == pb.Ledger_Append_FullMethodName {
			var asked pb.AppendRequest
			if err := stream.RecvMsg(&asked); err != nil {
				return err
			}
			one.key = asked.GetIdempotencyKey()
		}
		if deadline, ok := stream.Context().Deadline(); ok {
			one.left = time.Until(deadline)
		}
		r.note(one)
	}
	return status.Error(codes.Unavailable, "as always")
}

func (r *refuser) start(t *testing.T, protocol string) (url string) {
	t.Helper()
	if protocol == "http" {
		server := httptest.NewServer(r)
		t.Cleanup(server.Close)
		return server.URL
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnknownServiceHandler(r.serveGRPC))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return "grpc://" + listener.Addr().String()
}

func TestWhatEveryAttemptCarries(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, protocol := range edgeProtocols {
		for defect, lastKey := range map[string]string{"": "k", "retry-duplicates": "k-retry-2"} {
			t.Run(protocol+" "+defect, func(t *testing.T) {
				var engine refuser
				url := engine.start(t, protocol)
				m := start(t, map[string]string{
					"PRICING_URL": url, "PRICING_SWITCH": "full", "LEDGER_URL": url, "LEDGER_SWITCH": "full",
					"PRICING_TIMEOUT": "2s", "LEDGER_TIMEOUT": "3s", "REQUEST_TIMEOUT": "10s", "CUTOVER_DEFECT": defect,
				})
				traceparent := "00-" + trace + "-00f067aa0ba902b7-01"
				m.quote("traceparent", traceparent)
				quotes := engine.take()
				m.call("POST", "/v1/ledger/entries", `{"account":"a","amountMinor":5}`,
					"Idempotency-Key", "k", "traceparent", traceparent)
				appends := engine.take()
				if len(quotes) != 3 || len(appends) != 3 {
					t.Fatalf("%d quotes and %d appends, want 3 attempts each", len(quotes), len(appends))
				}
				check := func(attempts []attempt, timeout time.Duration) {
					spans := map[string]bool{}
					for _, one := range attempts {
						parts := strings.Split(one.traceparent, "-")
						if len(parts) != 4 || parts[1] != trace || spans[parts[2]] {
							t.Errorf("trace context %q, known spans %v", one.traceparent, spans)
							continue
						}
						spans[parts[2]] = true
						if one.left <= 0 || one.left > timeout {
							t.Errorf("%v left of %v", one.left, timeout)
						}
					}
				}
				check(quotes, 2*time.Second)
				check(appends, 3*time.Second)
				if appends[0].key != "k" || appends[2].key != lastKey {
					t.Errorf("keys %+v, the last should be %q", appends, lastKey)
				}
			})
		}
	}
}

// callers make one quote or append and go away when the context ends.
var callers = map[string]func(context.Context, *monolith){
	"a quote over HTTP": func(ctx context.Context, m *monolith) { m.callWith(ctx, "POST", "/v1/quotes", quoteBody) },
	"an append over HTTP": func(ctx context.Context, m *monolith) {
		m.callWith(ctx, "POST", "/v1/ledger/entries", `{"account":"a","amountMinor":5}`, "Idempotency-Key", "k")
	},
	"a list over HTTP": func(ctx context.Context, m *monolith) {
		m.callWith(ctx, "GET", "/v1/ledger/accounts/a/entries", "")
	},
	"a quote over gRPC": func(ctx context.Context, m *monolith) {
		_, _ = pb.NewPricingClient(m.rpc).Quote(ctx, &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "a", Quantity: 1}},
		})
	},
	"an append over gRPC": func(ctx context.Context, m *monolith) {
		_, _ = pb.NewLedgerClient(m.rpc).Append(ctx, &pb.AppendRequest{IdempotencyKey: "k", Account: "a", AmountMinor: 5})
	},
	"a list over gRPC": func(ctx context.Context, m *monolith) {
		if stream, err := pb.NewLedgerClient(m.rpc).List(ctx, &pb.ListEntriesRequest{Account: "a"}); err == nil {
			_, _ = stream.Recv()
		}
	},
}

func TestACallerThatGoesAwayCancelsTheEnginesCall(t *testing.T) {
	for _, one := range []struct {
		defect string
		told   bool
		within time.Duration // how long the engine goes on unless it is told
	}{{"", true, 5 * time.Second}, {"ignores-cancel", false, 200 * time.Millisecond}} {
		overBoth(t, func(t *testing.T, e *fakeEngine, settings map[string]string) {
			settings["CUTOVER_DEFECT"] = one.defect
			m := start(t, settings)
			for name, call := range callers {
				ctx, leave := context.WithCancel(t.Context())
				told := make(chan bool, 1)
				e.set(func(ctx context.Context) error {
					leave()
					select {
					case <-ctx.Done():
						told <- true
					case <-time.After(one.within):
						told <- false
					}
					return ctx.Err()
				})
				call(ctx, m)
				if got := <-told; got != one.told {
					t.Errorf("%q, %s: the engine was told: %v", one.defect, name, got)
				}
			}
		})
	}
}
