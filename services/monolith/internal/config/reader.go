package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cutover.dev/monolith/internal/defect"
	"cutover.dev/monolith/internal/store"
	"cutover.dev/monolith/internal/traffic"
)

const anyCount = math.MaxUint32

// reader parses variables and collects what is wrong with them.
type reader struct {
	getenv func(string) string
	errs   []error
}

func (r *reader) refuse(name, value, allowed string, cause error) {
	text := fmt.Sprintf("%s=%q: allowed: %s", name, value, allowed)
	if cause != nil {
		text += " (" + cause.Error() + ")"
	}
	r.errs = append(r.errs, errors.New(text))
}

// parse is the shape of every setting: the default when empty, else what convert makes of it, else a complaint.
func parse[T any](r *reader, name string, fallback T, allowed string, convert func(string) (T, error)) T {
	text := r.getenv(name)
	if text == "" {
		return fallback
	}
	value, err := convert(text)
	if err != nil {
		r.refuse(name, text, allowed, err)
		return fallback
	}
	return value
}

func (r *reader) address(name, fallback string) string {
	return parse(r, name, fallback, "host:port, port 0 for any free one", checkAddress)
}

func checkAddress(text string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", errors.New("not host:port")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("port %q is not a number from 0 to 65535", port)
	}
	return text, nil
}

// storeDSN reads where the store is. What is complained about may hold a password.
func (r *reader) storeDSN(name, fallback string) string {
	text := r.getenv(name)
	if text == "" {
		return fallback
	}
	var err error
	switch {
	case store.IsPostgres(text):
		err = store.CheckPostgres(text)
	case strings.Contains(text, "://") || strings.HasPrefix(text, ":") || strings.HasPrefix(text, "file:"):
		err = errors.New("neither a file nor such a URL")
	}
	if err != nil {
		allowed := "the path of a SQLite file, or postgres://user:password@host:port/database"
		r.refuse(name, store.Redacted(text), allowed, err)
	}
	return text
}

func (r *reader) url(name string, schemes ...string) string {
	allowed := strings.Join(schemes, "://host:port or ") + "://host:port"
	return parse(r, name, "", allowed, func(text string) (string, error) {
		parsed, err := url.Parse(text)
		if err != nil || !slices.Contains(schemes, parsed.Scheme) {
			return "", errors.New("not such a URL")
		}
		grpc := strings.HasPrefix(parsed.Scheme, "grpc")
		if grpc && strings.Trim(parsed.Path, "/")+parsed.RawQuery != "" {
			return "", errors.New("a gRPC address has no path")
		}
		if parsed.User != nil {
			return "", errors.New("no user name or password here")
		}
		if _, err := checkAddress(parsed.Host); err != nil && (grpc || parsed.Hostname() == "") {
			return "", err
		}
		return strings.TrimRight(text, "/"), nil
	})
}

// together refuses one of two settings without the other.
func (r *reader) together(one, other string) {
	for _, pair := range [][2]string{{one, other}, {other, one}} {
		if value := r.getenv(pair[0]); value != "" && r.getenv(pair[1]) == "" {
			r.refuse(pair[0], value, "nothing while "+pair[1]+" is empty", nil)
		}
	}
}

func (r *reader) duration(name string, fallback time.Duration) time.Duration {
	return parse(r, name, fallback, "a duration above 0 such as 250ms or 2s", func(text string) (time.Duration, error) {
		value, err := time.ParseDuration(text)
		if err == nil && value <= 0 {
			err = errors.New("not above 0")
		}
		return value, err
	})
}

// count reads a whole number from least to most; anyCount for most stands for no upper limit.
func (r *reader) count(name string, fallback, least, most uint32) uint32 {
	allowed := fmt.Sprintf("a whole number from %d", least)
	if most != anyCount {
		allowed += fmt.Sprintf(" to %d", most)
	}
	return parse(r, name, fallback, allowed, func(text string) (uint32, error) {
		value, err := strconv.ParseUint(text, 10, 32)
		if err != nil || value < uint64(least) || value > uint64(most) {
			return 0, errors.New("not such a number")
		}
		return uint32(value), nil
	})
}

func (r *reader) share(name string, fallback float64) float64 {
	return parse(r, name, fallback, "a number from 0 to 1", func(text string) (float64, error) {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(value) || value < 0 || value > 1 {
			return 0, errors.New("not such a number")
		}
		return value, nil
	})
}

func (r *reader) rate(name string, fallback float64) float64 {
	return parse(r, name, fallback, "a number of requests a second from 0", func(text string) (float64, error) {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(value) || value < 0 || value > 1e6 {
			return 0, errors.New("not such a number")
		}
		return value, nil
	})
}

func (r *reader) setting(name string, capability traffic.Capability) traffic.Setting {
	return parse(r, name, traffic.Setting{Mode: traffic.Off}, traffic.Allowed(capability),
		func(text string) (traffic.Setting, error) { return traffic.ParseSetting(capability, text) })
}

func (r *reader) logLevel(name string, fallback slog.Level) slog.Level {
	return parse(r, name, fallback, "debug, info, warn, error", func(text string) (level slog.Level, err error) {
		if !slices.Contains([]string{"debug", "info", "warn", "error"}, strings.ToLower(text)) {
			return level, errors.New("not a level")
		}
		return level, level.UnmarshalText([]byte(text))
	})
}

func (r *reader) defects(name string) defect.Set {
	return parse(r, name, defect.Set{}, "one or several with commas of "+defect.Join(defect.Known), defect.Parse)
}
