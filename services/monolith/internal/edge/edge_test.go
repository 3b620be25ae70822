package edge

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/telemetry/telemetrytest"
)

var (
	errDown    = failure.New(codes.Unavailable, "down")
	errUnknown = failure.New(codes.NotFound, "unknown")
)

// scripted answers with the errors in turn, then with success, and counts its calls.
type scripted struct {
	errs  []error
	calls int
}

func (s *scripted) call(context.Context) (string, error) {
	s.calls++
	if s.calls <= len(s.errs) {
		return "", s.errs[s.calls-1]
	}
	return "answer", nil
}

func always(err error) *scripted {
	errs := make([]error, 1000)
	for i := range errs {
		errs[i] = err
	}
	return &scripted{errs: errs}
}

type fixture struct {
	*Edge
	t *testing.T
}

func newFixture(t *testing.T, change func(*Options)) fixture {
	o := Options{
		Name: "orders-pricing", Timeout: 250 * time.Millisecond, Threshold: 5, OpenTime: 2 * time.Second,
		RetryBudget: 0.1, Metrics: telemetry.NewMetrics(), Tracer: noop.NewTracerProvider().Tracer(""),
	}
	if change != nil {
		change(&o)
	}
	return fixture{New(o), t}
}

func (f fixture) metric(name string, labels ...string) float64 {
	f.t.Helper()
	return telemetrytest.Value(f.t, f.metrics.Gatherer(), name, append(labels, "edge", "orders-pricing")...)
}

func (f fixture) want(name string, want float64, labels ...string) {
	f.t.Helper()
	if got := f.metric(name, labels...); got != want {
		f.t.Errorf("%s%v = %v, want %v", name, labels, got, want)
	}
}

func TestRetries(t *testing.T) {
	for name, one := range map[string]struct {
		errs  []error
		calls int
		code  codes.Code
	}{
		"success":                      {nil, 1, codes.OK},
		"one failure":                  {[]error{errDown}, 2, codes.OK},
		"two failures":                 {[]error{errDown, errDown}, 3, codes.OK},
		"at most two retries":          {[]error{errDown, errDown, errDown}, 3, codes.Unavailable},
		"a client error is final":      {[]error{errUnknown}, 1, codes.NotFound},
		"a time-out is final":          {[]error{failure.New(codes.DeadlineExceeded, "late")}, 1, codes.DeadlineExceeded},
		"an internal failure is final": {[]error{errors.New("broken")}, 1, codes.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, engine := newFixture(t, nil), &scripted{errs: one.errs}
				_, err := Call(t.Context(), f.Edge, engine.call)
				if failure.CodeOf(err) != one.code || engine.calls != one.calls {
					t.Errorf("%d calls, %v", engine.calls, err)
				}
				f.want("edge_retries_total", float64(one.calls-1))
				f.want("edge_attempt_duration_seconds", float64(one.calls))
			})
		})
	}
}

func TestFullJitterFromTenMillisecondsDoubling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		var limits []time.Duration
		f.jitter = func(limit time.Duration) time.Duration { limits = append(limits, limit); return limit }
		start := time.Now()
		_, _ = Call(t.Context(), f.Edge, always(errDown).call)
		if len(limits) != 2 || limits[0] != 10*time.Millisecond || limits[1] != 20*time.Millisecond {
			t.Errorf("limits %v", limits)
		}
		if waited := time.Since(start); waited != 30*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestNoRetryBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, engine := newFixture(t, nil), always(errDown)
		f.jitter = func(limit time.Duration) time.Duration { return limit }
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Millisecond)
		defer cancel()
		_, err := Call(ctx, f.Edge, engine.call)
		if engine.calls != 2 || failure.CodeOf(err) != codes.Unavailable {
			t.Errorf("%d calls, %v", engine.calls, err)
		}
	})
}

func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *Options) { o.Defects.NeverOpen = true })
		engine := always(errDown)
		for range 100 {
			_, _ = Call(t.Context(), f.Edge, engine.call)
		}
		// A burst of 10, and a tenth of the first attempts while the bucket was not full.
		if retries := engine.calls - 100; retries < 18 || retries > 20 {
			t.Errorf("%d retries for 100 first attempts", retries)
		}
		none := newFixture(t, func(o *Options) { o.RetryBudget = 0 })
		_, _ = Call(t.Context(), none.Edge, always(errDown).call)
		none.want("edge_retries_total", 0)
	})
}

func TestBreakerOpensProbesAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, engine := newFixture(t, nil), always(errDown)
		for range 5 {
			_, _ = Once(t.Context(), f.Edge, engine.call)
		}
		f.want("breaker_state", 2)
		_, err := Call(t.Context(), f.Edge, engine.call)
		if failure.CodeOf(err) != codes.Unavailable || engine.calls != 5 {
			t.Errorf("an open breaker let through %d calls: %v", engine.calls, err)
		}
		f.want("edge_rejected_total", 1)
		f.want("edge_retries_total", 0) // a rejection is not retried

		time.Sleep(2*time.Second + time.Nanosecond)
		f.want("breaker_state", 1)
		_, _ = Once(t.Context(), f.Edge, engine.call) // the probe fails
		f.want("breaker_state", 2)

		time.Sleep(2*time.Second + time.Nanosecond)
		if _, err := Once(t.Context(), f.Edge, (&scripted{}).call); err != nil {
			t.Error(err)
		}
		f.want("breaker_state", 0)
		f.want("breaker_transitions_total", 2, "to", "open")
		f.want("breaker_transitions_total", 2, "to", "half-open")
		f.want("breaker_transitions_total", 1, "to", "closed")
	})
}

func TestOneProbeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *Options) { o.Threshold = 1 })
		_, _ = Once(t.Context(), f.Edge, always(errDown).call)
		time.Sleep(2*time.Second + time.Nanosecond)
		release := make(chan struct{})
		go func() {
			_, _ = Once(t.Context(), f.Edge, func(context.Context) (string, error) { <-release; return "", nil })
		}()
		synctest.Wait()
		second := &scripted{}
		if _, err := Once(t.Context(), f.Edge, second.call); err == nil || second.calls != 0 {
			t.Errorf("a second probe went through: %v", err)
		}
		close(release)
		synctest.Wait()
		f.want("breaker_state", 0)
	})
}

func TestNoBreakerCountsButNeverOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, engine := newFixture(t, func(o *Options) { o.Defects.NeverOpen = true }), always(errDown)
		for range 50 {
			_, _ = Once(t.Context(), f.Edge, engine.call)
		}
		f.want("breaker_state", 0)
		f.want("edge_rejected_total", 0)
		f.want("edge_attempts_total", 50, "outcome", "error")
	})
}

func TestWhatTheBreakerDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *Options) { o.Threshold = 2 })
		_, _ = Once(t.Context(), f.Edge, always(errDown).call)
		for _, code := range []codes.Code{
			codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.Unauthenticated,
		} {
			_, _ = Once(t.Context(), f.Edge, always(failure.New(code, "refused")).call)
		}
		f.want("edge_attempts_total", 4, "outcome", "client_error")

		ctx, cancel := context.WithCancel(t.Context())
		_, err := Once(ctx, f.Edge, func(ctx context.Context) (string, error) {
			cancel()
			<-ctx.Done()
			return "", ctx.Err()
		})
		if failure.CodeOf(err) != codes.Canceled {
			t.Error(err)
		}
		f.want("edge_attempts_total", 1, "outcome", "canceled")
		f.want("breaker_state", 0)

		// Neither did they reset the count: the next failure is the second in a row.
		_, _ = Once(t.Context(), f.Edge, always(errDown).call)
		f.want("breaker_state", 2)
	})
}

func TestTimeoutOfAnAttempt(t *testing.T) {
	hang := func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }
	synctest.Test(t, func(t *testing.T) {
		f, start := newFixture(t, nil), time.Now()
		_, err := Call(t.Context(), f.Edge, hang)
		if took := time.Since(start); failure.CodeOf(err) != codes.DeadlineExceeded || took != 250*time.Millisecond {
			t.Errorf("%v after %v", err, took)
		}
		f.want("edge_attempts_total", 1, "outcome", "timeout")
	})
	synctest.Test(t, func(t *testing.T) { // the defect no-timeout
		f := newFixture(t, func(o *Options) { o.Timeout = 0 })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, _ = Call(ctx, f.Edge, hang)
		if took := time.Since(start); took != time.Hour {
			t.Errorf("ended after %v", took)
		}
	})
}
