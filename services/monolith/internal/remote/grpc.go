package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"cutover.dev/monolith/internal/contracts"
	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/request"
)

type grpcEngine struct {
	connection *grpc.ClientConn
	pricing    pb.PricingClient
	ledger     pb.LedgerClient
	health     grpc_health_v1.HealthClient
	options    Options
}

func dialGRPC(address string, security credentials.TransportCredentials, o Options) (*grpcEngine, error) {
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(security),
		grpc.WithNoProxy(),
		// Retries are the edge's: they must be counted and within the budget. What grpc-go still repeats, once, is a call
		// that the peer says it has not begun (GOAWAY, REFUSED_STREAM).
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		// The usual backoff grows to two minutes: calls would go on failing long after the network has healed.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 250 * time.Millisecond},
			MinConnectTimeout: time.Second, // a connection attempt into a black hole ends then
		}),
		// Notices a dead connection that no packet reports. Servers usually refuse pings more often than every 10 s.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: 10 * time.Second, Timeout: 2 * time.Second, PermitWithoutStream: true,
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("engine at %s: %w", address, err)
	}
	return &grpcEngine{
		connection: connection, options: o,
		pricing: pb.NewPricingClient(connection), ledger: pb.NewLedgerClient(connection),
		health: grpc_health_v1.NewHealthClient(connection),
	}, nil
}

func (e *grpcEngine) Quote(ctx context.Context, asked pricing.Request) (pricing.Quote, error) {
	ctx, err := e.outgoing(ctx, request.Quote)
	if err != nil {
		return pricing.Quote{}, err
	}
	quote, err := e.pricing.Quote(ctx, &pb.QuoteRequest{
		CustomerId: asked.CustomerID, Lines: contracts.LinesTo(asked.Lines), Currency: asked.Currency,
	})
	if err != nil {
		return pricing.Quote{}, fromStatus(ctx, err)
	}
	return contracts.QuoteFrom(quote), nil
}

func (e *grpcEngine) Append(ctx context.Context, asked ledger.AppendRequest) (ledger.Entry, bool, error) {
	ctx, err := e.outgoing(ctx, request.LedgerAppend)
	if err != nil {
		return ledger.Entry{}, false, err
	}
	var header metadata.MD
	entry, err := e.ledger.Append(ctx, &pb.AppendRequest{
		IdempotencyKey: asked.IdempotencyKey, Account: asked.Account,
		AmountMinor: asked.AmountMinor, Reference: asked.Reference,
	}, grpc.Header(&header))
	if err != nil {
		return ledger.Entry{}, false, fromStatus(ctx, err)
	}
	return contracts.EntryFrom(entry), len(header.Get(contracts.ReplayHeader)) == 0, nil
}

func (e *grpcEngine) Get(ctx context.Context, id string) (ledger.Entry, error) {
	ctx, err := e.outgoing(ctx, request.LedgerGet)
	if err != nil {
		return ledger.Entry{}, err
	}
	entry, err := e.ledger.Get(ctx, &pb.GetEntryRequest{Id: id})
	if err != nil {
		return ledger.Entry{}, fromStatus(ctx, err)
	}
	return contracts.EntryFrom(entry), nil
}

func (e *grpcEngine) List(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the stream when emit does
	defer cancel()
	ctx, err := e.outgoing(ctx, request.LedgerList)
	if err != nil {
		return err
	}
	stream, err := e.ledger.List(ctx, &pb.ListEntriesRequest{
		Account: query.Account, AfterSequence: query.AfterSequence, Limit: query.Limit,
	})
	if err != nil {
		return fromStatus(ctx, err)
	}
	for {
		entry, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fromStatus(ctx, err)
		}
		if err := emit(contracts.EntryFrom(entry)); err != nil {
			return err
		}
	}
}

func (e *grpcEngine) Healthy(ctx context.Context) error {
	answer, err := e.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return fromStatus(ctx, err)
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return failure.New(codes.Unavailable, "the engine is %s", answer.GetStatus())
	}
	return nil
}

func (e *grpcEngine) Close() error { return e.connection.Close() }

// outgoing is the context of a call with its headers.
func (e *grpcEngine) outgoing(ctx context.Context, operation string) (context.Context, error) {
	headers := propagation.MapCarrier{}
	describe(ctx, operation, attribute.String("rpc.system", "grpc"))
	e.options.inject(ctx, headers)
	authorization, err := e.options.Tokens.Authorization()
	if err != nil {
		return nil, err
	}
	if authorization != "" {
		headers["authorization"] = authorization
	}
	return metadata.NewOutgoingContext(ctx, metadata.New(headers)), nil
}

func fromStatus(ctx context.Context, err error) error {
	answer := status.Convert(err)
	if answer.Code() == codes.Canceled && ctx.Err() == nil {
		// Not by this side: the peer has reset the stream. To the client that is a failure like any other.
		return failure.Wrap(err, codes.Unavailable, "the engine broke off the call")
	}
	return failure.Wrap(err, answer.Code(), "%s", answer.Message())
}
