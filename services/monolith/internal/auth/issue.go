package auth

import (
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenLifetime is short, as a service token can't be revoked; half of it is left when a new one is made.
const tokenLifetime = 5 * time.Minute

// Issuer makes this service's tokens for the engine.
type Issuer struct {
	secret []byte

	mutex   sync.Mutex
	token   string
	renewAt time.Time
}

// NewIssuer takes the secret; empty: no token is sent.
func NewIssuer(secret string) *Issuer { return &Issuer{secret: []byte(secret)} }

// Authorization is the header's value, "" for none. One token serves many calls.
func (i *Issuer) Authorization() (string, error) {
	if len(i.secret) == 0 {
		return "", nil
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	now := time.Now()
	if now.Before(i.renewAt) {
		return i.token, nil
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "monolith", "aud": engineAudience, "iat": now.Unix(), "exp": now.Add(tokenLifetime).Unix(),
	}).SignedString(i.secret)
	if err != nil {
		return "", fmt.Errorf("sign service token: %w", err)
	}
	i.token, i.renewAt = "Bearer "+signed, now.Add(tokenLifetime/2)
	return i.token, nil
}
