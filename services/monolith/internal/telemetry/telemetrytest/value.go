// Package telemetrytest reads metrics in tests.
package telemetrytest

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Value is the value of a counter or gauge, or a histogram's count, with exactly these labels (name, value, …).
func Value(t testing.TB, from prometheus.Gatherer, name string, labels ...string) float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for i := 0; i+1 < len(labels); i += 2 {
		want[labels[i]] = labels[i+1]
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
	metrics:
		for _, metric := range family.GetMetric() {
			if len(metric.GetLabel()) != len(want) {
				continue
			}
			for _, label := range metric.GetLabel() {
				if want[label.GetName()] != label.GetValue() {
					continue metrics
				}
			}
			switch {
			case metric.Counter != nil:
				return metric.GetCounter().GetValue()
			case metric.Gauge != nil:
				return metric.GetGauge().GetValue()
			}
			return float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return 0
}
