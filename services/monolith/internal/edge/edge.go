// Package edge makes calls over a dependency that can fail: a time-out per attempt, a circuit breaker, and retries
// within a budget. It knows nothing of what is called.
package edge

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/telemetry"
)

// Options are an edge's settings.
type Options struct {
	Name        string
	Timeout     time.Duration // per attempt; 0: none
	Threshold   uint32        // consecutive failures that open the breaker
	OpenTime    time.Duration
	RetryBudget float64 // retries allowed as a share of first attempts
	Metrics     *telemetry.Metrics
	Tracer      trace.Tracer
	Defects     Defects
}

// Edge is one caller→callee dependency.
type Edge struct {
	name     string
	timeout  time.Duration
	breaker  *gobreaker.CircuitBreaker[struct{}]
	budget   *budget
	jitter   func(limit time.Duration) time.Duration
	tracer   trace.Tracer
	metrics  *telemetry.Metrics
	duration prometheus.Observer
	rejected prometheus.Counter
	retries  prometheus.Counter
	defects  Defects
}

// New makes an edge and registers its metrics, all at zero: a rate needs a first value.
func New(o Options) *Edge {
	e := &Edge{
		name: o.Name, timeout: o.Timeout, tracer: o.Tracer, metrics: o.Metrics, defects: o.Defects,
		budget:   newBudget(o.RetryBudget),
		jitter:   func(limit time.Duration) time.Duration { return rand.N(limit) },
		duration: o.Metrics.EdgeAttemptDuration.WithLabelValues(o.Name),
		rejected: o.Metrics.EdgeRejected.WithLabelValues(o.Name),
		retries:  o.Metrics.EdgeRetries.WithLabelValues(o.Name),
	}
	for _, one := range outcomes {
		o.Metrics.EdgeAttempts.WithLabelValues(o.Name, string(one))
	}
	e.breaker = newBreaker(o)
	return e
}

// Call makes the call, with retries where the failure allows it. An attempt must be safe to repeat.
func Call[T any](ctx context.Context, e *Edge, attempt func(context.Context) (T, error)) (T, error) {
	e.budget.deposit()
	for retry := 0; ; retry++ {
		value, err := once(ctx, e, retry+1, attempt)
		if err == nil || !e.mayRetry(ctx, err, retry) {
			return value, err
		}
	}
}

// Once makes one attempt through the breaker.
func Once[T any](ctx context.Context, e *Edge, attempt func(context.Context) (T, error)) (T, error) {
	return once(ctx, e, 1, attempt)
}

// once makes the attempt of this number, from 1.
func once[T any](ctx context.Context, e *Edge, number int, attempt func(context.Context) (T, error)) (T, error) {
	var value T
	if err := ctx.Err(); err != nil {
		return value, err // too late to try: says nothing about the callee
	}
	try := func() (_ struct{}, err error) {
		value, err = measured(ctx, e, number, attempt)
		return struct{}{}, err
	}
	_, err := e.breaker.Execute(try)
	if e.defects.ProbeAll && errors.Is(err, gobreaker.ErrTooManyRequests) {
		_, err = try() // beside the one probe that the breaker knows of, which closes or re-opens it as usual
	}
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		e.rejected.Inc()
		trace.SpanFromContext(ctx).AddEvent("breaker open", trace.WithAttributes(attribute.String("cutover.edge", e.name)))
		return value, failure.Wrap(err, codes.Unavailable, "the circuit breaker of %s is open", e.name)
	}
	return value, err
}

// measured makes the attempt in a span of its own. The edge does not know what is called: whoever calls names the span.
func measured[T any](ctx context.Context, e *Edge, number int, attempt func(context.Context) (T, error)) (T, error) {
	attemptCtx, span := e.tracer.Start(ctx, e.name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("cutover.edge", e.name), attribute.Int("cutover.attempt", number)))
	defer span.End()
	if e.defects.IgnoreCancel {
		var cancel context.CancelFunc
		attemptCtx, cancel = withoutCancel(attemptCtx)
		defer cancel()
	}
	if e.timeout > 0 {
		var cancel context.CancelFunc
		attemptCtx, cancel = context.WithTimeout(attemptCtx, e.timeout)
		defer cancel()
	}
	start := time.Now()
	value, err := attempt(attemptCtx)
	e.duration.Observe(time.Since(start).Seconds())
	result := classify(ctx, err)
	e.metrics.EdgeAttempts.WithLabelValues(e.name, string(result)).Inc()
	span.SetAttributes(
		attribute.String("outcome", string(result)), attribute.String("code", failure.Name(failure.CodeOf(err))))
	if err != nil {
		span.SetStatus(otelcodes.Error, string(result))
		return value, &attemptError{outcome: result, err: err}
	}
	return value, nil
}
