package ledger

import (
	"crypto/sha256"
	"encoding/hex"
)

// EntryID is the id of the entry that an idempotency key stands for. It is derived, so both implementations agree on
// it without asking each other.
func EntryID(idempotencyKey string) string { return DeriveID("entry:", idempotencyKey) }

// DeriveID is lowercase hex of the first 16 bytes of SHA-256(prefix + key).
func DeriveID(prefix, key string) string {
	sum := sha256.Sum256([]byte(prefix + key))
	return hex.EncodeToString(sum[:16])
}
