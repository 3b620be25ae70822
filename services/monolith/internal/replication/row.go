package replication

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// Row is what must be the same on both sides of an entry. Sequence and balance are not: each side counts in the order in
// which it got the entries.
type Row struct {
	ID          string
	Account     string
	AmountMinor int64
	Reference   string
}

// Hash is the first 8 bytes, big-endian, of the SHA-256 of the row's texts with line feeds between them.
func (r Row) Hash() uint64 {
	text := make([]byte, 0, 512)
	text = append(append(text, r.ID...), '\n')
	text = append(append(text, r.Account...), '\n')
	text = append(strconv.AppendInt(text, r.AmountMinor, 10), '\n')
	text = append(text, r.Reference...)
	sum := sha256.Sum256(text)
	return binary.BigEndian.Uint64(sum[:8])
}
