// Package admission refuses requests before any work is done for them: when too many are in work already, and when a
// tenant asks for more than its share. Both are refused with RESOURCE_EXHAUSTED, so that a client can tell them from
// failures and wait.
package admission

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/telemetry"
)

const (
	// DefaultTenant is the tenant of calls that name none.
	DefaultTenant = "default"
	maxTenantName = 64
	// maxTenants bounds the memory: beyond it, tenants whose bucket is full again are forgotten, which changes nothing
	// for them. If too few of them are, others go too, so that room is not made again for each new one.
	maxTenants = 10_000
	roomFor    = maxTenants / 10
)

// Limits are what is let in; 0 means no limit.
type Limits struct {
	MaxInFlight uint32
	TenantQuota float64 // requests a second
	TenantBurst uint32
}

// Control keeps count of what is in work and of what each tenant has asked for.
type Control struct {
	limits   Limits
	metrics  *telemetry.Metrics
	now      func() time.Time
	inFlight atomic.Int64

	mu      sync.Mutex
	tenants map[string]*rate.Limiter
}

// New makes a control; now is the clock.
func New(limits Limits, metrics *telemetry.Metrics, now func() time.Time) *Control {
	return &Control{limits: limits, metrics: metrics, now: now, tenants: map[string]*rate.Limiter{}}
}

// Enter lets a call in, or says why not. Only costly calls count as in work. Call leave when it is done.
func (c *Control) Enter(operation, tenant string, costly bool) (leave func(), err error) {
	if tenant, err = checked(tenant); err != nil {
		return nil, err
	}
	if err := c.withinQuota(tenant); err != nil {
		return nil, err
	}
	if !costly || c.limits.MaxInFlight == 0 {
		return func() {}, nil
	}
	if c.inFlight.Add(1) > int64(c.limits.MaxInFlight) {
		c.inFlight.Add(-1)
		c.metrics.Shed.WithLabelValues(operation).Inc()
		return nil, failure.New(codes.ResourceExhausted, "too many requests are in work")
	}
	return func() { c.inFlight.Add(-1) }, nil
}

// checked is the tenant that a call belongs to. It is checked without a quota too: what is a good name must not depend on
// the settings.
func checked(tenant string) (string, error) {
	if tenant == "" {
		return DefaultTenant, nil
	}
	if err := failure.CheckText("tenant id", tenant, 1, maxTenantName); err != nil {
		return "", err
	}
	if strings.ContainsFunc(tenant, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", failure.New(codes.InvalidArgument, "tenant id must be printable, is %q", tenant)
	}
	return tenant, nil
}

func (c *Control) withinQuota(tenant string) error {
	if c.limits.TenantQuota == 0 {
		return nil
	}
	now := c.now()
	if c.bucket(tenant, now).AllowN(now, 1) {
		return nil
	}
	c.metrics.QuotaRejected.Inc()
	return failure.New(codes.ResourceExhausted, "the tenant is over its quota of %g requests a second", c.limits.TenantQuota)
}

func (c *Control) bucket(tenant string, now time.Time) *rate.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if bucket, ok := c.tenants[tenant]; ok {
		return bucket
	}
	if len(c.tenants) >= maxTenants {
		c.makeRoom(now)
	}
	bucket := rate.NewLimiter(rate.Limit(c.limits.TenantQuota), int(c.limits.TenantBurst))
	c.tenants[tenant] = bucket
	return bucket
}

func (c *Control) makeRoom(now time.Time) {
	for tenant, bucket := range c.tenants {
		if bucket.TokensAt(now) >= float64(c.limits.TenantBurst) {
			delete(c.tenants, tenant)
		}
	}
	for tenant := range c.tenants {
		if len(c.tenants) <= maxTenants-roomFor {
			return
		}
		delete(c.tenants, tenant)
	}
}
