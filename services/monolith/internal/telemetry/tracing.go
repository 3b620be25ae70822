package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	// spanQueue is how many spans may wait for the collector; more are dropped. Some 8 MiB at most.
	spanQueue = 8192
	// exportDelay is how long a span waits for others to be sent with it.
	exportDelay = 200 * time.Millisecond
	// exportTimeout is what a collector that does not answer costs the exporter, its repeats included.
	exportTimeout = 3 * time.Second
	// blockingTimeout is what it costs a request with the defect that waits for it.
	blockingTimeout = 2 * time.Second
)

// Propagator reads and writes W3C trace context. It ignores a malformed traceparent, which so starts a new trace.
var Propagator propagation.TextMapPropagator = propagation.TraceContext{}

// Tracing makes spans. Without an endpoint they are made but go nowhere: ids still reach logs and the next service.
type Tracing struct {
	trace.Tracer
	provider *sdktrace.TracerProvider
}

// NewTracing exports to the OTLP/HTTP base URL unless it is empty. Spans are queued and sent in batches; a full queue
// drops them, so a slow collector never holds up a request. Whether a span is exported is the caller's choice (the
// sampled flag of its traceparent); what nobody called is.
func NewTracing(ctx context.Context, service, endpoint string, log *slog.Logger) (*Tracing, error) {
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())),
	}
	if endpoint != "" {
		exporter, err := newExporter(ctx, endpoint)
		if err != nil {
			return nil, fmt.Errorf("trace exporter: %w", err)
		}
		options = append(options, sdktrace.WithBatcher(exporter, sdktrace.WithMaxQueueSize(spanQueue),
			sdktrace.WithBatchTimeout(exportDelay), sdktrace.WithExportTimeout(exportTimeout)))
		// The SDK reports failed exports to this process-wide hook only.
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
			log.Warn("telemetry", "error", err.Error())
		}))
	}
	provider := sdktrace.NewTracerProvider(options...)
	return &Tracing{Tracer: provider.Tracer(service), provider: provider}, nil
}

func newExporter(ctx context.Context, endpoint string) (sdktrace.SpanExporter, error) {
	return otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(endpoint+"/v1/traces"),
		// Straight to the endpoint that the setting names, whatever proxy the environment has.
		otlptracehttp.WithProxy(func(*http.Request) (*url.URL, error) { return nil, nil }),
		otlptracehttp.WithTimeout(exportTimeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
			Enabled: true, InitialInterval: 100 * time.Millisecond, MaxInterval: time.Second, MaxElapsedTime: exportTimeout,
		}),
	)
}

// Flush waits until the spans that have ended are exported, or for two seconds. No healthy request does so.
func (t *Tracing) Flush() {
	ctx, cancel := context.WithTimeout(context.Background(), blockingTimeout)
	defer cancel()
	_ = t.provider.ForceFlush(ctx) // what can't be exported is lost, as with the batches
}

// Shutdown sends what is queued.
func (t *Tracing) Shutdown(ctx context.Context) error { return t.provider.Shutdown(ctx) }
