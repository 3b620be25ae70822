package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"

	"cutover.dev/monolith/internal/config"
	"cutover.dev/monolith/internal/remote"
	"cutover.dev/monolith/internal/secure"
)

// selfSigned writes a certificate for 127.0.0.1 that is its own authority.
func selfSigned(t *testing.T) secure.Files {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := secure.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	files.CA = files.Cert
	for path, block := range map[string]*pem.Block{
		files.Cert: {Type: "CERTIFICATE", Bytes: certificate}, files.Key: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func TestTLS(t *testing.T) {
	files := selfSigned(t)
	client := must[*tls.Config](t)(files.Client())
	o := startOther(t, must[*tls.Config](t)(files.Server()))
	settings := map[string]string{
		"TLS_CERT": files.Cert, "TLS_KEY": files.Key, "TLS_CA": files.CA, "LEDGER_URL": o.url(), "PEER_URL": o.url(),
		"REPLICATION_INTERVAL": "5ms", "LEDGER_SWITCH": "canary:50", "LEDGER_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s",
	}
	m := start(t, settings)
	m.client.Transport = &http.Transport{TLSClientConfig: client}
	plain := m.base
	m.base = "https://" + m.HTTPAddr()
	o.replicateTo(m.base, remote.Options{TLS: client})

	// Over HTTP, with both sides in use.
	for _, account := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		if a := m.appendTo(account, account); a.status != http.StatusCreated {
			t.Errorf("%+v", a)
		}
	}
	if o.reconciliation().Watermark == 0 {
		t.Error("the edge was not in use")
	}
	eventually(t, "both sides are the same", func() bool {
		there := o.reconciliation()
		return there.Entries == 8 && m.reconciliation().Hash == there.Hash
	})
	secured := m.base
	m.base = plain
	if a := m.call("GET", "/livez", ""); a.err == nil && a.status == http.StatusOK {
		t.Error("plain text is served")
	}
	m.base = secured

	// Over gRPC, into this one from another.
	rpc := must[*grpc.ClientConn](t)(grpc.NewClient(m.GRPCAddr(), grpc.WithTransportCredentials(credentials.NewTLS(client))))
	defer func() { _ = rpc.Close() }()
	if _, err := grpc_health_v1.NewHealthClient(rpc).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Error(err)
	}
	caller := start(t, map[string]string{
		"TLS_CA": files.CA, "PRICING_URL": "grpcs://" + m.GRPCAddr(), "PRICING_SWITCH": "full", "PRICING_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s",
	})
	if _, a := caller.quote(); a.status != http.StatusOK || caller.metric("fallbacks_total", "capability", "pricing") != 0 {
		t.Errorf("%+v", a)
	}
	// Who does not know the authority trusts nobody.
	stranger := start(t, map[string]string{
		"PRICING_URL": "grpcs://" + m.GRPCAddr(), "PRICING_SWITCH": "full", "PRICING_TIMEOUT": "5s", "REQUEST_TIMEOUT": "10s",
	})
	if _, a := stranger.quote(); a.status != http.StatusOK || stranger.metric("fallbacks_total", "capability", "pricing") != 1 {
		t.Errorf("%+v", a)
	}
}

func TestBadTLSFiles(t *testing.T) {
	files := selfSigned(t)
	for _, bad := range []secure.Files{
		{Cert: files.Cert, Key: files.Cert}, {Cert: "/nowhere", Key: files.Key}, {CA: files.Key}, {CA: "/nowhere"},
	} {
		c := config.Config{StoreDSN: filepath.Join(t.TempDir(), "db"), TLS: bad}
		m := start(t, nil)
		if _, err := New(context.Background(), c, m.App.log); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
