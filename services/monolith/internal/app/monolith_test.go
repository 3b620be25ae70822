package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"cutover.dev/monolith/internal/config"
	"cutover.dev/monolith/internal/telemetry/telemetrytest"
)

// monolith is a running one, on ports of its own.
type monolith struct {
	*App
	t      *testing.T
	base   string // URL
	client *http.Client
	rpc    *grpc.ClientConn
	log    *syncBuffer
	// end asks it to drain, ended tells how that went.
	end   context.CancelFunc
	ended <-chan error
}

type syncBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}

func start(t *testing.T, variables map[string]string) *monolith {
	t.Helper()
	all := map[string]string{
		"HTTP_ADDR": "127.0.0.1:0", "GRPC_ADDR": "127.0.0.1:0", "STORE_DSN": filepath.Join(t.TempDir(), "db"),
		"DRAIN_TIMEOUT": "100ms",
	}
	maps.Copy(all, variables)
	settings, err := config.Load(func(name string) string { return all[name] })
	if err != nil {
		t.Fatal(err)
	}
	m := &monolith{t: t, log: &syncBuffer{}, client: &http.Client{Transport: &http.Transport{}}}
	m.App, err = New(t.Context(), settings, slog.New(slog.NewJSONHandler(m.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	m.base = "http://" + m.HTTPAddr()
	m.rpc, err = grpc.NewClient(m.GRPCAddr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	m.end, m.ended = end, ended
	done := make(chan struct{})
	go func() {
		ended <- m.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		m.client.CloseIdleConnections()
		_ = m.rpc.Close()
		end()
		<-done
	})
	return m
}

type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// into decodes the body.
func (a answer) into(t *testing.T, value any) {
	t.Helper()
	if a.err != nil {
		t.Fatal(a.err)
	}
	if err := json.Unmarshal([]byte(a.body), value); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
}

func (a answer) code() string {
	var body struct{ Error struct{ Code string } }
	_ = json.Unmarshal([]byte(a.body), &body)
	return body.Error.Code
}

// call sends a request; headers are name, value, ….
func (m *monolith) call(method, path, body string, headers ...string) answer {
	return m.callWith(context.Background(), method, path, body, headers...)
}

func (m *monolith) callWith(ctx context.Context, method, path, body string, headers ...string) answer {
	request, err := http.NewRequestWithContext(ctx, method, m.base+path, bytes.NewBufferString(body))
	if err != nil {
		return answer{err: err}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := m.client.Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(content), err}
}

const quoteBody = `{"customerId":"c","lines":[{"sku":"SKU-1","quantity":10}]}`

func (m *monolith) quote(headers ...string) (servedBy string, a answer) {
	m.t.Helper()
	a = m.call("POST", "/v1/quotes", quoteBody, headers...)
	var quote struct{ ServedBy string }
	if a.status == http.StatusOK {
		a.into(m.t, &quote)
	}
	return quote.ServedBy, a
}

func (m *monolith) append(key string) answer {
	return m.call("POST", "/v1/ledger/entries", `{"account":"a","amountMinor":5}`, "Idempotency-Key", key)
}

func (m *monolith) metric(name string, labels ...string) float64 {
	m.t.Helper()
	return telemetrytest.Value(m.t, m.metrics.Gatherer(), name, labels...)
}

// eventually waits for a condition that something in the background brings about.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
