// Package telemetry is metrics, traces and logs. The metric names are the same in every implementation, so that the
// same query compares them.
package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// buckets reach from an in-process quote to beyond any deadline, in seconds.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// Metrics is every metric of the monolith.
type Metrics struct {
	registry *prometheus.Registry

	Requests        *prometheus.CounterVec   // operation, protocol, code
	RequestDuration *prometheus.HistogramVec // operation, protocol
	InFlight        prometheus.Gauge
	LedgerEntries   prometheus.Counter

	EdgeAttempts        *prometheus.CounterVec   // edge, outcome
	EdgeRejected        *prometheus.CounterVec   // edge
	EdgeRetries         *prometheus.CounterVec   // edge
	EdgeAttemptDuration *prometheus.HistogramVec // edge
	BreakerTransitions  *prometheus.CounterVec   // edge, to
	Fallbacks           *prometheus.CounterVec   // capability
	Shadow              *prometheus.CounterVec   // capability, outcome
	Shed                *prometheus.CounterVec   // operation
	QuotaRejected       prometheus.Counter
	DualWrites          *prometheus.CounterVec // outcome

	ReplicationPushed    prometheus.Counter
	ReplicationApplied   prometheus.Counter
	ReplicationConflicts prometheus.Counter
	ReplicationFailures  prometheus.Counter
}

// NewMetrics registers all metrics in a registry of their own, so that tests can have many side by side.
func NewMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		Requests: counter("requests_total", "Requests answered.", "operation", "protocol", "code"),
		RequestDuration: histogram("request_duration_seconds",
			"Time from a request's arrival to its answer.", "operation", "protocol"),
		InFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "requests_in_flight", Help: "Requests being served."}),
		LedgerEntries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ledger_entries_total", Help: "Ledger entries this process has stored."}),
		EdgeAttempts:        counter("edge_attempts_total", "Calls over an edge, retries included.", "edge", "outcome"),
		EdgeRejected:        counter("edge_rejected_total", "Calls that an open breaker refused.", "edge"),
		EdgeRetries:         counter("edge_retries_total", "Attempts after the first one of a call.", "edge"),
		EdgeAttemptDuration: histogram("edge_attempt_duration_seconds", "Time of one attempt over an edge.", "edge"),
		BreakerTransitions:  counter("breaker_transitions_total", "Changes of a breaker's state.", "edge", "to"),
		Fallbacks:           counter("fallbacks_total", "Calls answered in-process as the engine failed.", "capability"),
		Shed:                counter("shed_total", "Requests refused as too many were in work.", "operation"),
		QuotaRejected: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "quota_rejected_total", Help: "Requests refused as their tenant was over its quota."}),
		Shadow:     counter("shadow_total", "Shadow calls by how they compare.", "capability", "outcome"),
		DualWrites: counter("dual_writes_total", "Appends sent to the engine beside the in-process one.", "outcome"),
		ReplicationPushed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "replication_pushed_total", Help: "Events that the peer has acknowledged."}),
		ReplicationApplied: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "replication_applied_total", Help: "Entries of the peer that were stored."}),
		ReplicationConflicts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "replication_conflicts_total", Help: "Entries of the peer that could not be stored."}),
		ReplicationFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "replication_failures_total", Help: "Pushes that failed."}),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.Requests, m.RequestDuration, m.InFlight, m.LedgerEntries, m.EdgeAttempts, m.EdgeRejected, m.EdgeRetries,
		m.EdgeAttemptDuration, m.BreakerTransitions, m.Fallbacks, m.Shadow, m.Shed, m.QuotaRejected,
		m.DualWrites, m.ReplicationPushed, m.ReplicationApplied, m.ReplicationConflicts, m.ReplicationFailures,
	)
	return m
}

// Gauge registers a gauge that is read when scraped.
func (m *Metrics) Gauge(name, help string, labels prometheus.Labels, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, read))
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Gatherer gives access to the values, for tests.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }
