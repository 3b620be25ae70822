package app

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/health/grpc_health_v1"
)

// state is what a probe of each kind sees.
type state struct{ live, ready, serving bool }

func (m *monolith) state() state {
	m.t.Helper()
	answer, err := grpc_health_v1.NewHealthClient(m.rpc).Check(m.t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		m.t.Fatal(err)
	}
	return state{
		live:    m.call("GET", "/livez", "").status == http.StatusOK,
		ready:   m.call("GET", "/readyz", "").status == http.StatusOK,
		serving: answer.GetStatus() == grpc_health_v1.HealthCheckResponse_SERVING,
	}
}

// The ledger's edge is cut in two ways: nobody listens any more, and nothing answers any more.
func TestReadinessFollowsTheLedgersEdge(t *testing.T) {
	well := state{true, true, true}
	lost := map[string]state{
		"":                 {true, false, false},
		"readiness-lies":   {true, true, true},
		"liveness-coupled": {false, false, false},
	}
	for _, protocol := range edgeProtocols {
		for how, cut := range map[string]func(*wire){"refused": (*wire).refuse, "swallowed": (*wire).swallow} {
			t.Run(protocol+" "+how, func(t *testing.T) {
				t.Parallel()
				w := wireTo(t, startEngine(t), protocol)
				monoliths := map[string]*monolith{}
				for defect := range lost {
					monoliths[defect] = start(t, map[string]string{
						"LEDGER_URL": w.url(protocol), "LEDGER_SWITCH": "full", "CUTOVER_DEFECT": defect,
					})
				}
				for defect, m := range monoliths {
					eventually(t, "well: "+defect, func() bool { return m.state() == well })
				}
				cut(w)
				for defect, m := range monoliths {
					eventually(t, "the engine counts as down: "+defect, m.readiness.Engine.Down)
					eventually(t, "the probes see it: "+defect, func() bool { return m.state() == lost[defect] })
				}
				w.heal()
				for defect, m := range monoliths {
					eventually(t, "the engine is back: "+defect, func() bool { return !m.readiness.Engine.Down() })
					eventually(t, "well again: "+defect, func() bool { return m.state() == well })
				}
			})
		}
	}
}
