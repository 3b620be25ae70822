package telemetry

import (
	"io"
	"log/slog"
)

// Service is this service's name in logs and traces.
const Service = "monolith"

// NewLogger writes JSON lines with the keys time, level, msg and service.
func NewLogger(out io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level})).With("service", Service)
}
