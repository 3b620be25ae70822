package edge

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// opened is an edge whose breaker has just opened.
func opened(t *testing.T, defects Defects) fixture {
	t.Helper()
	f := newFixture(t, func(o *Options) { o.Threshold, o.Defects = 1, defects })
	_, _ = Once(t.Context(), f.Edge, always(errDown).call)
	f.want("breaker_state", 2)
	return f
}

func TestHowLongTheBreakerStaysOpen(t *testing.T) {
	const openTime = 2 * time.Second
	for name, one := range map[string]struct {
		defects Defects
		open    time.Duration // still then
		probes  bool          // right after
	}{
		"healthy":       {Defects{}, openTime, true},
		"eager-probe":   {Defects{ProbeEarly: true}, openTime / 4, true},
		"breaker-stuck": {Defects{StayOpen: true}, 1000 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, engine := opened(t, one.defects), &scripted{}
				time.Sleep(one.open)
				_, _ = Once(t.Context(), f.Edge, engine.call)
				if engine.calls != 0 {
					t.Errorf("a call after %v", one.open)
				}
				time.Sleep(time.Nanosecond)
				_, _ = Once(t.Context(), f.Edge, engine.call)
				if probed := engine.calls == 1; probed != one.probes {
					t.Errorf("a call right after %v: %v", one.open, probed)
				}
			})
		})
	}
}

func TestHowManyCallsProbe(t *testing.T) {
	const callers = 50
	for name, one := range map[string]struct {
		defects  Defects
		arrivals int
		err      error
		state    float64 // once the probe is answered
	}{
		"healthy, the engine is back": {Defects{}, 1, nil, 0},
		"healthy, it is not":          {Defects{}, 1, errDown, 2},
		"probe-stampede, it is back":  {Defects{ProbeAll: true}, callers, nil, 0},
		"probe-stampede, it is not":   {Defects{ProbeAll: true}, callers, errDown, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := opened(t, one.defects)
				time.Sleep(2*time.Second + time.Nanosecond)
				release, arrivals := make(chan struct{}), make(chan struct{}, callers)
				for range callers {
					go func() {
						_, _ = Once(t.Context(), f.Edge, func(context.Context) (string, error) {
							arrivals <- struct{}{}
							<-release
							return "", one.err
						})
					}()
				}
				synctest.Wait()
				if len(arrivals) != one.arrivals {
					t.Errorf("%d calls at once, want %d", len(arrivals), one.arrivals)
				}
				f.want("edge_rejected_total", float64(callers-one.arrivals))
				close(release)
				synctest.Wait()
				f.want("breaker_state", one.state)
			})
		})
	}
}

func TestDefectTripsOn4xx(t *testing.T) {
	for _, one := range []struct {
		defects Defects
		state   float64
	}{{Defects{}, 0}, {Defects{CountClientErrors: true}, 2}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, func(o *Options) { o.Threshold, o.Defects = 4, one.defects })
			for _, code := range []codes.Code{
				codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.Unauthenticated,
			} {
				_, _ = Once(t.Context(), f.Edge, always(failure.New(code, "refused")).call)
			}
			f.want("breaker_state", one.state)
			f.want("edge_attempts_total", 4, "outcome", "client_error")
		})
	}
}

func TestDefectIgnoresCancel(t *testing.T) {
	for name, one := range map[string]struct {
		defects Defects
		caller  time.Duration // its deadline
		ends    time.Duration // when the attempt does; the caller goes after 10 ms
	}{
		"healthy":                    {Defects{}, time.Second, 10 * time.Millisecond},
		"defective, its own timeout": {Defects{IgnoreCancel: true}, time.Second, 250 * time.Millisecond},
		"defective, the deadline":    {Defects{IgnoreCancel: true}, 100 * time.Millisecond, 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, start := newFixture(t, func(o *Options) { o.Defects = one.defects }), time.Now()
				ctx, leave := context.WithTimeout(t.Context(), one.caller)
				defer leave()
				time.AfterFunc(10*time.Millisecond, leave)
				_, _ = Call(ctx, f.Edge, func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() })
				if took := time.Since(start); took != one.ends {
					t.Errorf("the attempt ended after %v, want %v", took, one.ends)
				}
				f.want("edge_attempts_total", 1, "outcome", "canceled")
			})
		})
	}
}

func TestDefectRetryStorm(t *testing.T) {
	late := failure.New(codes.DeadlineExceeded, "late")
	for name, one := range map[string]struct {
		err      error
		deadline time.Duration
		calls    int
	}{
		"up to ten retries":          {errDown, time.Hour, 11},
		"of a time-out too":          {late, time.Hour, 11},
		"of any other failure":       {failure.New(codes.Internal, "broken"), time.Hour, 11},
		"but not of a client error":  {errUnknown, time.Hour, 1},
		"and not after the deadline": {errDown, 1200 * time.Millisecond, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, func(o *Options) {
					o.RetryBudget, o.Defects = 0, Defects{NeverOpen: true, RetryStorm: true}
				})
				time.Sleep(130 * time.Millisecond) // off the beat
				ctx, cancel := context.WithTimeout(t.Context(), one.deadline)
				defer cancel()
				var calls int
				_, err := Call(ctx, f.Edge, func(context.Context) (string, error) {
					if now := time.Now(); calls > 0 && !now.Equal(now.Truncate(500*time.Millisecond)) {
						t.Errorf("retry %d at %v", calls, now)
					}
					calls++
					return "", one.err
				})
				if calls != one.calls || failure.CodeOf(err) != failure.CodeOf(one.err) {
					t.Errorf("%d calls, want %d: %v", calls, one.calls, err)
				}
				f.want("edge_retries_total", float64(one.calls-1))
			})
		})
	}
}
