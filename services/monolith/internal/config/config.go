// Package config reads the settings from environment variables.
package config

import (
	"errors"
	"log/slog"
	"math"
	"time"

	"cutover.dev/monolith/internal/defect"
	"cutover.dev/monolith/internal/secure"
	"cutover.dev/monolith/internal/traffic"
)

// Config is every setting, checked.
type Config struct {
	HTTPAddr, GRPCAddr string
	StoreDSN           string
	Pricing, Ledger    Edge
	PeerURL            string        // of the store to replicate to; empty: none
	ReplicationEvery   time.Duration // how often an idle outbox is looked at
	TLS                secure.Files
	PricingWork        uint32
	MaxInFlight        uint32  // quotes and orders in work at once; 0: any number
	TenantQuota        float64 // requests a second; 0: none
	TenantBurst        uint32
	RequestTimeout     time.Duration
	BreakerThreshold   uint32
	BreakerOpenTime    time.Duration
	RetryBudget        float64
	APITokenSecret     string
	ServiceTokenSecret string
	OTLPEndpoint       string
	DrainTimeout       time.Duration
	LogLevel           slog.Level
	Defects            defect.Set
}

// Edge is the settings of one capability's way to the engine.
type Edge struct {
	URL     string // empty: no engine, the capability stays in-process
	Switch  traffic.Setting
	Timeout time.Duration // per attempt
}

// Load reads the settings through getenv. All bad ones are reported at once, each with its value and what is allowed.
func Load(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	config := Config{
		HTTPAddr:           r.address("HTTP_ADDR", "127.0.0.1:8080"),
		GRPCAddr:           r.address("GRPC_ADDR", "127.0.0.1:8081"),
		StoreDSN:           r.storeDSN("STORE_DSN", "monolith.db"),
		Pricing:            r.edge("PRICING", traffic.Pricing, 250*time.Millisecond),
		Ledger:             r.edge("LEDGER", traffic.Ledger, 500*time.Millisecond),
		PeerURL:            r.url("PEER_URL", "http", "https"),
		ReplicationEvery:   r.duration("REPLICATION_INTERVAL", 100*time.Millisecond),
		TLS:                secure.Files{Cert: getenv("TLS_CERT"), Key: getenv("TLS_KEY"), CA: getenv("TLS_CA")},
		PricingWork:        r.count("PRICING_WORK", 1, 1, 100_000),
		MaxInFlight:        r.count("MAX_IN_FLIGHT", 0, 0, anyCount),
		TenantQuota:        r.rate("TENANT_QUOTA", 0),
		TenantBurst:        r.count("TENANT_BURST", 0, 1, anyCount),
		RequestTimeout:     r.duration("REQUEST_TIMEOUT", time.Second),
		BreakerThreshold:   r.count("BREAKER_THRESHOLD", 5, 1, anyCount),
		BreakerOpenTime:    r.duration("BREAKER_OPEN_TIME", 2*time.Second),
		RetryBudget:        r.share("RETRY_BUDGET", 0.1),
		APITokenSecret:     getenv("API_TOKEN_SECRET"),
		ServiceTokenSecret: getenv("SERVICE_TOKEN_SECRET"),
		OTLPEndpoint:       r.url("OTLP_ENDPOINT", "http", "https"),
		DrainTimeout:       r.duration("DRAIN_TIMEOUT", 10*time.Second),
		LogLevel:           r.logLevel("LOG_LEVEL", slog.LevelInfo),
		Defects:            r.defects("CUTOVER_DEFECT"),
	}
	if config.TenantBurst == 0 {
		config.TenantBurst = uint32(max(1, math.Ceil(config.TenantQuota)))
	}
	r.together("TLS_CERT", "TLS_KEY")
	return config, errors.Join(r.errs...)
}

func (r *reader) edge(prefix string, capability traffic.Capability, timeout time.Duration) Edge {
	edge := Edge{
		URL:     r.url(prefix+"_URL", "grpc", "http", "grpcs", "https"),
		Switch:  r.setting(prefix+"_SWITCH", capability),
		Timeout: r.duration(prefix+"_TIMEOUT", timeout),
	}
	if edge.URL == "" && r.getenv(prefix+"_URL") == "" && edge.Switch.Mode != traffic.Off {
		r.refuse(prefix+"_SWITCH", r.getenv(prefix+"_SWITCH"), "off while "+prefix+"_URL is empty", nil)
	}
	return edge
}
