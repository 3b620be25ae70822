package grpcapi

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// Health is the gRPC health service. Its service "" follows readiness.
type Health struct {
	*health.Server
	stopping chan struct{}
}

// NewHealth starts as not serving.
func NewHealth() *Health {
	h := &Health{Server: health.NewServer(), stopping: make(chan struct{})}
	h.SetReady(false)
	return h
}

// SetReady changes the status, which watchers are told.
func (h *Health) SetReady(ready bool) {
	status := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if ready {
		status = grpc_health_v1.HealthCheckResponse_SERVING
	}
	h.SetServingStatus("", status)
}

// EndWatches ends the streams of watchers: they never end by themselves and would hold up a graceful stop.
func (h *Health) EndWatches() { close(h.stopping) }

// Watch streams the status until the caller leaves or the server stops.
func (h *Health) Watch(
	in *grpc_health_v1.HealthCheckRequest, stream grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse],
) error {
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	go func() {
		select {
		case <-h.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return h.Server.Watch(in, &watchStream{stream, ctx})
}

type watchStream struct {
	grpc.ServerStreamingServer[grpc_health_v1.HealthCheckResponse]
	ctx context.Context
}

func (s *watchStream) Context() context.Context { return s.ctx }
