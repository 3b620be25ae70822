// Package defect names the defects that a service can be told to have. Each one exists to prove that a check of the
// harness goes red; the healthy system has none of them.
package defect

import (
	"fmt"
	"slices"
	"strings"
)

// Name is one defect. Both services accept every name, each acts on those that it has: one environment can then be
// handed to the whole system.
type Name string

const (
	SlowPath            Name = "slow-path"
	NoBreaker           Name = "no-breaker"
	NoTimeout           Name = "no-timeout"
	MemoryLeak          Name = "memory-leak"
	HotLock             Name = "hot-lock"
	ReadinessLies       Name = "readiness-lies"
	CPUCreep            Name = "cpu-creep"
	Chatty              Name = "chatty"
	NoShedding          Name = "no-shedding"
	NoQuota             Name = "no-quota"
	EagerProbe          Name = "eager-probe"
	ProbeStampede       Name = "probe-stampede"
	BreakerStuck        Name = "breaker-stuck"
	TripsOn4xx          Name = "trips-on-4xx"
	SharedPool          Name = "shared-pool"
	IgnoresCancel       Name = "ignores-cancel"
	RetryStorm          Name = "retry-storm"
	RetryDuplicates     Name = "retry-duplicates"
	VolatileKeys        Name = "volatile-keys"
	LivenessCoupled     Name = "liveness-coupled"
	AckBeforeCommit     Name = "ack-before-commit"
	RollbackDropsOutbox Name = "rollback-drops-outbox"
	CDCGap              Name = "cdc-gap"
	CDCReorder          Name = "cdc-reorder"
	CorruptRow          Name = "corrupt-row"
	SlowRollback        Name = "slow-rollback"
	AbruptStop          Name = "abrupt-stop"
	PartialKillSwitch   Name = "partial-kill-switch"
	Rounding            Name = "rounding"
	ShadowWrites        Name = "shadow-writes"
	ShadowBlocks        Name = "shadow-blocks"
	ContractBreak       Name = "contract-break"
	DropsTraceparent    Name = "drops-traceparent"
	BlockingExporter    Name = "blocking-exporter"
	LogUntraced         Name = "log-untraced"
	AlertSilent         Name = "alert-silent"
	AlertNoisy          Name = "alert-noisy"
	AuthOpen            Name = "auth-open"
)

// Known is every name, in the order of the documentation.
var Known = []Name{
	SlowPath, NoBreaker, NoTimeout, MemoryLeak, HotLock, ReadinessLies, CPUCreep, Chatty, NoShedding, NoQuota,
	EagerProbe, ProbeStampede, BreakerStuck, TripsOn4xx, SharedPool, IgnoresCancel, RetryStorm, RetryDuplicates,
	VolatileKeys, LivenessCoupled, AckBeforeCommit, RollbackDropsOutbox, CDCGap, CDCReorder, CorruptRow, SlowRollback,
	AbruptStop, PartialKillSwitch, Rounding, ShadowWrites, ShadowBlocks, ContractBreak, DropsTraceparent,
	BlockingExporter, LogUntraced, AlertSilent, AlertNoisy, AuthOpen,
}

// Set is the defects that are switched on. The zero value is the healthy service.
type Set struct{ on []Name }

// Parse reads names that are separated by commas. An unknown name is an error: a mistyped defect would otherwise look
// like a check that fails to detect it.
func Parse(list string) (Set, error) {
	var set Set
	for part := range strings.SplitSeq(list, ",") {
		name := Name(strings.TrimSpace(part))
		if name == "" {
			continue
		}
		if !slices.Contains(Known, name) {
			return Set{}, fmt.Errorf("unknown defect %q", name)
		}
		set.on = append(set.on, name)
	}
	return set, nil
}

// Has reports whether the defect is switched on.
func (s Set) Has(name Name) bool { return slices.Contains(s.on, name) }

// String lists the names as Parse reads them.
func (s Set) String() string { return Join(s.on) }

// Join lists names with commas.
func Join(names []Name) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = string(name)
	}
	return strings.Join(parts, ",")
}
