// Package httpapi serves HTTP/JSON.
package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/health"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/request"
	"cutover.dev/monolith/internal/traffic"
)

// API is what the routes need. Engines tells which capabilities have an engine to switch to.
type API struct {
	Runner    *request.Runner
	Pricing   pricing.Pricer
	Ledger    ledger.Ledger
	Orders    orders.Service
	Switch    *traffic.Switch
	Engines   map[traffic.Capability]bool
	Readiness *health.Readiness
	Metrics   http.Handler

	Replication Replication
}

// Route is one line of the API's table, which the OpenAPI document repeats.
type Route struct {
	Method, Path string
	handler      http.Handler
}

// Routes is the table.
func (a *API) Routes() []Route {
	return []Route{
		{"POST", "/v1/quotes", a.operation(request.Quote, a.quote)},
		{"POST", "/v1/ledger/entries", a.operation(request.LedgerAppend, a.appendEntry)},
		{"GET", "/v1/ledger/entries/{id}", a.operation(request.LedgerGet, a.getEntry)},
		{"GET", "/v1/ledger/accounts/{account}/entries", a.operation(request.LedgerList, a.listEntries)},
		{"POST", "/v1/orders", a.operation(request.OrderPlace, a.placeOrder)},
		{"GET", "/v1/orders/{id}", a.operation(request.OrderGet, a.getOrder)},
		{"GET", "/v1/ledger/events", a.admin(a.listEvents)},
		{"GET", "/v1/ledger/reconciliation", a.admin(a.reconcile)},
		{"GET", "/v1/ledger/hashes", a.admin(a.listHashes)},
		{"POST", "/v1/replication/entries", a.peer(a.receive)},
		{"POST", "/admin/replication/replay", a.admin(a.replay)},
		{"GET", "/admin/switch", a.admin(a.getSwitch)},
		{"PUT", "/admin/switch/{capability}", a.admin(a.setSwitch)},
		{"PUT", "/admin/kill-switch", a.admin(a.setKillSwitch)},
		{"GET", "/livez", http.HandlerFunc(a.live)},
		{"GET", "/readyz", http.HandlerFunc(a.ready)},
		{"GET", "/metrics", a.Metrics},
	}
}

// Handler serves the table.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range a.Routes() {
		mux.Handle(route.Method+" "+route.Path, route.handler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.Readiness.Draining() {
			// The client opens its next connection elsewhere instead of meeting a closed one here.
			w.Header().Set("Connection", "close")
		}
		if handler, pattern := mux.Handler(r); pattern == "" {
			writeUnrouted(w, r, handler)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// operation handles a request of the API proper.
func (a *API) operation(name string, handle func(*reply, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &reply{ResponseWriter: w}
		timeout, badTimeout := callerTimeout(r)
		call := request.Call{
			Operation: name, Protocol: "http", Timeout: timeout,
			Authorization: r.Header.Get("Authorization"), Trace: propagation.HeaderCarrier(r.Header),
			Tenant: r.Header.Get("X-Tenant-Id"), Via: attribute.String("http.request.method", r.Method),
		}
		err := a.Runner.Run(r.Context(), call, func(ctx context.Context) error {
			if badTimeout != nil {
				return badTimeout
			}
			return handle(out, r.WithContext(ctx))
		})
		out.finish(err)
	})
}

// admin needs the client token too, but is no operation: it is in no metric of the traffic.
func (a *API) admin(handle func(*reply, *http.Request) error) http.Handler {
	return aside(func() *auth.Verifier { return a.Runner.Verifier }, handle)
}

// peer needs the peer's token, and is no operation either.
func (a *API) peer(handle func(*reply, *http.Request) error) http.Handler {
	return aside(func() *auth.Verifier { return a.Replication.Verifier }, handle)
}

func aside(verifier func() *auth.Verifier, handle func(*reply, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &reply{ResponseWriter: w}
		err := verifier().Check(r.Header.Get("Authorization"))
		if err == nil {
			err = handle(out, r)
		}
		out.finish(err)
	})
}

func callerTimeout(r *http.Request) (time.Duration, error) {
	text := r.Header.Get("X-Request-Timeout-Ms")
	if text == "" {
		return 0, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	const most = int64(24 * time.Hour / time.Millisecond)
	if err != nil || ms < 1 {
		return 0, failure.New(codes.InvalidArgument, "X-Request-Timeout-Ms must be a whole number from 1")
	}
	return time.Duration(min(ms, most)) * time.Millisecond, nil
}
