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
	Dual   Mode = "dual"   // in-process answers, each append is sent to the engine too; ledger only
	Canary Mode = "canary" // the engine answers for a share of the keys
	Full   Mode = "full"   // the engine answers
)

// Allowed is what ParseSetting takes, for messages.
func Allowed(capability Capability) string {
	return strings.Join(modes(capability, "canary:N with N from 0 to 100"), ", ")
}

func modes(capability Capability, canary string) []string {
	if capability == Ledger {
		return []string{"off", "shadow", "dual", canary, "full"}
	}
	return []string{"off", "shadow", canary, "full"}
}

// Setting is a mode with the share, in per cent, that the engine answers.
type Setting struct {
	Mode  Mode `json:"mode"`
	Share int  `json:"share"`
}

// NewSetting checks a capability's mode and its share. Only canary has a choice of share; for the others the mode says it.
func NewSetting(capability Capability, mode Mode, share *int) (Setting, error) {
	switch {
	case mode == Off, mode == Shadow, mode == Dual && capability == Ledger:
		return Setting{Mode: mode}, nil
	case mode == Full:
		return Setting{Mode: Full, Share: 100}, nil
	case mode == Canary:
		if share == nil {
			return Setting{}, fmt.Errorf("mode canary needs a share from 0 to 100")
		}
		if *share < 0 || *share > 100 {
			return Setting{}, fmt.Errorf("share must be 0 to 100, is %d", *share)
		}
		return Setting{Mode: Canary, Share: *share}, nil
	}
	return Setting{}, fmt.Errorf("mode of %s must be one of %s, is %q",
		capability, strings.Join(modes(capability, "canary"), ", "), mode)
}

// ParseSetting reads a capability's setting such as "canary:25".
func ParseSetting(capability Capability, text string) (Setting, error) {
	mode, shareText, hasShare := strings.Cut(text, ":")
	if !hasShare {
		return NewSetting(capability, Mode(mode), nil)
	}
	if Mode(mode) != Canary {
		return Setting{}, fmt.Errorf("only canary has a share")
	}
	share, err := strconv.Atoi(shareText)
	if err != nil {
		return Setting{}, fmt.Errorf("share %q is not a whole number", shareText)
	}
	return NewSetting(capability, Canary, &share)
}
