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
		if got, err := ParseSetting(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "on", "canary", "canary:", "canary:-1", "canary:101", "canary:5.5", "full:50"} {
		if got, err := ParseSetting(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
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
