package replication

import (
	"context"
	"slices"
	"sync/atomic"

	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/telemetry"
)

// corruptEvery is how far apart the entries are that the defect changes.
const corruptEvery = 500

// Receiver applies what the peer pushes.
type Receiver struct {
	Store   Store
	Own     string // this service's name, which no source may have
	Metrics *telemetry.Metrics
	// Drop is a defect: while it is true, batches are answered as applied but not stored; nil without it.
	Drop func() bool
	// Reverse is a defect: a batch is applied from its end.
	Reverse bool
	// Corrupt is a defect: the first entry that is applied, and then every 500th, gets one minor unit more.
	Corrupt bool

	applied atomic.Int64
}

// Receive applies a push in one transaction. It may come again, in part or as a whole: what is there is skipped.
func (r *Receiver) Receive(ctx context.Context, push Push) (Acknowledgement, error) {
	if err := push.validate(r.Own); err != nil {
		return Acknowledgement{}, err
	}
	batch := Batch{Source: push.Source, Entries: make([]ledger.Entry, len(push.Events))}
	for i, event := range push.Events {
		batch.Entries[i] = event.entry()
		batch.Watermark = event.Position
	}
	r.spoil(&batch)
	applied, err := r.Store.Apply(ctx, batch)
	if err != nil {
		return Acknowledgement{}, err
	}
	r.Metrics.ReplicationApplied.Add(float64(applied.Stored))
	r.Metrics.ReplicationConflicts.Add(float64(applied.Conflicts))
	return Acknowledgement{Source: push.Source, Watermark: applied.Watermark}, nil
}

func (r *Receiver) spoil(batch *Batch) {
	if r.Drop != nil && r.Drop() {
		batch.Entries = nil
	}
	if r.Reverse {
		slices.Reverse(batch.Entries)
	}
	if r.Corrupt {
		batch.Alter = func(entry *ledger.Entry) {
			if r.applied.Add(1)%corruptEvery == 1 {
				entry.AmountMinor++
			}
		}
	}
}
