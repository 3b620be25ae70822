// Package traffic is the switch: per capability, who answers.
package traffic

import (
	"fmt"
	"strconv"
	"strings"
)

// Capability is one part of the platform that can move to the engine.
type Capability string

const (
	Pricing Capability = "pricing"
	Ledger  Capability = "ledger"
)

// Capabilities is all of them.
var Capabilities = []Capability{Pricing, Ledger}

// Mode says how a capability's calls are split.
type Mode string

const (
	Off    Mode = "off"    // in-process answers
	Shadow Mode = "shadow" // in-process answers, the engine is asked on the side
	Canary Mode = "canary" // the engine answers for a share of the keys
	Full   Mode = "full"   // the engine answers
)

// Allowed is what ParseSetting takes, for messages.
const Allowed = "off, shadow, canary:N with N from 0 to 100, full"

// Setting is a mode with the share, in per cent, that the engine answers.
type Setting struct {
	Mode  Mode `json:"mode"`
	Share int  `json:"share"`
}

// NewSetting checks a mode and its share. Only canary has a choice of share; for the others the mode says it.
func NewSetting(mode Mode, share *int) (Setting, error) {
	switch mode {
	case Off, Shadow:
		return Setting{Mode: mode}, nil
	case Full:
		return Setting{Mode: Full, Share: 100}, nil
	case Canary:
		if share == nil {
			return Setting{}, fmt.Errorf("mode canary needs a share from 0 to 100")
		}
		if *share < 0 || *share > 100 {
			return Setting{}, fmt.Errorf("share must be 0 to 100, is %d", *share)
		}
		return Setting{Mode: Canary, Share: *share}, nil
	}
	return Setting{}, fmt.Errorf("mode must be off, shadow, canary or full, is %q", mode)
}

// ParseSetting reads a setting such as "canary:25".
func ParseSetting(text string) (Setting, error) {
	mode, shareText, hasShare := strings.Cut(text, ":")
	if !hasShare {
		return NewSetting(Mode(mode), nil)
	}
	if Mode(mode) != Canary {
		return Setting{}, fmt.Errorf("only canary has a share")
	}
	share, err := strconv.Atoi(shareText)
	if err != nil {
		return Setting{}, fmt.Errorf("share %q is not a whole number", shareText)
	}
	return NewSetting(Canary, &share)
}
