package health

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cutover.dev/monolith/internal/traffic"
)

func fine(context.Context) error { return nil }

func TestMonitorNeedsThreeFailuresInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		monitor := NewMonitor(func(context.Context) error {
			if down.Load() {
				return errors.New("down")
			}
			return nil
		})
		go monitor.Run(t.Context())
		synctest.Wait()
		down.Store(true)
		for _, want := range []bool{false, false, true, true} {
			time.Sleep(time.Second)
			synctest.Wait()
			if monitor.Down() != want {
				t.Fatalf("down is %v, want %v", monitor.Down(), want)
			}
		}
		down.Store(false)
		time.Sleep(time.Second)
		synctest.Wait()
		if monitor.Down() {
			t.Error("one good check should do")
		}
	})
}

// A check that hangs must not take longer to be believed than the documentation says.
func TestMonitorFindsAHangingEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hangs atomic.Bool
		monitor := NewMonitor(func(ctx context.Context) error {
			if hangs.Load() {
				<-ctx.Done()
			}
			return ctx.Err()
		})
		go monitor.Run(t.Context())
		synctest.Wait()
		hangs.Store(true) // right after a good check
		time.Sleep(3500*time.Millisecond - time.Nanosecond)
		synctest.Wait()
		if monitor.Down() {
			t.Error("down already")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if !monitor.Down() {
			t.Error("not down yet")
		}
	})
}

func TestLiveness(t *testing.T) {
	down := NewMonitor(fine)
	down.failures.Store(failuresDown)
	full := map[traffic.Capability]traffic.Setting{traffic.Ledger: {Mode: traffic.Full, Share: 100}}
	for name, one := range map[string]struct {
		coupled bool
		used    map[traffic.Capability]traffic.Setting
		live    bool
	}{
		"healthy":                      {false, full, true},
		"liveness-coupled":             {true, full, false},
		"liveness-coupled, not in use": {true, nil, true},
	} {
		readiness := &Readiness{Switch: traffic.NewSwitch(one.used), Engine: down, LivenessCoupled: one.coupled}
		if readiness.Live() != one.live {
			t.Errorf("%s: live is %v", name, !one.live)
		}
	}
}

func TestReadiness(t *testing.T) {
	down := NewMonitor(fine)
	down.failures.Store(failuresDown)
	full := map[traffic.Capability]traffic.Setting{traffic.Ledger: {Mode: traffic.Full, Share: 100}}
	broken := func(context.Context) error { return errors.New("broken") }
	for name, one := range map[string]struct {
		readiness     *Readiness
		drain, ready  bool
		store, ledger string
	}{
		"all well":             {&Readiness{PingStore: fine, Switch: traffic.NewSwitch(full)}, false, true, "ok", "ok"},
		"engine down, unused":  {&Readiness{PingStore: fine, Switch: traffic.NewSwitch(nil), Engine: down}, false, true, "ok", "ok"},
		"engine down, in use":  {&Readiness{PingStore: fine, Switch: traffic.NewSwitch(full), Engine: down}, false, false, "ok", "failing"},
		"store does not reply": {&Readiness{PingStore: broken, Switch: traffic.NewSwitch(nil)}, false, false, "failing", "ok"},
		"draining":             {&Readiness{PingStore: fine, Switch: traffic.NewSwitch(nil)}, true, false, "ok", "ok"},
		"the defect lies":      {&Readiness{PingStore: broken, Switch: traffic.NewSwitch(nil), Lies: true}, true, true, "failing", "ok"},
	} {
		if one.drain {
			one.readiness.Drain()
		}
		report := one.readiness.Report(t.Context())
		if report.Ready != one.ready || report.Dependencies["store"] != one.store || report.Dependencies["ledger"] != one.ledger {
			t.Errorf("%s: %+v", name, report)
		}
	}
}
