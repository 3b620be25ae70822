// Package request is what every API call goes through, whichever protocol it came by: trace, token, deadline, metrics,
// log. HTTP and gRPC differ only in how they read a call and write its answer.
package request

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/admission"
	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/telemetry"
)

// Operation names of the metrics.
const (
	Quote        = "quote"
	LedgerAppend = "ledger-append"
	LedgerGet    = "ledger-get"
	LedgerList   = "ledger-list"
	OrderPlace   = "order-place"
	OrderGet     = "order-get"
)

// Operations is all of them.
var Operations = []string{Quote, LedgerAppend, LedgerGet, LedgerList, OrderPlace, OrderGet}

// Costly are the operations that calculate a quote: only so many of them may be in work at once.
var Costly = []string{Quote, OrderPlace}

// Call is what a protocol knows of a request before it is handled.
type Call struct {
	Operation     string
	Protocol      string             // "http" or "grpc"
	Via           attribute.KeyValue // how it was made, for its span
	Authorization string
	Trace         propagation.TextMapCarrier
	// Tenant is on whose behalf the call is made; empty: nobody says so.
	Tenant string
	// Timeout is the caller's own, 0 for none; gRPC's is in the context already.
	Timeout time.Duration
}

// Runner handles calls.
type Runner struct {
	Log      *slog.Logger
	Metrics  *telemetry.Metrics
	Tracer   trace.Tracer
	Verifier *auth.Verifier
	Timeout  time.Duration // of a whole request; 0: none
	// Admission may refuse a call before any work is done for it; nil: everything is let in.
	Admission *admission.Control
	// SharedPool is a defect: each call holds one of its slots until it is answered; nil: none is needed.
	SharedPool chan struct{}
	// Export is a defect: each call waits for its span's export before it is answered; nil: none does.
	Export  func()
	Defects Defects

	succeeded atomic.Uint64 // calls, for one of the defects
}

// Run handles one call and returns its failure, nil if none.
func (r *Runner) Run(ctx context.Context, call Call, handle func(context.Context) error) error {
	start := time.Now()
	r.Metrics.InFlight.Inc()
	defer r.Metrics.InFlight.Dec()
	ctx = telemetry.Propagator.Extract(ctx, call.Trace)
	ctx, span := r.Tracer.Start(ctx, call.Operation, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("operation", call.Operation), attribute.String("protocol", call.Protocol), call.Via))
	defer func() {
		span.End()
		if r.Export != nil {
			r.Export()
		}
	}()

	for _, timeout := range []time.Duration{r.Timeout, call.Timeout} {
		if timeout > 0 { // of several deadlines a context keeps the earliest
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
	}
	err := r.Verifier.Check(call.Authorization)
	if err == nil {
		err = r.admitted(ctx, call, handle)
	}
	code := failure.Name(failure.CodeOf(err))
	span.SetAttributes(attribute.String("code", code))
	if err != nil {
		span.SetStatus(otelcodes.Error, code)
	}
	r.record(ctx, call, time.Since(start), err)
	return err
}

func (r *Runner) admitted(ctx context.Context, call Call, handle func(context.Context) error) error {
	if r.Admission != nil {
		leave, err := r.Admission.Enter(call.Operation, call.Tenant, slices.Contains(Costly, call.Operation))
		if err != nil {
			return err
		}
		defer leave()
	}
	if r.SharedPool != nil {
		select {
		case r.SharedPool <- struct{}{}:
			defer func() { <-r.SharedPool }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return guarded(ctx, handle)
}

// guarded turns a panic into a failure of this one request.
func guarded(ctx context.Context, handle func(context.Context) error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = failure.Wrap(fmt.Errorf("panic: %v\n%s", reason, debug.Stack()), codes.Internal, "internal error")
		}
	}()
	return handle(ctx)
}

func (r *Runner) record(ctx context.Context, call Call, took time.Duration, err error) {
	code := failure.CodeOf(err)
	r.Metrics.Requests.WithLabelValues(call.Operation, call.Protocol, r.counted(code)).Inc()
	r.Metrics.RequestDuration.WithLabelValues(call.Operation, call.Protocol).Observe(took.Seconds())

	level, message := slog.LevelDebug, "request"
	if err != nil {
		level, message = slog.LevelWarn, "request failed"
	}
	if !r.Log.Enabled(ctx, level) {
		return
	}
	span := trace.SpanContextFromContext(ctx)
	attributes := []slog.Attr{
		slog.String("trace_id", span.TraceID().String()),
		slog.String("span_id", span.SpanID().String()),
		slog.String("operation", call.Operation),
		slog.String("protocol", call.Protocol),
		slog.String("code", failure.Name(code)),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
	}
	if err != nil {
		attributes = append(attributes, slog.String("error", err.Error()))
	}
	r.Log.LogAttrs(ctx, level, message, attributes...)
}
