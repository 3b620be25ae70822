// Package auth checks client tokens and makes service tokens. Both are JWTs signed with HS256.
package auth

import (
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

const (
	clientAudience = "orders"
	engineAudience = "engine"
)

// Verifier checks client tokens. Without a secret everything passes.
type Verifier struct {
	secret []byte
	parser *jwt.Parser
}

// NewVerifier takes the secret; empty: calls need no token.
func NewVerifier(secret string) *Verifier {
	return &Verifier{
		secret: []byte(secret),
		// One algorithm only: a token must not choose how it is checked.
		parser: jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(),
			jwt.WithAudience(clientAudience)),
	}
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
