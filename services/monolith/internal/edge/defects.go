package edge

import (
	"context"
	"time"
)

// Defects are faults that an edge can be told to have. The zero value is the healthy edge.
type Defects struct {
	NeverOpen         bool // the breaker counts but never opens
	ProbeEarly        bool // it leaves the open state after a quarter of its time
	ProbeAll          bool // half-open it lets every call through, not only one
	StayOpen          bool // once open it lets no probe through
	CountClientErrors bool // it counts client errors as failures
	IgnoreCancel      bool // an attempt goes on after its caller has gone
	RetryStorm        bool // many retries of every failure, without a budget, all at the same moments
}

const (
	stormRetries = 10
	stormBeat    = 500 * time.Millisecond
	forever      = 100 * 365 * 24 * time.Hour
)

// openTime is how long the breaker stays open.
func (d Defects) openTime(healthy time.Duration) time.Duration {
	switch {
	case d.StayOpen:
		return forever
	case d.ProbeEarly:
		return healthy / 4
	}
	return healthy
}

// nextBeat is how long it is to the next full half second of the wall clock, which is the same for every caller.
func nextBeat() time.Duration {
	now := time.Now()
	return now.Truncate(stormBeat).Add(stormBeat).Sub(now)
}

// withoutCancel keeps the deadline and the values, but not the cancellation.
func withoutCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	kept := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(kept, deadline)
	}
	return kept, func() {}
}
