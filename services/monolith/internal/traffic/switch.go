package traffic

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// State is a snapshot of the switch; it never changes.
type State struct {
	KillSwitch   bool                   `json:"killSwitch"`
	Capabilities map[Capability]Setting `json:"capabilities"`
	ChangedAtMs  int64                  `json:"changedAtMs"` // Unix time of the last change, at first of the start
}

// Route is who answers one call.
type Route int

const (
	InProcess Route = iota
	InProcessShadowed
	InProcessDual // appends go to the engine too
	Engine
)

// Switch holds the state. Reading is one atomic load, so each request decides on one consistent state and a change is in
// force for the next request.
type Switch struct {
	// Defects must be set before the first call.
	Defects Defects

	state   atomic.Pointer[State] // as it was set, and as it reads
	inForce atomic.Pointer[State] // as it routes: the same, but for a defect
	mutex   sync.Mutex            // one change at a time
}

// NewSwitch starts with the settings; a capability without one is off.
func NewSwitch(settings map[Capability]Setting) *Switch {
	state := State{Capabilities: map[Capability]Setting{}, ChangedAtMs: time.Now().UnixMilli()}
	for _, capability := range Capabilities {
		state.Capabilities[capability] = Setting{Mode: Off}
	}
	maps.Copy(state.Capabilities, settings)
	s := &Switch{}
	s.state.Store(&state)
	s.inForce.Store(&state)
	return s
}

// State is the state as it was set.
func (s *Switch) State() State { return *s.state.Load() }

// Set changes one capability and returns the new state.
func (s *Switch) Set(capability Capability, setting Setting) State {
	return s.change(func(next *State) {
		next.Capabilities = maps.Clone(next.Capabilities)
		next.Capabilities[capability] = setting
	})
}

// SetKill engages or releases the kill switch and returns the new state. The modes stay as they are beneath it.
func (s *Switch) SetKill(engaged bool) State {
	return s.change(func(next *State) { next.KillSwitch = engaged })
}

func (s *Switch) change(apply func(*State)) State {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	before := s.State()
	next := before
	apply(&next)
	if next.KillSwitch == before.KillSwitch && maps.Equal(next.Capabilities, before.Capabilities) {
		return before // a repeat is no change
	}
	next.ChangedAtMs = time.Now().UnixMilli()
	s.state.Store(&next)
	s.enforce(&next)
	return next
}

// Route decides who answers a call for the key.
func (s *Switch) Route(capability Capability, key string) Route {
	state := s.inForce.Load()
	setting := state.Capabilities[capability]
	switch {
	case s.killed(state, capability):
		return InProcess
	case setting.Mode == Shadow:
		return InProcessShadowed
	case setting.Mode == Dual:
		return InProcessDual
	case bucket(key) < s.share(state, capability):
		return Engine
	}
	return InProcess
}

// Share is the per cent of keys that the engine answers now.
func (s *Switch) Share(capability Capability) int { return s.share(s.inForce.Load(), capability) }

func (s *Switch) share(state *State, capability Capability) int {
	if s.killed(state, capability) {
		return 0
	}
	return state.Capabilities[capability].Share
}

// bucket puts a key into one of 100, always the same: a key stays with its side, and a growing share only adds keys.
func bucket(key string) int {
	hash := uint64(0xcbf29ce484222325) // FNV-1a
	for i := range len(key) {
		hash = (hash ^ uint64(key[i])) * 0x100000001b3
	}
	// FNV's low bits are uneven for short keys that differ in their last characters; one more mix evens them out.
	hash = (hash ^ hash>>33) * 0xff51afd7ed558ccd
	hash ^= hash >> 33
	return int(hash % 100)
}
