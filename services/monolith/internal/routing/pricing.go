// Package routing answers each call by the switch: in-process, by the engine over an edge, or in-process with a shadow.
package routing

import (
	"context"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/edge"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/shadow"
	"cutover.dev/monolith/internal/telemetry"
	"cutover.dev/monolith/internal/traffic"
)

// Pricing is a Pricer. Remote and Edge are nil when there is no engine; the switch then never routes to it.
type Pricing struct {
	Local   pricing.Pricer
	Remote  pricing.Pricer
	Edge    *edge.Edge
	Switch  *traffic.Switch
	Shadow  *shadow.Shadow
	Metrics *telemetry.Metrics
	// Chatty is a defect: one call a line.
	Chatty bool
	// NeedsCurrency is a defect: the clients of the previous contract, which knows no currency, are refused.
	NeedsCurrency bool
}

// Quote falls back to the in-process calculation when the engine fails: it is the same to the last minor unit.
func (p *Pricing) Quote(ctx context.Context, request pricing.Request) (pricing.Quote, error) {
	if err := request.Validate(); err != nil {
		return pricing.Quote{}, err // before the edge: a bad request is no load for the engine
	}
	if p.NeedsCurrency && request.Currency == "" {
		return pricing.Quote{}, failure.New(codes.InvalidArgument, "currency is needed")
	}
	switch p.Switch.Route(traffic.Pricing, request.CustomerID) {
	case traffic.Engine:
		quote, err := p.engineQuote(ctx, request)
		if err == nil || !p.mayFallBack(ctx, err) {
			return quote, err
		}
		p.Metrics.Fallbacks.WithLabelValues(string(traffic.Pricing)).Inc()
		return p.Local.Quote(ctx, request)
	case traffic.InProcessShadowed:
		quote, err := p.Local.Quote(ctx, request)
		if err == nil {
			p.Shadow.Submit(ctx, traffic.Pricing, func(ctx context.Context) (bool, error) {
				other, err := edge.Once(ctx, p.Edge, p.remoteQuote(request))
				return err == nil && quote.Same(other), err
			})
		}
		return quote, err
	}
	return p.Local.Quote(ctx, request)
}

func (p *Pricing) engineQuote(ctx context.Context, request pricing.Request) (pricing.Quote, error) {
	if !p.Chatty {
		return edge.Call(ctx, p.Edge, p.remoteQuote(request))
	}
	var parts []pricing.Quote
	for _, line := range request.Lines {
		single := request
		single.Lines = []pricing.Line{line}
		part, err := edge.Call(ctx, p.Edge, p.remoteQuote(single))
		if err != nil {
			return pricing.Quote{}, err
		}
		parts = append(parts, part)
	}
	return pricing.Combine(parts), nil
}

func (p *Pricing) remoteQuote(request pricing.Request) func(context.Context) (pricing.Quote, error) {
	return func(ctx context.Context) (pricing.Quote, error) { return p.Remote.Quote(ctx, request) }
}

// mayFallBack: not when the request itself is at fault, and not when nobody waits for the answer any more. An engine
// that refuses this service's token is a failure of the engine to the client.
func (p *Pricing) mayFallBack(ctx context.Context, err error) bool {
	return ctx.Err() == nil && failure.CodeOf(err) != codes.InvalidArgument
}
