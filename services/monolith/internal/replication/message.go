package replication

import (
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
)

const (
	// pushLimit is how many events are pushed at once.
	pushLimit = 200
	// maxEvents is how many are taken at once.
	maxEvents = 1_000
)

// Push is the body of one push.
type Push struct {
	Source string        `json:"source"`
	Events []PushedEvent `json:"events"`
}

// PushedEvent is an event as it travels: sequence and balance are the receiver's own business.
type PushedEvent struct {
	Position int64 `json:"position"`
	Entry    struct {
		ID            string `json:"id"`
		Account       string `json:"account"`
		AmountMinor   int64  `json:"amountMinor"`
		Reference     string `json:"reference"`
		CommittedAtMs int64  `json:"committedAtMs"`
		StoredBy      string `json:"storedBy"`
	} `json:"entry"`
}

// Acknowledgement is the answer to a push.
type Acknowledgement struct {
	Source    string `json:"source"`
	Watermark int64  `json:"watermark"` // highest position of the source that is applied and on disk
}

func pushOf(source string, events []Event) Push {
	push := Push{Source: source, Events: make([]PushedEvent, len(events))}
	for i, event := range events {
		out := &push.Events[i]
		out.Position = event.Position
		out.Entry.ID, out.Entry.Account = event.Entry.ID, event.Entry.Account
		out.Entry.AmountMinor, out.Entry.Reference = event.Entry.AmountMinor, event.Entry.Reference
		out.Entry.CommittedAtMs, out.Entry.StoredBy = event.Entry.CommittedAtMs, event.Entry.StoredBy
	}
	return push
}

func (e PushedEvent) entry() ledger.Entry {
	return ledger.Entry{
		ID: e.Entry.ID, Account: e.Entry.Account, AmountMinor: e.Entry.AmountMinor, Reference: e.Entry.Reference,
		CommittedAtMs: e.Entry.CommittedAtMs, StoredBy: e.Entry.StoredBy,
	}
}

// validate refuses what a peer never sends with INVALID_ARGUMENT. It has no limits of its own for an entry's texts: the
// peer has acknowledged the entry, so there is nobody any more to refuse it to.
func (p Push) validate(own string) error {
	if err := failure.CheckText("source", p.Source, 1, 64); err != nil {
		return err
	}
	if p.Source == own {
		return failure.New(codes.InvalidArgument, "source must be another store, is this one, %q", own)
	}
	if len(p.Events) > maxEvents {
		return failure.New(codes.InvalidArgument, "there must be at most %d events, are %d", maxEvents, len(p.Events))
	}
	var before int64
	for _, event := range p.Events {
		if event.Position <= before {
			return failure.New(codes.InvalidArgument, "position %d comes after %d", event.Position, before)
		}
		before = event.Position
		if event.Entry.StoredBy != p.Source {
			return failure.New(codes.InvalidArgument, "event %d is of %q, not of the source", before, event.Entry.StoredBy)
		}
		if !isID(event.Entry.ID) {
			return failure.New(codes.InvalidArgument, "event %d has no entry id", before)
		}
	}
	return nil
}

func isID(text string) bool {
	for _, digit := range []byte(text) {
		if (digit < '0' || digit > '9') && (digit < 'a' || digit > 'f') {
			return false
		}
	}
	return len(text) == 32
}
