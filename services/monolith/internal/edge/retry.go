package edge

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

const (
	maxRetries  = 2
	firstDelay  = 10 * time.Millisecond // doubles with each retry
	budgetBurst = 10
)

// mayRetry decides on a retry after the failed attempt number retry (from 0), and waits before it. Only UNAVAILABLE is
// repeated: after a time-out the callee may still be at work, and more of it would not help.
func (e *Edge) mayRetry(ctx context.Context, err error, retry int) bool {
	var attempted *attemptError
	if !errors.As(err, &attempted) {
		return false // the breaker let nothing through
	}
	if e.defects.RetryStorm {
		again := attempted.outcome == failedCall || attempted.outcome == timedOut
		return again && retry < stormRetries && e.wait(ctx, nextBeat())
	}
	if attempted.outcome != failedCall || failure.CodeOf(err) != codes.Unavailable || retry >= maxRetries {
		return false
	}
	delay := e.jitter(firstDelay << retry)
	return inTime(ctx, delay) && e.budget.withdraw() && e.wait(ctx, delay)
}

// wait lets the delay before a retry pass, unless the retry would come too late.
func (e *Edge) wait(ctx context.Context, delay time.Duration) bool {
	if !inTime(ctx, delay) || !sleep(ctx, delay) {
		return false
	}
	e.retries.Inc()
	return true
}

func inTime(ctx context.Context, delay time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > delay
}

func sleep(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// budget is a token bucket that first attempts fill: when most calls fail, retries stay a small share of the load
// instead of multiplying it.
type budget struct {
	share  float64
	mutex  sync.Mutex
	tokens float64
}

func newBudget(share float64) *budget {
	b := &budget{share: share}
	if share > 0 { // 0 switches retries off
		b.tokens = budgetBurst
	}
	return b
}

func (b *budget) deposit() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.tokens = min(budgetBurst, b.tokens+b.share)
}

func (b *budget) withdraw() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	// Ten deposits of 0.1 add up to a little less than 1 in binary.
	if b.tokens < 1-1e-9 {
		return false
	}
	b.tokens = max(0, b.tokens-1)
	return true
}
