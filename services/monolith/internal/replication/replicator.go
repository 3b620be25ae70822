package replication

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/telemetry"
)

const (
	pushTimeout = 5 * time.Second
	maxBackoff  = 2 * time.Second
	// stopGrace is how long a push that is under way may go on once replication has been told to stop.
	stopGrace = time.Second
)

// Replicator pushes the outbox to the peer, in order. It never gives an event up: what was not acknowledged is pushed
// again, by the next process if need be.
type Replicator struct {
	Store    Store
	Push     func(context.Context, Push) (Acknowledgement, error)
	Own      string        // this service's name
	Interval time.Duration // how often an idle outbox is looked at, and the first pause after a failure
	Metrics  *telemetry.Metrics
	Log      *slog.Logger
	// Gap is a defect: events count as acknowledged before they are pushed, so that a failed push is not repeated.
	Gap bool
}

// Run pushes until the context ends. A push that is under way then may still end well.
func (r *Replicator) Run(ctx context.Context) {
	pause, failures := r.Interval, 0
	for {
		full, err := r.round(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.Metrics.ReplicationFailures.Inc()
			if failures++; failures == 1 {
				r.Log.Warn("replication fails", "error", err.Error())
			} else {
				pause = min(2*pause, max(maxBackoff, r.Interval))
			}
		} else {
			if failures > 0 {
				r.Log.Info("replication works again")
			}
			pause, failures = r.Interval, 0
		}
		if !full && !wait(ctx, pause) {
			return
		}
	}
}

func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// round pushes one page. Full tells that there may be more.
func (r *Replicator) round(ctx context.Context) (full bool, err error) {
	page, err := r.Store.Outbox(ctx, pushLimit)
	if err != nil || len(page.Events) == 0 {
		return false, err
	}
	ctx, cancel := outlasting(ctx, stopGrace)
	defer cancel()
	if r.Gap {
		if err := r.Store.Acknowledge(ctx, page); err != nil {
			return false, err
		}
	}
	if err := r.push(ctx, page.Events); err != nil {
		return false, err
	}
	if !r.Gap {
		if err := r.Store.Acknowledge(ctx, page); err != nil {
			return false, err
		}
	}
	r.Metrics.ReplicationPushed.Add(float64(len(page.Events)))
	return len(page.Events) == pushLimit, nil
}

func (r *Replicator) push(ctx context.Context, events []Event) error {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	answer, err := r.Push(ctx, pushOf(r.Own, events))
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	if last := events[len(events)-1].Position; answer.Source != r.Own || answer.Watermark < last {
		return failure.New(codes.Internal, "the peer acknowledged %d of %q instead of %d of %q",
			answer.Watermark, answer.Source, last, r.Own)
	}
	return nil
}

// outlasting is a context that goes on for a while after its parent has ended.
func outlasting(parent context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	stop := context.AfterFunc(parent, func() { time.AfterFunc(grace, cancel) })
	return ctx, func() {
		stop()
		cancel()
	}
}
