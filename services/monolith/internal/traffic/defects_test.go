package traffic

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestDefectSlowRollback(t *testing.T) {
	full, shadowed := Setting{Mode: Full, Share: 100}, Setting{Mode: Shadow}
	for name, one := range map[string]struct {
		from   Setting
		change func(*Switch)
		slow   bool
	}{
		"kill switch":             {full, func(s *Switch) { s.SetKill(true) }, true},
		"kill switch on a shadow": {shadowed, func(s *Switch) { s.SetKill(true) }, true},
		"share to 0":              {full, func(s *Switch) { s.Set(Ledger, Setting{Mode: Canary}) }, true},
		"full to shadow":          {full, func(s *Switch) { s.Set(Ledger, shadowed) }, true},
		"shadow to full":          {shadowed, func(s *Switch) { s.Set(Ledger, full) }, false},
		"shadow to off":           {shadowed, func(s *Switch) { s.Set(Ledger, Setting{Mode: Off}) }, false},
	} {
		for _, defective := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := NewSwitch(map[Capability]Setting{Ledger: one.from})
				s.Defects.SlowRollback = defective
				before := s.Route(Ledger, "k")
				one.change(s)
				if changed := s.Route(Ledger, "k") != before; changed == (one.slow && defective) {
					t.Errorf("%s, defective %v: in force at once: %v", name, defective, changed)
				}
				if state := s.State(); state.Capabilities[Ledger] == one.from && !state.KillSwitch {
					t.Errorf("%s: the state does not read back at once: %+v", name, state)
				}
				time.Sleep(rollbackDelay)
				synctest.Wait()
				if s.Route(Ledger, "k") == before {
					t.Errorf("%s, defective %v: never in force", name, defective)
				}
			})
		}
	}
}

// What was changed meanwhile counts, not what was asked six seconds ago.
func TestDefectSlowRollbackThatIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSwitch(map[Capability]Setting{Pricing: {Mode: Full, Share: 100}})
		s.Defects.SlowRollback = true
		s.SetKill(true)
		time.Sleep(rollbackDelay / 2)
		s.SetKill(false)
		time.Sleep(rollbackDelay)
		synctest.Wait()
		if s.Route(Pricing, "k") != Engine {
			t.Error("the kill switch is in force although it was released")
		}
		s.SetKill(true)
		time.Sleep(rollbackDelay / 2)
		s.SetKill(false)
		s.SetKill(true)
		time.Sleep(rollbackDelay / 2)
		synctest.Wait()
		if s.Route(Pricing, "k") != Engine {
			t.Error("six seconds count from the last change")
		}
	})
}

func TestDefectPartialKillSwitch(t *testing.T) {
	for _, defective := range []bool{false, true} {
		full := Setting{Mode: Full, Share: 100}
		s := NewSwitch(map[Capability]Setting{Pricing: full, Ledger: full})
		s.Defects.PartialKill = defective
		if state := s.SetKill(true); !state.KillSwitch {
			t.Errorf("defective %v: %+v", defective, state)
		}
		if s.Route(Pricing, "k") != InProcess || s.Share(Pricing) != 0 {
			t.Errorf("defective %v: pricing goes on to the engine", defective)
		}
		if reached := s.Route(Ledger, "k") == InProcess && s.Share(Ledger) == 0; reached == defective {
			t.Errorf("defective %v: the kill switch reaches the ledger: %v", defective, reached)
		}
	}
}
