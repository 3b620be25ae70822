package edge

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

func newBreaker(o Options) *gobreaker.CircuitBreaker[struct{}] {
	for _, state := range []gobreaker.State{gobreaker.StateClosed, gobreaker.StateHalfOpen, gobreaker.StateOpen} {
		o.Metrics.BreakerTransitions.WithLabelValues(o.Name, state.String())
	}
	breaker := gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        o.Name,
		MaxRequests: 1, // one probe when half-open
		Timeout:     o.Defects.openTime(o.OpenTime),
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return !o.Defects.NeverOpen && counts.ConsecutiveFailures >= o.Threshold
		},
		IsExcluded: func(err error) bool {
			var attempt *attemptError
			return errors.As(err, &attempt) && !o.countsForBreaker(attempt.outcome)
		},
		OnStateChange: func(name string, _, to gobreaker.State) {
			o.Metrics.BreakerTransitions.WithLabelValues(name, to.String()).Inc()
		},
	})
	// gobreaker numbers its states as the metric does: 0 closed, 1 half-open, 2 open.
	o.Metrics.Gauge("breaker_state", "State of a breaker: 0 closed, 1 half-open, 2 open.",
		prometheus.Labels{"edge": o.Name}, func() float64 { return float64(breaker.State()) })
	return breaker
}

// countsForBreaker: whatever isn't evidence about the callee must neither open nor close the breaker.
func (o Options) countsForBreaker(result outcome) bool {
	return result != canceled && (result != clientError || o.Defects.CountClientErrors)
}
