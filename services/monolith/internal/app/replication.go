package app

import (
	"context"
	"math"
	"time"

	"cutover.dev/monolith/internal/auth"
	"cutover.dev/monolith/internal/defect"
	"cutover.dev/monolith/internal/httpapi"
	"cutover.dev/monolith/internal/remote"
	"cutover.dev/monolith/internal/replication"
	"cutover.dev/monolith/internal/store"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/traffic"
)

// peer is the name of the store on the other side.
const peer = "engine"

// lateCommit is the defect's delay.
const lateCommit = 400 * time.Millisecond

// storeOptions are the store's own name and its defects.
func (a *App) storeOptions() store.Options {
	options := store.Options{StoredBy: telemetry.Service}
	if a.config.Defects.Has(defect.AckBeforeCommit) {
		options.CommitLate = lateCommit
	}
	return options
}

// replicate starts pushing to the peer, if there is one, and returns what takes the peer's pushes.
func (a *App) replicate(db store.Store, toggle *traffic.Switch, options remote.Options) httpapi.Replication {
	c := a.config
	a.metrics.Gauge("replication_outbox_entries", "Own entries that the peer has not acknowledged.", nil,
		func() float64 { return outboxSize(db) })
	if c.PeerURL != "" {
		to := remote.ConnectPeer(c.PeerURL, options)
		a.onClose(to.Close)
		replicator := &replication.Replicator{
			Store: db, Push: to.Push, Own: telemetry.Service, Interval: c.ReplicationEvery,
			Metrics: a.metrics, Log: a.log, Gap: c.Defects.Has(defect.CDCGap),
		}
		a.running.Go(func() { replicator.Run(a.background) })
	}
	receiver := &replication.Receiver{
		Store: db, Own: telemetry.Service, Metrics: a.metrics,
		Reverse: c.Defects.Has(defect.CDCReorder), Corrupt: c.Defects.Has(defect.CorruptRow),
	}
	if c.Defects.Has(defect.RollbackDropsOutbox) {
		receiver.Drop = func() bool { return toggle.State().KillSwitch }
	}
	return httpapi.Replication{
		Store: db, Receiver: receiver, Peer: peer,
		Verifier: auth.NewVerifier(c.ServiceTokenSecret, auth.ReplicationAudience, c.Defects.Has(defect.AuthOpen)),
	}
}

// outboxSize is not a number when the store does not answer.
func outboxSize(db replication.Store) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	size, err := db.OutboxSize(ctx)
	if err != nil {
		return math.NaN()
	}
	return float64(size)
}
