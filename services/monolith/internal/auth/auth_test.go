package auth

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

func sign(t *testing.T, method jwt.SigningMethod, secret any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + token
}

func TestCheck(t *testing.T) {
	secret, soon, past := []byte("secret"), time.Now().Add(time.Minute).Unix(), time.Now().Add(-time.Minute).Unix()
	good := jwt.MapClaims{"aud": "orders", "exp": soon}
	verifier := NewVerifier("secret", ClientAudience, false)
	for name, value := range map[string]string{
		"none":             "",
		"no scheme":        "abc",
		"another scheme":   "Basic abc",
		"no JWT":           "Bearer abc",
		"expired":          sign(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"aud": "orders", "exp": past}),
		"without expiry":   sign(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"aud": "orders"}),
		"another audience": sign(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"aud": "engine", "exp": soon}),
		"without audience": sign(t, jwt.SigningMethodHS256, secret, jwt.MapClaims{"exp": soon}),
		"another secret":   sign(t, jwt.SigningMethodHS256, []byte("other"), good),
		"another method":   sign(t, jwt.SigningMethodHS512, secret, good),
		"unsigned":         sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good),
	} {
		if err := verifier.Check(value); failure.CodeOf(err) != codes.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := verifier.Check(sign(t, jwt.SigningMethodHS256, secret, good)); err != nil {
		t.Error(err)
	}
	if err := NewVerifier("", ClientAudience, false).Check(""); err != nil {
		t.Errorf("without a secret nothing is needed: %v", err)
	}
}

func TestIssuer(t *testing.T) {
	if token, err := NewIssuer("").Authorization(); token != "" || err != nil {
		t.Errorf("%q, %v", token, err)
	}
	issuer := NewIssuer("s")
	first, err := issuer.Authorization()
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := issuer.Authorization(); second != first {
		t.Error("one token should serve many calls")
	}
	_, err = jwt.Parse(first[len("Bearer "):], func(*jwt.Token) (any, error) { return []byte("s"), nil },
		jwt.WithAudience("engine"), jwt.WithExpirationRequired(), jwt.WithValidMethods([]string{"HS256"}))
	if err != nil {
		t.Error(err)
	}
}
