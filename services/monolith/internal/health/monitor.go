package health

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	checkEvery   = time.Second
	checkTimeout = 500 * time.Millisecond // an engine that only hangs is found down 3.5 s after the last good check
	failuresDown = 3
)

// Monitor checks an engine's health once a second. It does not use the breaker: it must see the engine come back.
type Monitor struct {
	check    func(context.Context) error
	failures atomic.Int32 // in a row
}

// NewMonitor takes the check; nothing is checked until Run.
func NewMonitor(check func(context.Context) error) *Monitor { return &Monitor{check: check} }

// Run checks until the context ends.
func (m *Monitor) Run(ctx context.Context) {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	for {
		m.once(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (m *Monitor) once(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if m.check(ctx) == nil {
		m.failures.Store(0)
	} else {
		m.failures.Add(1)
	}
}

// Down reports whether the last three checks failed.
func (m *Monitor) Down() bool { return m.failures.Load() >= failuresDown }
