package telemetry

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Propagator reads and writes W3C trace context. It ignores a malformed traceparent, which so starts a new trace.
var Propagator propagation.TextMapPropagator = propagation.TraceContext{}

// Tracing makes spans. Without an endpoint they are made but go nowhere: ids still reach logs and the next service.
type Tracing struct {
	trace.Tracer
	provider *sdktrace.TracerProvider
}

// NewTracing exports to the OTLP/HTTP base URL unless it is empty. Spans are queued and sent in batches; a full queue
// drops them, so a slow collector never holds up a request.
func NewTracing(ctx context.Context, service, endpoint string, log *slog.Logger) (*Tracing, error) {
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
	}
	if endpoint != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint+"/v1/traces"))
		if err != nil {
			return nil, fmt.Errorf("trace exporter: %w", err)
		}
		options = append(options, sdktrace.WithBatcher(exporter))
		// The SDK reports failed exports to this process-wide hook only.
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
			log.Warn("telemetry", "error", err.Error())
		}))
	}
	provider := sdktrace.NewTracerProvider(options...)
	return &Tracing{Tracer: provider.Tracer(service), provider: provider}, nil
}

// Shutdown sends what is queued.
func (t *Tracing) Shutdown(ctx context.Context) error { return t.provider.Shutdown(ctx) }
