package ledger

import "testing"

// Computed with sha256sum, so that another implementation agrees.
func TestEntryID(t *testing.T) {
	for key, want := range map[string]string{
		"key-1": "4245a32430fb6511a8a872c4a876f44f",
		"Grüße": "e8c6183cb7ed1109f5286133d0540de3",
	} {
		if got := EntryID(key); got != want {
			t.Errorf("EntryID(%q) = %s, want %s", key, got, want)
		}
	}
	if got, want := DeriveID("order:", "key-1"), "09e62b5e1c5e8e84f92112f1c4c4134a"; got != want {
		t.Errorf("order id %s, want %s", got, want)
	}
}
