package routing

import (
	"context"
	"slices"

	"cutover.dev/monolith/internal/edge"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/traffic"
)

// pageSize is how many entries one call to the engine asks for. Pages are read whole before any entry is handed on: a
// slow reader then costs the engine nothing and can't look like a slow engine, and a failed page can be asked for again.
const pageSize = 1_000

// List streams from the account's side.
func (l *Ledger) List(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
	if err := query.Validate(); err != nil {
		return err
	}
	switch l.Switch.Route(traffic.Ledger, query.Account) {
	case traffic.Engine:
		return l.listRemote(ctx, query, emit)
	case traffic.InProcessShadowed:
		return l.listShadowed(ctx, query, emit)
	}
	return l.Local.List(ctx, query, emit)
}

func (l *Ledger) listRemote(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
	for left := query.EffectiveLimit(); left > 0; {
		query.Limit = uint32(min(left, pageSize))
		page, err := edge.Call(ctx, l.Edge, l.remotePage(query))
		if err != nil {
			return ledgerFailure(err)
		}
		for _, entry := range page {
			if err := emit(entry); err != nil {
				return err
			}
			query.AfterSequence = entry.Sequence
		}
		if len(page) < int(query.Limit) {
			return nil
		}
		left -= int64(len(page))
	}
	return nil
}

func (l *Ledger) remotePage(query ledger.Query) func(context.Context) ([]ledger.Entry, error) {
	return func(ctx context.Context) (page []ledger.Entry, err error) {
		err = l.Remote.List(ctx, query, func(entry ledger.Entry) error {
			page = append(page, entry)
			return nil
		})
		return page, err
	}
}

// listShadowed compares lists of up to one page: longer ones would hold too much memory on the side.
func (l *Ledger) listShadowed(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
	var answered []ledger.Entry
	comparable := query.EffectiveLimit() <= pageSize
	err := l.Local.List(ctx, query, func(entry ledger.Entry) error {
		if comparable {
			answered = append(answered, entry)
		}
		return emit(entry)
	})
	if err != nil || !comparable {
		return err
	}
	l.Shadow.Submit(ctx, traffic.Ledger, func(ctx context.Context) (bool, error) {
		others, err := edge.Once(ctx, l.Edge, l.remotePage(query))
		return err == nil && slices.EqualFunc(answered, others, ledger.Entry.Same), err
	})
	return nil
}
