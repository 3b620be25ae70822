package app

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/grpcapi"
	"cutover.dev/monolith/internal/health"
	"cutover.dev/monolith/internal/httpapi"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/request"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/traffic"
)

// fakeEngine is an engine with a book in memory, served over real gRPC and HTTP connections. behave comes before each
// call and may fail it or hold it up; after comes once its work is done.
type fakeEngine struct {
	behave, after atomic.Pointer[func(context.Context) error]
	calls         atomic.Int32
	traces        sync.Map // trace ids seen
	quoted        atomic.Pointer[pricing.Request]

	mutex   sync.Mutex
	entries map[string]ledger.Entry
	wrong   atomic.Bool // prices are off by one

	http net.Listener
	grpc net.Listener
	stop func()
}

func startEngine(t *testing.T) *fakeEngine {
	t.Helper()
	e := &fakeEngine{entries: map[string]ledger.Entry{}}
	e.start(t, "127.0.0.1:0", "127.0.0.1:0")
	t.Cleanup(func() { e.stop() })
	return e
}

func (e *fakeEngine) start(t *testing.T, httpAddr, grpcAddr string) {
	t.Helper()
	var err error
	if e.http, err = net.Listen("tcp", httpAddr); err != nil {
		t.Fatal(err)
	}
	if e.grpc, err = net.Listen("tcp", grpcAddr); err != nil {
		t.Fatal(err)
	}
	runner := &request.Runner{
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: telemetry.NewMetrics(),
		Tracer: noop.NewTracerProvider().Tracer(""), Verifier: auth.NewVerifier("", auth.ClientAudience, false),
	}
	grpcHealth := grpcapi.NewHealth()
	grpcHealth.SetReady(true)
	rpc := (&grpcapi.API{Runner: runner, Pricing: e, Ledger: e, Health: grpcHealth}).Server()
	web := &http.Server{Handler: (&httpapi.API{
		Runner: runner, Pricing: e, Ledger: e, Metrics: http.NotFoundHandler(),
		Readiness: &health.Readiness{
			PingStore: func(context.Context) error { return nil }, Switch: traffic.NewSwitch(nil),
		},
	}).Handler()}
	go func() { _ = rpc.Serve(e.grpc) }()
	go func() { _ = web.Serve(e.http) }()
	e.stop = func() {
		rpc.Stop()
		_ = web.Close()
	}
}

func (e *fakeEngine) url(protocol string) string {
	if protocol == "grpc" {
		return "grpc://" + e.grpc.Addr().String()
	}
	return "http://" + e.http.Addr().String()
}

func (e *fakeEngine) set(behave func(context.Context) error) { e.behave.Store(&behave) }
func (e *fakeEngine) fail(code codes.Code) {
	e.set(func(context.Context) error { return failure.New(code, "as told") })
}
func (e *fakeEngine) heal() { e.behave.Store(nil); e.after.Store(nil) }

func (e *fakeEngine) arrive(ctx context.Context) error {
	e.calls.Add(1)
	e.traces.Store(trace.SpanContextFromContext(ctx).TraceID().String(), true)
	return run(ctx, &e.behave)
}

func run(ctx context.Context, hook *atomic.Pointer[func(context.Context) error]) error {
	if call := hook.Load(); call != nil {
		return (*call)(ctx)
	}
	return nil
}

func (e *fakeEngine) Quote(ctx context.Context, asked pricing.Request) (pricing.Quote, error) {
	e.quoted.Store(&asked)
	if err := e.arrive(ctx); err != nil {
		return pricing.Quote{}, err
	}
	quote, err := pricing.Calculator{}.Quote(ctx, asked)
	quote.ServedBy = "engine"
	if e.wrong.Load() {
		quote.TotalMinor++
	}
	return quote, err
}

func (e *fakeEngine) Append(ctx context.Context, asked ledger.AppendRequest) (ledger.Entry, bool, error) {
	if err := e.arrive(ctx); err != nil {
		return ledger.Entry{}, false, err
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	id := ledger.EntryID(asked.IdempotencyKey)
	known, ok := e.entries[id]
	if ok {
		return known, false, known.Answers(asked)
	}
	entry := ledger.Entry{
		ID: id, Account: asked.Account, AmountMinor: asked.AmountMinor, Reference: asked.Reference,
		Sequence: 1, BalanceMinor: asked.AmountMinor, CommittedAtMs: 1, StoredBy: "engine",
	}
	for _, other := range e.entries {
		if other.Account == entry.Account {
			entry.Sequence++
			entry.BalanceMinor += other.AmountMinor
		}
	}
	e.entries[id] = entry
	return entry, true, run(ctx, &e.after)
}

func (e *fakeEngine) Get(ctx context.Context, id string) (ledger.Entry, error) {
	if err := e.arrive(ctx); err != nil {
		return ledger.Entry{}, err
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if entry, ok := e.entries[id]; ok {
		return entry, nil
	}
	return ledger.Entry{}, failure.New(codes.NotFound, "unknown")
}

func (e *fakeEngine) List(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
	if err := e.arrive(ctx); err != nil {
		return err
	}
	e.mutex.Lock()
	entries := slices.SortedFunc(maps.Values(e.entries), func(a, b ledger.Entry) int { return int(a.Sequence - b.Sequence) })
	e.mutex.Unlock()
	left := query.EffectiveLimit()
	for _, entry := range entries {
		if entry.Account == query.Account && entry.Sequence > query.AfterSequence && left > 0 {
			left--
			if err := emit(entry); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *fakeEngine) stored() int {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return len(e.entries)
}
