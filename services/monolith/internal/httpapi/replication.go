package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/replication"
)

const (
	// maxPush is more than a full batch with the longest texts needs.
	maxPush        = 4 << 20
	eventsDefault  = 1_000
	eventsMost     = 10_000
	longestPrefix  = 4
	watermarkField = "X-Watermark"
)

// Replication is what its routes need.
type Replication struct {
	Store    replication.Store
	Receiver *replication.Receiver
	Verifier *auth.Verifier // of the peer's tokens
	Peer     string         // its name
}

func (a *API) receive(w *reply, r *http.Request) error {
	var push replication.Push
	if err := decodeUpTo(w, r, maxPush, &push); err != nil {
		return err
	}
	answer, err := a.Replication.Receiver.Receive(r.Context(), push)
	if err != nil {
		return err
	}
	return w.json(http.StatusOK, answer)
}

func (a *API) replay(w *reply, r *http.Request) error {
	if err := a.Replication.Store.Replay(r.Context()); err != nil {
		return err
	}
	outbox, err := a.Replication.Store.OutboxSize(r.Context())
	if err != nil {
		return err
	}
	a.Runner.Log.Info("replay", "outbox", outbox)
	return w.json(http.StatusAccepted, map[string]int64{"outbox": outbox})
}

func (a *API) reconcile(w *reply, r *http.Request) error {
	state, err := replication.Reconcile(r.Context(), a.Replication.Store, a.Replication.Peer)
	if err != nil {
		return err
	}
	return w.json(http.StatusOK, state)
}

func (a *API) listEvents(w *reply, r *http.Request) error {
	after, err := numberOf(r, "after", 0, 1<<63-1)
	if err != nil {
		return err
	}
	limit, err := numberOf(r, "limit", eventsDefault, eventsMost)
	if err != nil {
		return err
	}
	if limit == 0 {
		limit = eventsDefault
	}
	watermark, err := a.Replication.Store.Watermark(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set(watermarkField, strconv.FormatInt(watermark, 10))
	return lines(w, func(emit func(replication.Event) error) error {
		return a.Replication.Store.Events(r.Context(), after, limit, emit)
	})
}

func (a *API) listHashes(w *reply, r *http.Request) error {
	prefix := r.URL.Query().Get("prefix")
	if len(prefix) > longestPrefix || !isHex(prefix) {
		return failure.New(codes.InvalidArgument, "prefix must be up to %d digits of lowercase hex, is %q", longestPrefix, prefix)
	}
	type line struct {
		ID   string `json:"id"`
		Hash string `json:"hash"`
	}
	return lines(w, func(emit func(line) error) error {
		return a.Replication.Store.Rows(r.Context(), prefix, func(row replication.Row) error {
			return emit(line{row.ID, replication.HashText(row.Hash())})
		})
	})
}

// lines streams one JSON value a line. The answer begins with the first one: a failure before it still has its status.
func lines[T any](w *reply, stream func(emit func(T) error) error) error {
	begin := func() {
		if !w.begun {
			w.Header().Set("Content-Type", "application/x-ndjson")
			w.begin(http.StatusOK)
		}
	}
	encoder := json.NewEncoder(w)
	err := stream(func(value T) error {
		begin()
		return gone(encoder.Encode(value))
	})
	if err == nil {
		begin()
	}
	return err
}

func numberOf(r *http.Request, name string, fallback, most int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return fallback, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 || value > most {
		return 0, failure.New(codes.InvalidArgument, "%s must be a whole number from 0 to %d, is %q", name, most, text)
	}
	return value, nil
}

func isHex(text string) bool {
	for _, digit := range []byte(text) {
		if (digit < '0' || digit > '9') && (digit < 'a' || digit > 'f') {
			return false
		}
	}
	return true
}
