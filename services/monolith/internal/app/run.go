package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cutover.dev/monolith/internal/defect"
)

// statusEvery is how often gRPC health follows readiness; /readyz asks each time.
const statusEvery = 250 * time.Millisecond

// Run serves until the context ends, then drains and lets go of everything.
func (a *App) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	go func() { failed <- a.serveHTTP() }()
	go func() { failed <- a.grpc.Serve(a.grpcListener) }()
	a.running.Go(a.followReadiness)
	a.log.Info("listening", "http", a.HTTPAddr(), "grpc", a.GRPCAddr(), "defects", a.config.Defects.String())

	var err error
	select {
	case <-ctx.Done():
		if a.config.Defects.Has(defect.AbruptStop) {
			return a.cut()
		}
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	}
	return errors.Join(err, a.drain(), a.Close())
}

func (a *App) serveHTTP() error {
	if a.http.TLSConfig != nil {
		return a.http.ServeTLS(a.httpListener, "", "") // the certificate is in the configuration
	}
	return a.http.Serve(a.httpListener)
}

func (a *App) followReadiness() {
	ticker := time.NewTicker(statusEvery)
	defer ticker.Stop()
	for {
		a.health.SetReady(a.readiness.Report(a.background).Ready)
		select {
		case <-ticker.C:
		case <-a.background.Done():
			return
		}
	}
}

// drain ends serving in order: first the word that no more traffic should come, then no more connections, then the
// requests in flight, all within the drain time.
func (a *App) drain() error {
	a.log.Info("draining", "timeout", a.config.DrainTimeout.String())
	ctx, cancel := context.WithTimeout(context.Background(), a.config.DrainTimeout)
	defer cancel()
	a.readiness.Drain()
	a.health.SetReady(a.readiness.Report(ctx).Ready)
	a.notice(ctx)

	a.health.EndWatches()
	stopped := make(chan struct{})
	go func() {
		a.grpc.GracefulStop()
		close(stopped)
	}()
	err := a.http.Shutdown(ctx)
	select {
	case <-stopped:
	case <-ctx.Done():
		a.grpc.Stop()
		<-stopped
		err = ctx.Err()
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("drain: requests were cut off: %w", err), a.http.Close())
	}
	a.log.Info("drained", "complete", err == nil)
	return err
}

// cut is a defect: it ends serving at once, whatever is in flight.
func (a *App) cut() error {
	a.log.Info("stopping at once")
	a.grpc.Stop()
	return errors.Join(a.http.Close(), a.Close())
}

// notice keeps serving for a moment after readiness has gone: whoever balances the load needs the time to see it, and
// requests on their way would else meet a closed port. A tenth of the drain time, at most a second.
func (a *App) notice(ctx context.Context) {
	timer := time.NewTimer(min(a.config.DrainTimeout/10, time.Second))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
