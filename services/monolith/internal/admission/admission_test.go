package admission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/telemetry"
)

func control(limits Limits) (*Control, *time.Time) {
	now := time.Unix(1_700_000_000, 0)
	return New(limits, telemetry.NewMetrics(), func() time.Time { return now }), &now
}

func TestOneMoreThanAllowedIsRefusedUntilOneLeaves(t *testing.T) {
	c, _ := control(Limits{MaxInFlight: 2})
	var leave []func()
	for range 2 {
		done, err := c.Enter("quote", "", true)
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, done)
	}
	if _, err := c.Enter("quote", "", true); failure.CodeOf(err) != codes.ResourceExhausted {
		t.Fatalf("the third: %v", err)
	}
	if _, err := c.Enter("ledger-get", "", false); err != nil {
		t.Fatalf("a cheap one: %v", err)
	}
	leave[0]()
	if _, err := c.Enter("quote", "", true); err != nil {
		t.Fatalf("after one has left: %v", err)
	}
}

func TestATenantIsHeldToItsQuota(t *testing.T) {
	c, now := control(Limits{TenantQuota: 10, TenantBurst: 5})
	allowed := 0
	for range 200 { // 100 requests a second for 2 s
		if _, err := c.Enter("quote", "noisy", true); err == nil {
			allowed++
		}
		*now = now.Add(10 * time.Millisecond)
	}
	if allowed < 24 || allowed > 25 { // 5 at once, then 10 a second
		t.Errorf("allowed %d", allowed)
	}
	if _, err := c.Enter("quote", "quiet", true); err != nil {
		t.Errorf("another tenant: %v", err)
	}
}

func TestCallsWithoutATenantShareOne(t *testing.T) {
	c, _ := control(Limits{TenantQuota: 1, TenantBurst: 1})
	if _, err := c.Enter("quote", "", false); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Enter("quote", DefaultTenant, false); failure.CodeOf(err) != codes.ResourceExhausted {
		t.Fatalf("the second: %v", err)
	}
}

func TestATenantIDIsChecked(t *testing.T) {
	for name, want := range map[string]codes.Code{
		"":                      codes.OK,
		"a tenant of São Paulo": codes.OK,
		strings.Repeat("ü", 64): codes.OK,
		strings.Repeat("t", 65): codes.InvalidArgument,
		"tab\tin it":            codes.InvalidArgument,
		"not UTF-8\xff":         codes.InvalidArgument,
		"zero width\u200b":      codes.InvalidArgument,
	} {
		for _, limits := range []Limits{{}, {TenantQuota: 1, TenantBurst: 1}} {
			c, _ := control(limits)
			if _, err := c.Enter("quote", name, false); failure.CodeOf(err) != want {
				t.Errorf("%q with %+v: %v", name, limits, err)
			}
		}
	}
}

func TestTenantsAreForgottenWhenThereAreTooMany(t *testing.T) {
	c, now := control(Limits{TenantQuota: 1, TenantBurst: 1})
	for n := range maxTenants + 500 {
		_, _ = c.Enter("quote", fmt.Sprint(n), false)
	}
	if len(c.tenants) > maxTenants {
		t.Errorf("%d tenants are kept", len(c.tenants))
	}
	*now = now.Add(time.Minute)
	for n := range maxTenants {
		_, _ = c.Enter("quote", fmt.Sprintf("later-%d", n), false)
	}
	if len(c.tenants) > maxTenants {
		t.Errorf("%d tenants are kept", len(c.tenants))
	}
}

func TestIdleTenantsAreForgottenFirst(t *testing.T) {
	c, now := control(Limits{TenantQuota: 1, TenantBurst: 1})
	for n := range maxTenants - 1 {
		_, _ = c.Enter("quote", fmt.Sprint(n), false)
	}
	*now = now.Add(time.Minute)
	_, _ = c.Enter("quote", "busy", false)
	_, _ = c.Enter("quote", "one more than fits", false)
	if len(c.tenants) != 2 {
		t.Errorf("%d tenants are kept", len(c.tenants))
	}
	if _, err := c.Enter("quote", "busy", false); failure.CodeOf(err) != codes.ResourceExhausted {
		t.Errorf("the busy one got a new bucket: %v", err)
	}
}
