package app

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/admission"
	"cutover.dev/monolith/internal/config"
	"cutover.dev/monolith/internal/defect"
	"cutover.dev/monolith/internal/edge"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/health"
	"cutover.dev/monolith/internal/remote"
	"cutover.dev/monolith/internal/request"
	"cutover.dev/monolith/internal/traffic"
)

// edge makes a capability's edge. It exists without an engine too, so that its metrics do.
func (a *App) edge(name string, c config.Edge) *edge.Edge {
	defects := a.config.Defects
	return edge.New(edge.Options{
		Name:        name,
		Timeout:     unlessDefect(defects, defect.NoTimeout, c.Timeout),
		Threshold:   a.config.BreakerThreshold,
		OpenTime:    a.config.BreakerOpenTime,
		RetryBudget: a.config.RetryBudget,
		Metrics:     a.metrics,
		Tracer:      a.tracing,
		Defects:     edgeDefects(defects),
	})
}

func edgeDefects(defects defect.Set) edge.Defects {
	return edge.Defects{
		NeverOpen:         defects.Has(defect.NoBreaker),
		ProbeEarly:        defects.Has(defect.EagerProbe),
		ProbeAll:          defects.Has(defect.ProbeStampede),
		StayOpen:          defects.Has(defect.BreakerStuck),
		CountClientErrors: defects.Has(defect.TripsOn4xx),
		IgnoreCancel:      defects.Has(defect.IgnoresCancel),
		RetryStorm:        defects.Has(defect.RetryStorm),
	}
}

func requestDefects(defects defect.Set) request.Defects {
	return request.Defects{
		FailuresAsOK: defects.Has(defect.AlertSilent), FalseAlarms: defects.Has(defect.AlertNoisy),
	}
}

// export is a defect: what each request waits for; nil without it.
func (a *App) export() func() {
	if !a.config.Defects.Has(defect.BlockingExporter) {
		return nil
	}
	return a.tracing.Flush
}

// unlessDefect is the time-out, or none (0) when the defect is switched on.
func unlessDefect(defects defect.Set, name defect.Name, timeout time.Duration) time.Duration {
	if defects.Has(name) {
		return 0
	}
	return timeout
}

// admission decides what is let in; the defects leave their part of it out.
func (a *App) admission() *admission.Control {
	c := a.config
	limits := admission.Limits{MaxInFlight: c.MaxInFlight, TenantQuota: c.TenantQuota, TenantBurst: c.TenantBurst}
	if c.Defects.Has(defect.NoShedding) {
		limits.MaxInFlight = 0
	}
	if c.Defects.Has(defect.NoQuota) {
		limits.TenantQuota = 0
	}
	return admission.New(limits, a.metrics, time.Now)
}

// sharedPoolSlots is small enough that one slow dependency takes them all.
const sharedPoolSlots = 8

// sharedPool is a defect: slots that all operations have to share; nil without it.
func (a *App) sharedPool() chan struct{} {
	if !a.config.Defects.Has(defect.SharedPool) {
		return nil
	}
	return make(chan struct{}, sharedPoolSlots)
}

// keySalt is a defect: what idempotency keys mean is forgotten with the process; empty without it.
func (a *App) keySalt() string {
	if !a.config.Defects.Has(defect.VolatileKeys) {
		return ""
	}
	return rand.Text()
}

// monitor checks the engine in the background; nil without an engine.
func (a *App) monitor(engine remote.Engine) *health.Monitor {
	if engine == nil {
		return nil
	}
	monitor := health.NewMonitor(engine.Healthy)
	a.running.Go(func() { monitor.Run(a.background) })
	return monitor
}

// alerting are the codes whose share of all is worth an alert, and OK. An increase is only seen from a first value on.
var alerting = []codes.Code{
	codes.OK, codes.ResourceExhausted, codes.DeadlineExceeded, codes.Unavailable, codes.Internal,
}

// gauges registers what is read when scraped, and the counters that start at zero.
func (a *App) gauges(toggle *traffic.Switch) {
	for _, capability := range traffic.Capabilities {
		a.metrics.Gauge("switch_share", "Share of keys that the engine answers now, 0 to 1.",
			prometheus.Labels{"capability": string(capability)},
			func() float64 { return float64(toggle.Share(capability)) / 100 })
	}
	a.metrics.Fallbacks.WithLabelValues(string(traffic.Pricing))
	for _, outcome := range []string{"ok", "error"} {
		a.metrics.DualWrites.WithLabelValues(outcome)
	}
	for _, operation := range request.Operations {
		for _, protocol := range []string{"http", "grpc"} {
			for _, code := range alerting {
				a.metrics.Requests.WithLabelValues(operation, protocol, failure.Name(code))
			}
			a.metrics.RequestDuration.WithLabelValues(operation, protocol)
		}
	}
	for _, operation := range request.Costly {
		a.metrics.Shed.WithLabelValues(operation)
	}
}

func (a *App) shutdownTracing() error {
	// A collector that does not answer must not hold up the end of the process.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := a.tracing.Shutdown(ctx); err != nil {
		a.log.Warn("the last spans were not sent", "error", err.Error())
	}
	return nil
}

func (a *App) onClose(closer func() error) { a.closers = append(a.closers, closer) }

// Close lets go of everything. Run does so too; Close is for an app that never ran.
func (a *App) Close() error {
	a.stop()
	a.running.Wait()
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}
