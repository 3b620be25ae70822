package app

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
)

const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
	traceparent  = "00-" + callersTrace + "-" + callersSpan + "-01"
)

// One tree: the caller's span, the server's, a client's for each attempt, and the engine's below that.
func TestEachAttemptHasItsSpan(t *testing.T) {
	for _, protocol := range edgeProtocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			var engine refuser
			url, exported := engine.start(t, protocol), collect(t)
			m := start(t, map[string]string{
				"LEDGER_URL": url, "LEDGER_SWITCH": "full", "LEDGER_TIMEOUT": "5s", "REQUEST_TIMEOUT": "20s",
				"OTLP_ENDPOINT": exported.url,
			})
			m.call("POST", "/v1/ledger/entries", `{"account":"a","amountMinor":5}`,
				"Idempotency-Key", "k", "traceparent", traceparent)
			eventually(t, "the spans", func() bool {
				return len(exported.servers("ledger-append")) == 1 && len(exported.clients("ledger-append")) == 3
			})
			server := exported.servers("ledger-append")[0]
			if hex.EncodeToString(server.GetTraceId()) != callersTrace || hex.EncodeToString(server.GetParentSpanId()) != callersSpan ||
				text(server, "http.request.method") != "POST" || text(server, "code") != "UNAVAILABLE" {
				t.Errorf("server: %v", server)
			}
			how, value := "rpc.system", "grpc"
			if protocol == "http" {
				how, value = "http.request.method", "POST"
			}
			for i, client := range exported.clients("ledger-append") {
				if string(client.GetParentSpanId()) != string(server.GetSpanId()) || text(client, "cutover.edge") != "orders-ledger" ||
					attribute(client.GetAttributes(), "cutover.attempt").GetIntValue() != int64(i+1) || text(client, how) != value {
					t.Errorf("attempt %d: %v", i+1, client)
				}
				want := "00-" + callersTrace + "-" + hex.EncodeToString(client.GetSpanId()) + "-01"
				if got := engine.attempts[i].traceparent; got != want {
					t.Errorf("attempt %d went out with %s, want %s", i+1, got, want)
				}
			}
			var line struct {
				Msg     string
				TraceID string `json:"trace_id"`
				SpanID  string `json:"span_id"`
			}
			for text := range strings.Lines(m.log.String()) {
				if err := json.Unmarshal([]byte(text), &line); err == nil && line.Msg == "request failed" {
					break
				}
			}
			if line.TraceID != callersTrace || line.SpanID != hex.EncodeToString(server.GetSpanId()) {
				t.Errorf("the log says %+v", line)
			}
		})
	}
}

// What is refused has its span too, by both protocols, and so its place in the caller's trace.
func TestRejectionsHaveTheirSpans(t *testing.T) {
	quotes := func(m *monolith) {
		m.quote("traceparent", traceparent)
		ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", traceparent)
		_, _ = pb.NewPricingClient(m.rpc).Quote(ctx, &pb.QuoteRequest{
			CustomerId: "c", Lines: []*pb.QuoteLine{{Sku: "s", Quantity: 1}},
		})
	}
	for name, one := range map[string]struct {
		settings map[string]string
		code     string
	}{
		"unauthenticated": {map[string]string{"API_TOKEN_SECRET": "s"}, "UNAUTHENTICATED"},
		"over the quota":  {map[string]string{"TENANT_QUOTA": "0.001", "TENANT_BURST": "1"}, "RESOURCE_EXHAUSTED"},
	} {
		t.Run(name, func(t *testing.T) {
			exported := collect(t)
			one.settings["OTLP_ENDPOINT"] = exported.url
			m := start(t, one.settings)
			m.call("GET", "/v1/orders/x", "") // uses up the quota
			quotes(m)
			wantRejected(t, exported, one.code, 2)
		})
	}
	t.Run("shed", func(t *testing.T) {
		exported := collect(t)
		quotes(oneInWork(t, "", "OTLP_ENDPOINT", exported.url))
		wantRejected(t, exported, "RESOURCE_EXHAUSTED", 2)
	})
	t.Run("breaker open", func(t *testing.T) {
		exported := collect(t)
		m, e := withEngine(t, "LEDGER_SWITCH", "full", "BREAKER_THRESHOLD", "1", "BREAKER_OPEN_TIME", "1h", "RETRY_BUDGET", "0",
			"OTLP_ENDPOINT", exported.url)
		e.fail(codes.Unavailable)
		m.append("k") // opens it
		for range 2 {
			m.call("GET", "/v1/ledger/accounts/a/entries", "", "traceparent", traceparent)
		}
		eventually(t, "the spans", func() bool { return len(exported.servers("ledger-list")) == 2 })
		if attempts := exported.clients("ledger-list"); len(attempts) != 0 {
			t.Errorf("an attempt that was never made has a span: %v", attempts)
		}
		for _, span := range exported.servers("ledger-list") {
			if text(span, "code") != "UNAVAILABLE" || len(span.GetEvents()) != 1 || span.GetEvents()[0].GetName() != "breaker open" {
				t.Errorf("%v", span)
			}
		}
	})
}

func wantRejected(t *testing.T, exported *spans, code string, want int) {
	t.Helper()
	rejected := 0
	eventually(t, fmt.Sprintf("%d spans with %s in the caller's trace", want, code), func() bool {
		rejected = 0
		for _, span := range exported.servers("quote") {
			if hex.EncodeToString(span.GetTraceId()) == callersTrace && text(span, "code") == code {
				rejected++
			}
		}
		return rejected == want
	})
}

func TestTheCallersSampledFlagIsFollowed(t *testing.T) {
	exported := collect(t)
	m := start(t, map[string]string{"OTLP_ENDPOINT": exported.url})
	m.quote("traceparent", strings.TrimSuffix(traceparent, "01")+"00")
	m.quote("traceparent", "malformed") // a new trace, which is exported
	m.append("k")                       // nobody called: so is this
	eventually(t, "two spans", func() bool {
		return len(exported.servers("quote")) == 1 && len(exported.servers("ledger-append")) == 1
	})
	for _, span := range append(exported.servers("quote"), exported.servers("ledger-append")...) {
		if len(span.GetParentSpanId()) != 0 || hex.EncodeToString(span.GetTraceId()) == callersTrace {
			t.Errorf("not the root of a new trace: %v", span)
		}
	}
}

func TestDefectDropsTraceparent(t *testing.T) {
	for _, protocol := range edgeProtocols {
		for defect, carried := range map[string]bool{"": true, "drops-traceparent": false} {
			var engine refuser
			url := engine.start(t, protocol)
			m := start(t, map[string]string{"PRICING_URL": url, "PRICING_SWITCH": "full", "CUTOVER_DEFECT": defect})
			if by, a := m.quote("traceparent", traceparent); by != "monolith" {
				t.Error(a)
			}
			for _, one := range engine.take() {
				if (one.traceparent != "") != carried {
					t.Errorf("%s, %q: the engine got traceparent %q", protocol, defect, one.traceparent)
				}
			}
		}
	}
}

// A collector that never answers costs the healthy service nothing. With the defect, each request waits for it.
func TestDefectBlockingExporter(t *testing.T) {
	for defect, before := range map[string]bool{"": false, "blocking-exporter": true} {
		arrived, release := make(chan struct{}, 100), make(chan struct{})
		hanging := newHangingCollector(t, arrived, release)
		m := start(t, map[string]string{"OTLP_ENDPOINT": hanging, "CUTOVER_DEFECT": defect})
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			if a := m.call("GET", "/v1/ledger/entries/"+ledger.EntryID("k"), ""); a.code() != failure.Name(codes.NotFound) {
				t.Error(a)
			}
		}()
		if before {
			select {
			case <-arrived: // the span was sent while the request still waits
			case <-answered:
				t.Errorf("%q: answered before the export", defect)
			}
			close(release)
			<-answered
		} else {
			<-answered // although the collector hangs
			close(release)
		}
	}
}

func newHangingCollector(t *testing.T, arrived chan<- struct{}, release <-chan struct{}) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	t.Cleanup(server.Close)
	return server.URL
}
