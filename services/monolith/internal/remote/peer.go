package remote

import (
	"context"
	"net/http"

	"cutover.dev/monolith/internal/replication"
)

// Peer is the store that this one is replicated to.
type Peer struct{ engine *httpEngine }

// ConnectPeer makes a client for http://host:port or https://host:port. It does not dial yet.
func ConnectPeer(address string, o Options) *Peer { return &Peer{newHTTP(address, o)} }

// Push hands events over. It may be repeated.
func (p *Peer) Push(ctx context.Context, push replication.Push) (answer replication.Acknowledgement, err error) {
	_, err = p.engine.call(ctx, http.MethodPost, "/v1/replication/entries", "", push, &answer)
	return answer, err
}

// Close lets go of the connections.
func (p *Peer) Close() error { return p.engine.Close() }
