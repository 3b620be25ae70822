package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
)

// edgeProtocols are what an edge can be.
var edgeProtocols = []string{"grpc", "http"}

// Whatever is on the wire is an attempt that the edge has made and counted: net/http and grpc-go repeat nothing by
// themselves. The wire is cut once the entry is stored, before its answer or within it.
func TestAnAnswerThatIsCutOffIsRetried(t *testing.T) {
	for protocol, cuts := range map[string][]int64{"grpc": {0, 1, 40}, "http": {0, 1, 40, 150}} {
		for _, passed := range cuts {
			for _, one := range []struct {
				defect string
				stored int
			}{{"", 2}, {"retry-duplicates", 3}} {
				t.Run(fmt.Sprint(protocol, " ", passed, one.defect), func(t *testing.T) {
					e := startEngine(t)
					w := wireTo(t, e, protocol)
					m := start(t, map[string]string{
						"LEDGER_URL": w.url(protocol), "LEDGER_SWITCH": "full", "LEDGER_TIMEOUT": "5s",
						"REQUEST_TIMEOUT": "10s", "CUTOVER_DEFECT": one.defect,
					})
					if a := m.append("before"); a.status != http.StatusCreated { // the connection is a used one
						t.Fatal(a)
					}
					var once atomic.Bool
					cut := func(context.Context) error {
						if once.CompareAndSwap(false, true) {
							w.cutAfter(passed)
						}
						return nil
					}
					e.after.Store(&cut)
					if a := m.append("k"); a.status/100 != 2 {
						t.Errorf("%+v", a)
					}
					if e.stored() != one.stored || e.calls.Load() != 3 {
						t.Errorf("%d entries by %d calls, want %d by 3", e.stored(), e.calls.Load(), one.stored)
					}
					for outcome, want := range map[string]float64{"ok": 2, "error": 1} {
						if got := m.metric("edge_attempts_total", "edge", "orders-ledger", "outcome", outcome); got != want {
							t.Errorf("%v attempts are %s, want %v", got, outcome, want)
						}
					}
					if n := m.metric("edge_retries_total", "edge", "orders-ledger"); n != 1 {
						t.Errorf("%v retries", n)
					}
				})
			}
		}
	}
}

// Without a budget no call is repeated, whatever its kind.
func TestNoHiddenRetries(t *testing.T) {
	for _, protocol := range edgeProtocols {
		e := startEngine(t)
		w := wireTo(t, e, protocol)
		m := start(t, map[string]string{
			"LEDGER_URL": w.url(protocol), "LEDGER_SWITCH": "full", "LEDGER_TIMEOUT": "5s",
			"PRICING_URL": w.url(protocol), "PRICING_SWITCH": "full", "PRICING_TIMEOUT": "5s",
			"REQUEST_TIMEOUT": "10s", "RETRY_BUDGET": "0",
		})
		for name, call := range map[string]func() answer{
			"quote":  func() answer { _, a := m.quote(); return a },
			"append": func() answer { return m.append("k-" + protocol) },
			"get":    func() answer { return m.call("GET", "/v1/ledger/entries/x", "") },
			"list":   func() answer { return m.call("GET", "/v1/ledger/accounts/a/entries", "") },
		} {
			e.heal()
			call() // the connection is a used one
			e.set(func(context.Context) error { w.cut(); return nil })
			before := e.calls.Load()
			call()
			if calls := e.calls.Load() - before; calls != 1 {
				t.Errorf("%s over %s: %d calls on the wire", name, protocol, calls)
			}
		}
	}
}

// resets is an HTTP/2 server that resets every stream.
func resets(t *testing.T, with http2.ErrCode) net.Addr {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				_ = resetStreams(connection, with)
			}()
		}
	}()
	return listener.Addr()
}

func resetStreams(connection net.Conn, with http2.ErrCode) error {
	if _, err := io.ReadFull(connection, make([]byte, len(http2.ClientPreface))); err != nil {
		return err
	}
	framer := http2.NewFramer(connection, connection)
	err := framer.WriteSettings()
	for err == nil {
		var frame http2.Frame
		if frame, err = framer.ReadFrame(); err != nil {
			break
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = framer.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !frame.IsAck() {
				err = framer.WritePing(true, frame.Data)
			}
		case *http2.DataFrame:
			if frame.StreamEnded() {
				err = framer.WriteRSTStream(frame.StreamID, with)
			}
		}
	}
	return err
}

func TestAResetStreamIsAFailure(t *testing.T) {
	for _, with := range []http2.ErrCode{
		http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeInternal, http2.ErrCodeRefusedStream, http2.ErrCodeCancel,
		http2.ErrCodeEnhanceYourCalm, http2.ErrCode(0xdead),
	} {
		t.Run(with.String(), func(t *testing.T) {
			t.Parallel()
			url := "grpc://" + resets(t, with).String()
			m := start(t, map[string]string{
				"PRICING_URL": url, "PRICING_SWITCH": "full", "LEDGER_URL": url, "LEDGER_SWITCH": "full",
				"PRICING_TIMEOUT": "5s", "LEDGER_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s",
				"RETRY_BUDGET": "0", "BREAKER_THRESHOLD": "1",
			})
			if by, a := m.quote(); by != "monolith" {
				t.Errorf("no fallback: %+v", a)
			}
			if a := m.append("k"); a.code() != "UNAVAILABLE" {
				t.Errorf("%+v", a)
			}
			for _, edge := range []string{"orders-pricing", "orders-ledger"} {
				if n := m.metric("edge_attempts_total", "edge", edge, "outcome", "error"); n != 1 {
					t.Errorf("%s: %v failures", edge, n)
				}
				if state := m.metric("breaker_state", "edge", edge); state != 2 {
					t.Errorf("%s: the breaker did not count it: %v", edge, state)
				}
			}
		})
	}
}
