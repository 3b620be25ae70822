// Package health tells whether the process should get traffic.
package health

import (
	"context"
	"sync/atomic"
	"time"

	"cutover.dev/monolith/internal/traffic"
)

// storeTimeout is how long the store may take to answer before it counts as not answering.
const storeTimeout = 500 * time.Millisecond

// Report is the body of /readyz.
type Report struct {
	Ready        bool              `json:"ready"`
	Draining     bool              `json:"draining,omitempty"`
	Dependencies map[string]string `json:"dependencies"`
}

const (
	ok      = "ok"
	failing = "failing"
)

// Readiness decides from what it depends on. Pricing's engine is no part of it: quotes have a fallback.
type Readiness struct {
	PingStore func(context.Context) error
	Switch    *traffic.Switch
	Engine    *Monitor // of the ledger's engine; nil without one
	Lies      bool     // a defect: always ready
	// LivenessCoupled is a defect: the process counts as dead while what it depends on is down.
	LivenessCoupled bool

	draining atomic.Bool
}

// Drain makes the process not ready for good.
func (r *Readiness) Drain() { r.draining.Store(true) }

// Draining reports whether the process is about to end.
func (r *Readiness) Draining() bool { return r.draining.Load() }

// Live reports whether the process serves. What it depends on must have no say: a restart would not bring that back.
func (r *Readiness) Live() bool { return !r.LivenessCoupled || !r.ledgerFails() }

// ledgerFails: a failing engine is a reason only while it gets traffic.
func (r *Readiness) ledgerFails() bool {
	return r.Engine != nil && r.Engine.Down() && r.Switch.Share(traffic.Ledger) > 0
}

// Report asks the dependencies.
func (r *Readiness) Report(ctx context.Context) Report {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	report := Report{
		Draining:     r.Draining(),
		Dependencies: map[string]string{"store": ok, string(traffic.Ledger): ok},
	}
	if r.PingStore(ctx) != nil {
		report.Dependencies["store"] = failing
	}
	if r.ledgerFails() {
		report.Dependencies[string(traffic.Ledger)] = failing
	}
	report.Ready = !report.Draining
	for _, state := range report.Dependencies {
		report.Ready = report.Ready && state == ok
	}
	report.Ready = report.Ready || r.Lies
	return report
}
