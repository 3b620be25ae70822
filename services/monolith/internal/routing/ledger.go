package routing

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/edge"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/shadow"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/traffic"
)

// Ledger is a Ledger. Remote and Edge are nil when there is no engine; the switch then never routes to it. Nothing falls
// back here: after a failed call the entry may be in the engine's book, and must not be in this one too.
type Ledger struct {
	Local  ledger.Ledger
	Remote ledger.Ledger
	Edge   *edge.Edge
	Switch *traffic.Switch
	Shadow *shadow.Shadow

	Metrics *telemetry.Metrics
	// Salt is a defect: as in ledger.Book.
	Salt string
	// FreshKeys is a defect: each retry of an append has a key of its own.
	FreshKeys bool
	// ShadowWrites is a defect: appends are shadowed too.
	ShadowWrites bool
}

type appended struct {
	entry   ledger.Entry
	created bool
}

// Append writes to the account's side. A key that this side has stored already is answered from here, wherever the
// account's writes go by now: a repeat across a cut-over must not store the entry twice.
func (l *Ledger) Append(ctx context.Context, request ledger.AppendRequest) (ledger.Entry, bool, error) {
	if err := request.Validate(); err != nil {
		return ledger.Entry{}, false, err
	}
	route := l.Switch.Route(traffic.Ledger, request.Account)
	if route == traffic.InProcessShadowed && l.ShadowWrites {
		l.shadowWrite(ctx, request)
	}
	switch route {
	case traffic.Engine:
	case traffic.InProcessDual:
		return l.appendBoth(ctx, request)
	default:
		return l.Local.Append(ctx, request)
	}
	known, err := l.Local.Get(ctx, ledger.EntryID(request.IdempotencyKey+l.Salt))
	if err == nil {
		return known, false, known.Answers(request)
	}
	if failure.CodeOf(err) != codes.NotFound {
		return ledger.Entry{}, false, err
	}
	return l.appendRemote(ctx, request)
}

func (l *Ledger) appendRemote(ctx context.Context, request ledger.AppendRequest) (ledger.Entry, bool, error) {
	attempts := 0
	result, err := edge.Call(ctx, l.Edge, func(ctx context.Context) (appended, error) {
		asked := request
		if l.FreshKeys && attempts > 0 {
			asked.IdempotencyKey += fmt.Sprintf("-retry-%d", attempts)
		}
		attempts++
		entry, created, err := l.Remote.Append(ctx, asked)
		return appended{entry, created}, err
	})
	return result.entry, result.created, ledgerFailure(err)
}

// appendBoth writes here and, before it answers, to the engine with the same key. The entry counts once it is here: what
// the engine has missed comes to it by replication.
func (l *Ledger) appendBoth(ctx context.Context, request ledger.AppendRequest) (ledger.Entry, bool, error) {
	entry, created, err := l.Local.Append(ctx, request)
	if err != nil {
		return ledger.Entry{}, false, err
	}
	outcome := "ok"
	if _, _, err := l.appendRemote(ctx, request); err != nil {
		outcome = "error"
	}
	l.Metrics.DualWrites.WithLabelValues(outcome).Inc()
	return entry, created, nil
}

// Get asks the id's side first and, as an entry may have been stored before the switch was turned, the other one too.
// Entries never change, so whichever has it is right.
func (l *Ledger) Get(ctx context.Context, id string) (ledger.Entry, error) {
	remote := func(ctx context.Context) (ledger.Entry, error) { return l.Remote.Get(ctx, id) }
	viaEdge := func(ctx context.Context) (ledger.Entry, error) {
		entry, err := edge.Call(ctx, l.Edge, remote)
		return entry, ledgerFailure(err)
	}
	local := func(ctx context.Context) (ledger.Entry, error) { return l.Local.Get(ctx, id) }

	route := l.Switch.Route(traffic.Ledger, id)
	if route == traffic.Engine {
		return firstFound(ctx, viaEdge, local)
	}
	if l.Switch.Share(traffic.Ledger) > 0 {
		return firstFound(ctx, local, viaEdge)
	}
	entry, err := local(ctx)
	if route == traffic.InProcessShadowed {
		l.Shadow.Submit(ctx, traffic.Ledger, func(ctx context.Context) (bool, error) {
			other, otherErr := edge.Once(ctx, l.Edge, remote)
			if failure.CodeOf(err) == codes.NotFound && failure.CodeOf(otherErr) == codes.NotFound {
				return true, nil
			}
			if failure.CodeOf(otherErr) == codes.NotFound {
				return false, nil
			}
			return err == nil && entry.Same(other), otherErr
		})
	}
	return entry, err
}

func firstFound(
	ctx context.Context, first, second func(context.Context) (ledger.Entry, error),
) (ledger.Entry, error) {
	entry, err := first(ctx)
	if failure.CodeOf(err) == codes.NotFound {
		return second(ctx)
	}
	return entry, err
}

// ledgerFailure is what a client sees of a failed engine call: UNAVAILABLE or DEADLINE_EXCEEDED, unless the request
// itself was refused or the client has gone. Both tell it to repeat with the same key.
func ledgerFailure(err error) error {
	switch failure.CodeOf(err) {
	case codes.OK, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.Canceled,
		codes.Unavailable, codes.DeadlineExceeded:
		return err
	}
	return failure.Wrap(err, codes.Unavailable, "the ledger engine failed")
}
