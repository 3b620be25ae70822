// Package remote is the engine, over gRPC or HTTP, behind the same interfaces as the in-process implementations. One
// call here is one attempt: time-outs, retries and the breaker are the edge's.
package remote

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/telemetry"
)

// Engine is everything the engine does.
type Engine interface {
	pricing.Pricer
	ledger.Ledger
	// Healthy reports whether the engine says that it is ready.
	Healthy(ctx context.Context) error
	Close() error
}

// Options are what every call to an engine is made with.
type Options struct {
	Tokens *auth.Issuer
	TLS    *tls.Config // for grpcs:// and https://; nil: as the system has it
	// Untraced is a defect: calls carry no trace context.
	Untraced bool
}

// Connect makes a client for grpc://host:port or http://host:port, with an s for TLS. It does not dial yet.
func Connect(address string, o Options) (Engine, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("engine address %q: %w", address, err)
	}
	switch target.Scheme {
	case "grpc":
		return dialGRPC(target.Host, insecure.NewCredentials(), o)
	case "grpcs":
		return dialGRPC(target.Host, credentials.NewTLS(o.TLS), o)
	case "http", "https":
		return newHTTP(address, o), nil
	}
	return nil, fmt.Errorf("engine address %q: none of grpc://, grpcs://, http://, https://", address)
}

// timeoutHeader passes on over HTTP what gRPC passes on by itself: the time that is left.
const timeoutHeader = "X-Request-Timeout-Ms"

// timeLeft is the rest of the context's deadline as the header's value, "" without one.
func timeLeft(ctx context.Context) string {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ""
	}
	return strconv.FormatInt(max(1, time.Until(deadline).Milliseconds()), 10)
}

// inject writes the trace context of the attempt's span.
func (o Options) inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if !o.Untraced {
		telemetry.Propagator.Inject(ctx, carrier)
	}
}

// describe says in the attempt's span, which the edge has begun, what is called and how.
func describe(ctx context.Context, operation string, how attribute.KeyValue) {
	span := trace.SpanFromContext(ctx)
	span.SetName(operation)
	span.SetAttributes(how)
}
