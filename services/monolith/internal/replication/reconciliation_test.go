package replication

import (
	"context"
	"testing"
)

// Computed with sha256sum, so that another implementation agrees.
func TestRowHash(t *testing.T) {
	for _, one := range []struct {
		row  Row
		want string
	}{
		{Row{"4245a32430fb6511a8a872c4a876f44f", "account-1", -250, "Grüße"}, "0ecd7f09be54c5ef"},
		{Row{"4245a32430fb6511a8a872c4a876f44f", "account-1", 250, ""}, "8724d5ee66b2a100"},
	} {
		if got := HashText(one.row.Hash()); got != one.want {
			t.Errorf("%+v: %s, want %s", one.row, got, one.want)
		}
	}
}

type snapshot struct {
	Store
	rows  []Row
	state State
}

func (s snapshot) Snapshot(_ context.Context, visit func(Row)) (State, error) {
	for _, row := range s.rows {
		visit(row)
	}
	return s.state, nil
}

func TestReconcile(t *testing.T) {
	a, b, c := Row{ID: "00aa", Account: "a"}, Row{ID: "00bb", Account: "b"}, Row{ID: "ff00", Account: "c"}
	got, err := Reconcile(t.Context(), snapshot{rows: []Row{a, b, c}, state: State{Watermark: 7, Outbox: 2}}, "engine")
	if err != nil || got.Watermark != 7 || got.Outbox != 2 || got.Entries != 3 || got.Received["engine"] != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if got.Hash != HashText(a.Hash()^b.Hash()^c.Hash()) {
		t.Errorf("hash %s", got.Hash)
	}
	for i, want := range map[int]Bucket{
		0x00: {"00", 2, HashText(a.Hash() ^ b.Hash())}, 0x01: {"01", 0, "0000000000000000"}, 0xff: {"ff", 1, HashText(c.Hash())},
	} {
		if got.Buckets[i] != want {
			t.Errorf("%+v, want %+v", got.Buckets[i], want)
		}
	}
	other, _ := Reconcile(t.Context(), snapshot{rows: []Row{c, a, b}, state: State{Received: map[string]int64{"engine": 3}}}, "engine")
	if other.Hash != got.Hash || other.Buckets != got.Buckets || other.Received["engine"] != 3 {
		t.Errorf("another order: %+v", other)
	}
}
