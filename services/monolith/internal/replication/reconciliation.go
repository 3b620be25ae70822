package replication

import (
	"context"
	"fmt"
	"strconv"
)

// Reconciliation is what two stores compare: at the same watermarks and with empty outboxes their hashes are equal. Each
// hash is the XOR of its rows' hashes, as 16 hex digits, so that the order of the rows does not matter.
type Reconciliation struct {
	Watermark int64            `json:"watermark"` // position of the last own event
	Entries   int64            `json:"entries"`
	Outbox    int64            `json:"outbox"`   // own events that the peer has not acknowledged
	Received  map[string]int64 `json:"received"` // by source: the last position that was applied
	Hash      string           `json:"hash"`
	Buckets   [256]Bucket      `json:"buckets"`
}

// Bucket is the entries whose ids begin with two hex digits: a difference is found there without a look at all rows.
type Bucket struct {
	Prefix  string `json:"prefix"`
	Entries int64  `json:"entries"`
	Hash    string `json:"hash"`
}

// Reconcile reads the whole store, in one transaction. The peer is listed even if nothing came from it yet.
func Reconcile(ctx context.Context, store Store, peer string) (Reconciliation, error) {
	var total sum
	var buckets [256]sum
	state, err := store.Snapshot(ctx, func(row Row) {
		hash := row.Hash()
		total.add(hash)
		if len(row.ID) >= 2 {
			if bucket, err := strconv.ParseUint(row.ID[:2], 16, 8); err == nil {
				buckets[bucket].add(hash)
			}
		}
	})
	if err != nil {
		return Reconciliation{}, err
	}
	out := Reconciliation{
		Watermark: state.Watermark, Entries: total.entries, Outbox: state.Outbox,
		Received: map[string]int64{peer: 0}, Hash: HashText(total.hash),
	}
	for source, watermark := range state.Received {
		out.Received[source] = watermark
	}
	for i, bucket := range buckets {
		out.Buckets[i] = Bucket{Prefix: fmt.Sprintf("%02x", i), Entries: bucket.entries, Hash: HashText(bucket.hash)}
	}
	return out, nil
}

type sum struct {
	entries int64
	hash    uint64
}

func (s *sum) add(hash uint64) {
	s.entries++
	s.hash ^= hash
}

// HashText is a hash as the API shows it.
func HashText(hash uint64) string { return fmt.Sprintf("%016x", hash) }
