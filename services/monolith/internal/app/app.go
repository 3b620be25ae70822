// Package app puts the monolith together and runs it.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"

	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/config"
	"cutover.dev/monolith/internal/defect"
	"cutover.dev/monolith/internal/grpcapi"
	"cutover.dev/monolith/internal/health"
	"cutover.dev/monolith/internal/httpapi"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/remote"
	"cutover.dev/monolith/internal/request"
	"cutover.dev/monolith/internal/routing"
	"cutover.dev/monolith/internal/shadow"
	"cutover.dev/monolith/internal/store"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/traffic"
)

// App is a monolith that listens but does not serve yet.
type App struct {
	config    config.Config
	log       *slog.Logger
	metrics   *telemetry.Metrics
	tracing   *telemetry.Tracing
	readiness *health.Readiness
	health    *grpcapi.Health
	http      *http.Server
	grpc      *grpc.Server

	httpListener, grpcListener net.Listener

	// What New acquired, in order; Close lets go of it in the reverse order.
	closers []func() error
	// stop ends what runs in the background; running waits for it.
	background context.Context
	stop       context.CancelFunc
	running    sync.WaitGroup
}

// New acquires everything: store, engine clients, listeners. On an error it lets go of what it has.
func New(ctx context.Context, c config.Config, log *slog.Logger) (_ *App, err error) {
	a := &App{config: c, log: log, metrics: telemetry.NewMetrics()}
	a.background, a.stop = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.tracing, err = telemetry.NewTracing(ctx, telemetry.Service, c.OTLPEndpoint, log); err != nil {
		return nil, err
	}
	a.onClose(a.shutdownTracing)
	db, err := store.Open(ctx, c.StoreDSN, a.storeOptions())
	if err != nil {
		return nil, err
	}
	a.onClose(db.Close)
	if err := a.assemble(db); err != nil {
		return nil, err
	}
	if a.httpListener, err = a.listen(ctx, "HTTP_ADDR", c.HTTPAddr); err != nil {
		return nil, err
	}
	if a.grpcListener, err = a.listen(ctx, "GRPC_ADDR", c.GRPCAddr); err != nil {
		return nil, err
	}
	return a, nil
}

// assemble makes the services and the two servers in front of them.
func (a *App) assemble(db store.Store) error {
	c := a.config
	toggle := traffic.NewSwitch(map[traffic.Capability]traffic.Setting{
		traffic.Pricing: c.Pricing.Switch, traffic.Ledger: c.Ledger.Switch,
	})
	toggle.Defects = traffic.Defects{
		SlowRollback: c.Defects.Has(defect.SlowRollback), PartialKill: c.Defects.Has(defect.PartialKillSwitch),
	}
	a.gauges(toggle)
	shadows := shadow.New(a.metrics)
	shadows.Blocks = c.Defects.Has(defect.ShadowBlocks)
	a.onClose(func() error { shadows.Close(); return nil })
	calls, err := a.calls()
	if err != nil {
		return err
	}
	pricingEngine, err := a.connect(c.Pricing, calls)
	if err != nil {
		return err
	}
	ledgerEngine, err := a.connect(c.Ledger, calls)
	if err != nil {
		return err
	}

	prices := &routing.Pricing{
		Local: pricing.Calculator{Work: c.PricingWork}, Remote: pricingEngine, Edge: a.edge("orders-pricing", c.Pricing),
		Switch: toggle, Shadow: shadows, Metrics: a.metrics, Chatty: c.Defects.Has(defect.Chatty),
		NeedsCurrency: c.Defects.Has(defect.ContractBreak),
	}
	salt := a.keySalt()
	book := &routing.Ledger{
		Local:  ledger.Book{Store: db, Appended: a.metrics.LedgerEntries.Inc, Salt: salt},
		Remote: ledgerEngine, Edge: a.edge("orders-ledger", c.Ledger), Switch: toggle, Shadow: shadows, Metrics: a.metrics,
		Salt: salt, FreshKeys: c.Defects.Has(defect.RetryDuplicates), ShadowWrites: c.Defects.Has(defect.ShadowWrites),
	}
	ordering := orders.Service{Store: db, Pricing: prices, Ledger: book, Now: time.Now, Salt: salt}

	a.readiness = &health.Readiness{
		PingStore: db.Ping, Switch: toggle, Engine: a.monitor(ledgerEngine),
		Lies: c.Defects.Has(defect.ReadinessLies), LivenessCoupled: c.Defects.Has(defect.LivenessCoupled),
	}
	a.health = grpcapi.NewHealth()
	runner := &request.Runner{
		Log: a.log, Metrics: a.metrics, Tracer: a.tracing,
		Verifier:  auth.NewVerifier(c.APITokenSecret, auth.ClientAudience, c.Defects.Has(defect.AuthOpen)),
		Timeout:   unlessDefect(c.Defects, defect.NoTimeout, c.RequestTimeout),
		Admission: a.admission(), SharedPool: a.sharedPool(), Export: a.export(), Defects: requestDefects(c.Defects),
	}
	web := &httpapi.API{
		Runner: runner, Pricing: prices, Ledger: book, Orders: ordering, Switch: toggle,
		Engines:   map[traffic.Capability]bool{traffic.Pricing: pricingEngine != nil, traffic.Ledger: ledgerEngine != nil},
		Readiness: a.readiness, Metrics: a.metrics.Handler(), Replication: a.replicate(db, toggle, calls),
	}
	security, err := c.TLS.Server()
	if err != nil {
		return err
	}
	a.http = &http.Server{
		Handler:           web.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
		TLSConfig:         security,
	}
	a.grpc = (&grpcapi.API{
		Runner: runner, Pricing: prices, Ledger: book, Orders: ordering, Health: a.health, TLS: security,
	}).Server()
	return nil
}

// calls are made with these options.
func (a *App) calls() (remote.Options, error) {
	security, err := a.config.TLS.Client()
	return remote.Options{
		Tokens: auth.NewIssuer(a.config.ServiceTokenSecret), TLS: security,
		Untraced: a.config.Defects.Has(defect.DropsTraceparent),
	}, err
}

// connect returns nil, of the interface itself, when there is no engine.
func (a *App) connect(c config.Edge, calls remote.Options) (remote.Engine, error) {
	if c.URL == "" {
		return nil, nil
	}
	engine, err := remote.Connect(c.URL, calls)
	if err != nil {
		return nil, err
	}
	a.onClose(engine.Close)
	return engine, nil
}

func (a *App) listen(ctx context.Context, setting, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s=%q: %w", setting, address, err)
	}
	a.onClose(func() error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) { // the server has usually closed it
			return err
		}
		return nil
	})
	return listener, nil
}

// HTTPAddr is where HTTP is served; with port 0 the system chose it.
func (a *App) HTTPAddr() string { return a.httpListener.Addr().String() }

// GRPCAddr is where gRPC is served.
func (a *App) GRPCAddr() string { return a.grpcListener.Addr().String() }
