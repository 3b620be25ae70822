package app

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/health"
	"cutover.dev/monolith/internal/httpapi"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/remote"
	"cutover.dev/monolith/internal/replication"
	"cutover.dev/monolith/internal/request"
	"cutover.dev/monolith/internal/store"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/telemetry/telemetrytest"
	"cutover.dev/monolith/internal/traffic"
)

// other is an engine whose ledger is a real store. It is served and replicated by the same code as the monolith's, under
// the engine's name.
type other struct {
	t        *testing.T
	path     string
	security *tls.Config
	listener net.Listener
	metrics  *telemetry.Metrics
	db       *store.SQL
	receiver *replication.Receiver

	web     *http.Server
	stop    context.CancelFunc
	running sync.WaitGroup
}

func startOther(t *testing.T, security *tls.Config) *other {
	t.Helper()
	o := &other{t: t, path: filepath.Join(t.TempDir(), "other"), security: security}
	o.start("127.0.0.1:0")
	t.Cleanup(o.end)
	return o
}

func (o *other) start(address string) {
	o.t.Helper()
	var err error
	if o.listener, err = net.Listen("tcp", address); err != nil {
		o.t.Fatal(err)
	}
	if o.db, err = store.Open(context.Background(), o.path, store.Options{StoredBy: "engine"}); err != nil {
		o.t.Fatal(err)
	}
	o.metrics = telemetry.NewMetrics()
	o.receiver = &replication.Receiver{Store: o.db, Own: "engine", Metrics: o.metrics}
	silent := slog.New(slog.NewTextHandler(io.Discard, nil))
	runner := &request.Runner{
		Log: silent, Metrics: o.metrics, Tracer: noop.NewTracerProvider().Tracer(""),
		Verifier: auth.NewVerifier("", auth.ClientAudience, false),
	}
	o.web = &http.Server{TLSConfig: o.security, ErrorLog: slog.NewLogLogger(silent.Handler(), slog.LevelError), Handler: (&httpapi.API{
		Runner: runner, Pricing: pricing.Calculator{}, Metrics: http.NotFoundHandler(),
		Ledger:    ledger.Book{Store: o.db, Appended: func() {}},
		Readiness: &health.Readiness{PingStore: o.db.Ping, Switch: traffic.NewSwitch(nil)},
		Replication: httpapi.Replication{
			Store: o.db, Receiver: o.receiver, Peer: "monolith", Verifier: auth.NewVerifier("", "engine", false),
		},
	}).Handler()}
	web, listener := o.web, o.listener
	o.running.Go(func() {
		if o.security != nil {
			_ = web.ServeTLS(listener, "", "")
		} else {
			_ = web.Serve(listener)
		}
	})
}

// replicateTo pushes to a monolith.
func (o *other) replicateTo(url string, options remote.Options) {
	ctx, stop := context.WithCancel(context.Background())
	o.stop = stop
	options.Tokens = auth.NewIssuer("")
	to := remote.ConnectPeer(url, options)
	replicator := &replication.Replicator{
		Store: o.db, Push: to.Push, Own: "engine", Interval: 5 * time.Millisecond,
		Metrics: o.metrics, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	o.running.Go(func() {
		replicator.Run(ctx)
		_ = to.Close()
	})
}

func (o *other) end() {
	if o.stop != nil {
		o.stop()
	}
	_ = o.web.Close()
	o.running.Wait()
	if err := o.db.Close(); err != nil {
		o.t.Error(err)
	}
}

func (o *other) url() string {
	scheme := "http://"
	if o.security != nil {
		scheme = "https://"
	}
	return scheme + o.listener.Addr().String()
}

func (o *other) metric(name string) float64 {
	o.t.Helper()
	return telemetrytest.Value(o.t, o.metrics.Gatherer(), name)
}

func (o *other) reconciliation() replication.Reconciliation {
	o.t.Helper()
	state, err := replication.Reconcile(context.Background(), o.db, "monolith")
	if err != nil {
		o.t.Fatal(err)
	}
	return state
}

// ids of an account's entries, in the order in which this side got them.
func (o *other) ids(account string) (ids []string) {
	o.t.Helper()
	query := ledger.Query{Account: account, Limit: math.MaxUint32}
	err := o.db.Entries(context.Background(), query, func(e ledger.Entry) error { ids = append(ids, e.ID); return nil })
	if err != nil {
		o.t.Fatal(err)
	}
	return ids
}

func (m *monolith) reconciliation() (state replication.Reconciliation) {
	m.t.Helper()
	m.call("GET", "/v1/ledger/reconciliation", "").into(m.t, &state)
	return state
}

// level waits until neither side has anything to push, and returns what each has then.
func level(t *testing.T, m *monolith, o *other) (here, there replication.Reconciliation) {
	t.Helper()
	eventually(t, "both outboxes are empty", func() bool {
		here, there = m.reconciliation(), o.reconciliation()
		return here.Outbox == 0 && there.Outbox == 0
	})
	return m.reconciliation(), o.reconciliation()
}
