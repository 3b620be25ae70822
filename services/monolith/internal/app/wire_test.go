package app

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// wire is the network of an edge: what goes through it can be refused, swallowed or cut off.
type wire struct {
	t        *testing.T
	target   string
	listener net.Listener
	swallows atomic.Bool
	// left is how many bytes of answers pass before everything is cut; less than 0: any number.
	left atomic.Int64

	mutex   sync.Mutex
	open    map[net.Conn]bool
	refuses bool
}

func newWire(t *testing.T, target net.Addr) *wire {
	t.Helper()
	w := &wire{t: t, target: target.String(), open: map[net.Conn]bool{}}
	w.left.Store(-1)
	w.listen("127.0.0.1:0")
	t.Cleanup(w.refuse)
	return w
}

func (w *wire) listen(address string) {
	w.t.Helper()
	var err error
	if w.listener, err = net.Listen("tcp", address); err != nil {
		w.t.Fatal(err)
	}
	go w.accept(w.listener)
}

func (w *wire) accept(listener net.Listener) {
	for {
		caller, err := listener.Accept()
		if err != nil {
			return
		}
		callee, err := net.Dial("tcp", w.target)
		if err != nil {
			_ = caller.Close()
			continue
		}
		w.mutex.Lock()
		if w.refuses { // since this connection was accepted
			_, _ = caller.Close(), callee.Close()
		}
		w.open[caller], w.open[callee] = true, true
		w.mutex.Unlock()
		go w.pump(callee, caller, false)
		go w.pump(caller, callee, true)
	}
}

func (w *wire) pump(to, from net.Conn, answers bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if w.swallows.Load() {
			continue
		}
		if left := w.left.Load(); answers && left >= 0 {
			pass := min(int64(n), left)
			_, _ = to.Write(buffer[:pass])
			if w.left.Store(left - pass); left == pass {
				w.left.Store(-1)
				w.cut()
				return
			}
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cut breaks what is connected; new connections work.
func (w *wire) cut() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for connection := range w.open {
		_ = connection.Close()
	}
	clear(w.open)
}

// cutAfter cuts once that many more bytes of answers have passed.
func (w *wire) cutAfter(bytes int64) {
	if bytes == 0 {
		w.cut()
		return
	}
	w.left.Store(bytes)
}

// refuse cuts what is connected and refuses new connections.
func (w *wire) refuse() {
	_ = w.listener.Close()
	w.mutex.Lock()
	w.refuses = true
	w.mutex.Unlock()
	w.cut()
}

// swallow lets nothing through any more, but keeps connections open and accepts new ones.
func (w *wire) swallow() { w.swallows.Store(true) }

// heal is the end of refuse or swallow.
func (w *wire) heal() {
	w.t.Helper()
	if w.swallows.CompareAndSwap(true, false) {
		w.cut() // bytes are missing in what was connected
		return
	}
	w.mutex.Lock()
	w.refuses = false
	w.mutex.Unlock()
	w.listen(w.listener.Addr().String())
}

func (w *wire) url(protocol string) string { return protocol + "://" + w.listener.Addr().String() }

// wireTo puts a wire before one of the engine's addresses.
func wireTo(t *testing.T, e *fakeEngine, protocol string) *wire {
	if protocol == "grpc" {
		return newWire(t, e.grpc.Addr())
	}
	return newWire(t, e.http.Addr())
}
