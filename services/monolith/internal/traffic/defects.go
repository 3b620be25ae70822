package traffic

import "time"

// Defects are faults that a switch can be told to have. The zero value is the healthy switch.
type Defects struct {
	SlowRollback bool // what takes traffic from the engine is in force only after rollbackDelay
	PartialKill  bool // the kill switch does not reach the ledger
}

const rollbackDelay = 6 * time.Second

// enforce lets the routes follow a change: at once, unless a defect holds it up.
func (s *Switch) enforce(next *State) {
	if s.Defects.SlowRollback && s.rollsBack(next) {
		time.AfterFunc(rollbackDelay, func() {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			if s.state.Load() == next { // else a later change decides
				s.inForce.Store(next)
			}
		})
		return
	}
	s.inForce.Store(next)
}

func (s *Switch) rollsBack(next *State) bool {
	now := s.inForce.Load()
	for _, capability := range Capabilities {
		if s.share(next, capability) < s.share(now, capability) {
			return true
		}
	}
	return next.KillSwitch && !now.KillSwitch
}

// killed reports whether the kill switch keeps the capability in-process.
func (s *Switch) killed(state *State, capability Capability) bool {
	return state.KillSwitch && !(s.Defects.PartialKill && capability == Ledger)
}
