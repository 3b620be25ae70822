// Package auth checks client tokens and makes service tokens. Both are JWTs signed with HS256.
package auth

import (
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// Whom a token is for.
const (
	ClientAudience      = "orders"
	ReplicationAudience = "orders-replication"
	engineAudience      = "engine"
)

// Verifier checks tokens. Without a secret everything passes.
type Verifier struct {
	secret []byte
	parser *jwt.Parser
}

// NewVerifier takes the secret (empty: calls need no token) and whom a token must be for. Open is a defect: a token's
// audience and time are not checked, only its signature.
func NewVerifier(secret, audience string, open bool) *Verifier {
	options := []jwt.ParserOption{
		// One algorithm only: a token must not choose how it is checked.
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithAudience(audience),
	}
	if open {
		options = append(options, jwt.WithoutClaimsValidation())
	}
	return &Verifier{secret: []byte(secret), parser: jwt.NewParser(options...)}
}

// Check refuses an Authorization value that is not a bearer token of this secret, audience and time.
func (v *Verifier) Check(authorization string) error {
	if len(v.secret) == 0 {
		return nil
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if token == "" || !strings.EqualFold(scheme, "Bearer") {
		return failure.New(codes.Unauthenticated, "a bearer token is needed")
	}
	_, err := v.parser.Parse(strings.TrimSpace(token), func(*jwt.Token) (any, error) { return v.secret, nil })
	if err != nil {
		return failure.Wrap(err, codes.Unauthenticated, "the token is not valid")
	}
	return nil
}
