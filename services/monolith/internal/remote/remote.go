// Package remote is the engine, over gRPC or HTTP, behind the same interfaces as the in-process implementations. One
// call here is one attempt: time-outs, retries and the breaker are the edge's.
package remote

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/propagation"

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

// Connect makes a client for grpc://host:port or http://host:port. It does not dial yet.
func Connect(address string, tokens *auth.Issuer) (Engine, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("engine address %q: %w", address, err)
	}
	switch target.Scheme {
	case "grpc":
		return dialGRPC(target.Host, tokens)
	case "http":
		return newHTTP(address, tokens), nil
	}
	return nil, fmt.Errorf("engine address %q: neither grpc:// nor http://", address)
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

func inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	telemetry.Propagator.Inject(ctx, carrier)
}
