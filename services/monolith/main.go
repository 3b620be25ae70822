// Command monolith is the order platform that is being taken apart: orders, pricing and ledger in one process, with a
// traffic switch that hands the latter two to the engine. Settings are environment variables; see services/README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cutover.dev/monolith/internal/app"
	"cutover.dev/monolith/internal/config"
	"cutover.dev/monolith/internal/telemetry"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "monolith:", err)
		os.Exit(1)
	}
}

// run reads the settings, acquires what they name, and serves until SIGTERM or SIGINT.
func run() error {
	settings, err := config.Load(os.Getenv)
	if err != nil {
		return fmt.Errorf("bad settings:\n%w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // while draining, a second signal ends the process at once
	log := telemetry.NewLogger(os.Stderr, settings.LogLevel)
	monolith, err := app.New(ctx, settings, log)
	if err != nil {
		return err
	}
	return monolith.Run(ctx)
}
