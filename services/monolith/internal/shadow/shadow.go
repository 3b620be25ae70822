// Package shadow makes calls on the side and compares their answers with the ones that were given.
package shadow

import (
	"context"
	"sync"

	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/traffic"
)

const (
	workers    = 4
	queueLimit = 256
)

// Comparison makes the shadow call and reports whether its answer is the same.
type Comparison func(ctx context.Context) (same bool, err error)

// Shadow is a bounded queue: when the engine is slower than the traffic, comparisons are dropped rather than piled up,
// and no request ever waits.
type Shadow struct {
	// Blocks is a defect: the request waits for its comparison. It must be set before the first one.
	Blocks bool

	metrics *telemetry.Metrics
	queue   chan job
	stopped context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

type job struct {
	capability traffic.Capability
	parent     context.Context
	compare    Comparison
}

// New starts the workers.
func New(metrics *telemetry.Metrics) *Shadow {
	for _, capability := range traffic.Capabilities {
		for _, outcome := range []string{"same", "different", "error", "dropped"} {
			metrics.Shadow.WithLabelValues(string(capability), outcome)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Shadow{metrics: metrics, queue: make(chan job, queueLimit), stopped: ctx, stop: stop}
	for range workers {
		s.running.Go(s.work)
	}
	return s
}

// Submit queues a comparison. It keeps the request's trace but not its deadline: the request does not wait for it.
func (s *Shadow) Submit(ctx context.Context, capability traffic.Capability, compare Comparison) {
	one := job{capability, context.WithoutCancel(ctx), compare}
	if s.Blocks {
		s.run(one)
		return
	}
	select {
	case s.queue <- one:
	default:
		s.count(capability, "dropped")
	}
}

func (s *Shadow) work() {
	for {
		select {
		case one := <-s.queue:
			s.run(one)
		case <-s.stopped.Done():
			return
		}
	}
}

func (s *Shadow) run(one job) {
	ctx, cancel := context.WithCancel(one.parent)
	defer cancel()
	defer context.AfterFunc(s.stopped, cancel)()
	same, err := one.compare(ctx)
	switch {
	case err != nil:
		s.count(one.capability, "error")
	case same:
		s.count(one.capability, "same")
	default:
		s.count(one.capability, "different")
	}
}

func (s *Shadow) count(capability traffic.Capability, outcome string) {
	s.metrics.Shadow.WithLabelValues(string(capability), outcome).Inc()
}

// Close gives up what is queued or running.
func (s *Shadow) Close() {
	s.stop()
	s.running.Wait()
}
