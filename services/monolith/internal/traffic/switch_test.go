package traffic

import (
	"fmt"
	"testing"
)

func TestParseSetting(t *testing.T) {
	for text, want := range map[string]Setting{
		"off": {Mode: Off}, "shadow": {Mode: Shadow}, "full": {Mode: Full, Share: 100},
		"canary:0": {Mode: Canary}, "canary:100": {Mode: Canary, Share: 100},
	} {
		if got, err := ParseSetting(Pricing, text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "on", "canary", "canary:", "canary:-1", "canary:101", "canary:5.5", "full:50", "dual"} {
		if got, err := ParseSetting(Pricing, text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

func TestDualIsForTheLedger(t *testing.T) {
	setting, err := ParseSetting(Ledger, "dual")
	if err != nil {
		t.Fatal(err)
	}
	s := NewSwitch(map[Capability]Setting{Ledger: setting})
	if s.Route(Ledger, "k") != InProcessDual || s.Share(Ledger) != 0 {
		t.Errorf("route %v, share %d", s.Route(Ledger, "k"), s.Share(Ledger))
	}
	if s.SetKill(true); s.Route(Ledger, "k") != InProcess {
		t.Error("the kill switch lets dual writes through")
	}
}

// A repeat must not look like a change: what waits for the change would wait for another one.
func TestOnlyAChangeHasATime(t *testing.T) {
	s := NewSwitch(nil)
	for what, change := range map[string]func() State{
		"kill":    func() State { return s.SetKill(true) },
		"setting": func() State { return s.Set(Pricing, Setting{Mode: Canary, Share: 5}) },
	} {
		long := s.State()
		long.ChangedAtMs = 1
		s.state.Store(&long)
		first := change()
		if first.ChangedAtMs == 1 {
			t.Errorf("%s: no time", what)
		}
		first.ChangedAtMs = 2
		s.state.Store(&first)
		if again := change(); again.ChangedAtMs != 2 || s.State().ChangedAtMs != 2 {
			t.Errorf("%s: the repeat is a change", what)
		}
	}
}

func TestCanaryIsStickyGrowsAndIsFair(t *testing.T) {
	const keys = 10_000
	s := NewSwitch(nil)
	previous := map[string]bool{}
	for _, share := range []int{0, 1, 25, 50, 99, 100} {
		s.Set(Pricing, Setting{Mode: Canary, Share: share})
		moved := 0
		for i := range keys {
			key := fmt.Sprintf("customer-%d", i)
			engine := s.Route(Pricing, key) == Engine
			if previous[key] && !engine {
				t.Fatalf("%s went back when the share grew to %d", key, share)
			}
			if previous[key] = engine; engine {
				moved++
			}
		}
		if off := moved - keys*share/100; off < -200 || off > 200 {
			t.Errorf("share %d moved %d of %d keys", share, moved, keys)
		}
	}
	if s.Route(Ledger, "customer-1") != InProcess {
		t.Error("the other capability moved too")
	}
}

func TestKillSwitch(t *testing.T) {
	for _, setting := range []Setting{{Mode: Shadow}, {Mode: Full, Share: 100}, {Mode: Canary, Share: 100}} {
		s := NewSwitch(map[Capability]Setting{Pricing: setting})
		before := s.Route(Pricing, "k")
		s.SetKill(true)
		if s.Route(Pricing, "k") != InProcess || s.Share(Pricing) != 0 {
			t.Errorf("%+v is in force although killed", setting)
		}
		if s.State().Capabilities[Pricing] != setting {
			t.Error("the mode beneath was lost")
		}
		if s.SetKill(false); s.Route(Pricing, "k") != before {
			t.Error("the mode is not back")
		}
	}
}
