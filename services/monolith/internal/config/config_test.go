package config

import (
	"strings"
	"testing"
	"time"

	"cutover.dev/monolith/internal/defect"
	"cutover.dev/monolith/internal/traffic"
)

func load(variables map[string]string) (Config, error) {
	return Load(func(name string) string { return variables[name] })
}

func TestDefaults(t *testing.T) {
	c, err := load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTPAddr != "127.0.0.1:8080" || c.GRPCAddr != "127.0.0.1:8081" || c.StoreDSN != "monolith.db" {
		t.Errorf("addresses: %+v", c)
	}
	if c.Pricing.Timeout != 250*time.Millisecond || c.Ledger.Timeout != 500*time.Millisecond ||
		c.RequestTimeout != time.Second || c.BreakerThreshold != 5 || c.BreakerOpenTime != 2*time.Second ||
		c.RetryBudget != 0.1 || c.DrainTimeout != 10*time.Second || c.Pricing.Switch.Mode != traffic.Off {
		t.Errorf("limits: %+v", c)
	}
	if c.PeerURL != "" || c.ReplicationEvery != 100*time.Millisecond {
		t.Errorf("replication: %+v", c)
	}
	if c.PricingWork != 1 || c.MaxInFlight != 0 || c.TenantQuota != 0 {
		t.Errorf("load: %+v", c)
	}
}

func TestEverySetting(t *testing.T) {
	c, err := load(map[string]string{
		"PRICING_URL": "grpc://localhost:1", "PRICING_SWITCH": "canary:25", "LEDGER_URL": "http://[::1]:2/",
		"LEDGER_SWITCH": "dual", "PEER_URL": "https://engine", "CUTOVER_DEFECT": "no-breaker, memory-leak", "OTLP_ENDPOINT": "http://collector:4318",
		"RETRY_BUDGET": "0",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Pricing.Switch != (traffic.Setting{Mode: traffic.Canary, Share: 25}) || c.Ledger.Switch != (traffic.Setting{Mode: traffic.Dual}) {
		t.Errorf("switch: %+v %+v", c.Pricing, c.Ledger)
	}
	if c.Ledger.URL != "http://[::1]:2" || c.PeerURL != "https://engine" || c.RetryBudget != 0 {
		t.Errorf("url %q, budget %v", c.Ledger.URL, c.RetryBudget)
	}
	if !c.Defects.Has(defect.NoBreaker) || !c.Defects.Has(defect.MemoryLeak) || c.Defects.Has(defect.NoTimeout) {
		t.Errorf("defects: %v", c.Defects)
	}
}

func TestABurstIsOneSecondOfTheQuotaUnlessSet(t *testing.T) {
	for _, one := range []struct {
		quota, burst string
		want         uint32
	}{{"20", "", 20}, {"2.5", "", 3}, {"0.1", "", 1}, {"20", "5", 5}} {
		c, err := load(map[string]string{"TENANT_QUOTA": one.quota, "TENANT_BURST": one.burst})
		if err != nil || c.TenantBurst != one.want {
			t.Errorf("%+v: %d, %v", one, c.TenantBurst, err)
		}
	}
}

func TestLimitsMayBeSwitchedOffByName(t *testing.T) {
	if _, err := load(map[string]string{"MAX_IN_FLIGHT": "0", "TENANT_QUOTA": "0"}); err != nil {
		t.Error(err)
	}
}

func TestBadSettingsNameVariableValueAndWhatIsAllowed(t *testing.T) {
	for name, one := range map[string]struct{ value, allowed string }{
		"HTTP_ADDR":         {"8080", "host:port"},
		"GRPC_ADDR":         {"localhost:99999", "host:port"},
		"STORE_DSN":         {"mysql://db", "SQLite file, or postgres://"},
		"PRICING_URL":       {"tcp://engine:1", "grpc://host:port or http://host:port or grpcs://host:port or https://host:port"},
		"LEDGER_URL":        {"grpcs://engine", "grpc://host:port"},
		"PEER_URL":          {"grpc://engine:1", "http://host:port or https://host:port"},
		"TLS_CERT":          {"cert.pem", "nothing while TLS_KEY is empty"},
		"TLS_KEY":           {"key.pem", "nothing while TLS_CERT is empty"},
		"PRICING_SWITCH":    {"dual", "off, shadow, canary:N with N from 0 to 100, full"},
		"LEDGER_SWITCH":     {"full", "off while LEDGER_URL is empty"},
		"PRICING_WORK":      {"100001", "whole number from 1 to 100000"},
		"MAX_IN_FLIGHT":     {"-1", "whole number from 0"},
		"TENANT_QUOTA":      {"NaN", "requests a second from 0"},
		"TENANT_BURST":      {"0", "whole number from 1"},
		"PRICING_TIMEOUT":   {"250", "duration"},
		"LEDGER_TIMEOUT":    {"0s", "duration above 0"},
		"REQUEST_TIMEOUT":   {"-1s", "duration above 0"},
		"BREAKER_THRESHOLD": {"0", "whole number from 1"},
		"BREAKER_OPEN_TIME": {"soon", "duration"},
		"RETRY_BUDGET":      {"NaN", "number from 0 to 1"},
		"OTLP_ENDPOINT":     {"collector:4318", "http://host:port or https://host:port"},
		"DRAIN_TIMEOUT":     {"x", "duration"},

		"REPLICATION_INTERVAL": {"0", "duration above 0"},
		"LOG_LEVEL":            {"loud", "debug, info, warn, error"},
		"CUTOVER_DEFECT": {"no-braker",
			"slow-path,no-breaker,no-timeout,memory-leak,hot-lock,readiness-lies,cpu-creep,chatty,no-shedding,no-quota," +
				"eager-probe,probe-stampede,breaker-stuck,trips-on-4xx,shared-pool,ignores-cancel,retry-storm," +
				"retry-duplicates,volatile-keys,liveness-coupled,ack-before-commit,rollback-drops-outbox,cdc-gap," +
				"cdc-reorder,corrupt-row,slow-rollback,abrupt-stop,partial-kill-switch,rounding,shadow-writes," +
				"shadow-blocks,contract-break,drops-traceparent,blocking-exporter,log-untraced,alert-silent," +
				"alert-noisy,auth-open"},
	} {
		_, err := load(map[string]string{name: one.value})
		if err == nil {
			t.Errorf("%s=%q was accepted", name, one.value)
			continue
		}
		for _, part := range []string{name, `"` + one.value + `"`, one.allowed} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
}

func TestAStoreInPostgres(t *testing.T) {
	const good = "postgres://user:secret@db:5432/cutover?sslmode=require"
	if c, err := load(map[string]string{"STORE_DSN": good}); err != nil || c.StoreDSN != good {
		t.Errorf("%q, %v", c.StoreDSN, err)
	}
	for _, bad := range []string{"postgres://user:secret@db:port/cutover", "postgres://user:secret@db/cutover?sslmode=perhaps"} {
		_, err := load(map[string]string{"STORE_DSN": bad})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := load(map[string]string{"HTTP_ADDR": "x", "RETRY_BUDGET": "2", "CUTOVER_DEFECT": "y"})
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three lines, got %v", err)
	}
}
