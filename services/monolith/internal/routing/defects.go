package routing

import (
	"context"

	"cutover.dev/monolith/internal/edge"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/traffic"
)

// shadowWrite is a defect: what is called on the side must have no effect, and this leaves an entry in the engine's book.
func (l *Ledger) shadowWrite(ctx context.Context, request ledger.AppendRequest) {
	request.Reference = "shadow"
	l.Shadow.Submit(ctx, traffic.Ledger, func(ctx context.Context) (bool, error) {
		_, err := edge.Once(ctx, l.Edge, func(ctx context.Context) (appended, error) {
			entry, created, err := l.Remote.Append(ctx, request)
			return appended{entry, created}, err
		})
		return err == nil, err
	})
}
