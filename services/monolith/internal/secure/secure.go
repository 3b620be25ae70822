// Package secure reads what TLS needs from PEM files.
package secure

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// Files are the paths; each may be empty.
type Files struct {
	Cert, Key string // of this service's own ports; empty: they speak plain text
	CA        string // who has signed the certificates of those that are called; empty: whom the system trusts
}

// Server is for the ports; nil when they speak plain text.
func (f Files) Server() (*tls.Config, error) {
	if f.Cert == "" {
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("TLS_CERT=%q, TLS_KEY=%q: %w", f.Cert, f.Key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, nil
}

// Client is for calls to https:// and grpcs://.
func (f Files) Client() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.CA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(f.CA)
	config.RootCAs = x509.NewCertPool()
	if err == nil && !config.RootCAs.AppendCertsFromPEM(pem) {
		err = errors.New("no certificate in it")
	}
	if err != nil {
		return nil, fmt.Errorf("TLS_CA=%q: %w", f.CA, err)
	}
	return config, nil
}
