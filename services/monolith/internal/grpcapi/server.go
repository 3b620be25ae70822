// Package grpcapi serves gRPC.
package grpcapi

import (
	"context"
	"crypto/tls"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"

	"cutover.dev/monolith/internal/contracts"
	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/request"
)

// API is what the services need.
type API struct {
	Runner  *request.Runner
	Pricing pricing.Pricer
	Ledger  ledger.Ledger
	Orders  orders.Service
	Health  grpc_health_v1.HealthServer
	TLS     *tls.Config // nil: plain text
}

// Server makes a server with all services registered.
func (a *API) Server() *grpc.Server {
	security := insecure.NewCredentials()
	if a.TLS != nil {
		security = credentials.NewTLS(a.TLS)
	}
	server := grpc.NewServer(
		grpc.Creds(security),
		grpc.UnaryInterceptor(a.unary),
		grpc.StreamInterceptor(a.stream),
		// A graceful stop waits for peers that have connected but said nothing yet, by default two minutes. As in net/http.
		grpc.ConnectionTimeout(5*time.Second),
		// Clients that ping to notice a dead connection must not be thrown out for it.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
	)
	pb.RegisterPricingServer(server, pricingServer{api: a})
	pb.RegisterLedgerServer(server, ledgerServer{api: a})
	pb.RegisterOrdersServer(server, ordersServer{api: a})
	grpc_health_v1.RegisterHealthServer(server, a.Health)
	reflection.Register(server)
	return server
}

type pricingServer struct {
	pb.UnimplementedPricingServer
	api *API
}

func (s pricingServer) Quote(ctx context.Context, in *pb.QuoteRequest) (*pb.QuoteResponse, error) {
	quote, err := s.api.Pricing.Quote(ctx, pricing.Request{
		CustomerID: in.GetCustomerId(), Lines: contracts.LinesFrom(in.GetLines()), Currency: in.GetCurrency(),
	})
	if err != nil {
		return nil, err
	}
	return contracts.QuoteTo(quote), nil
}

type ledgerServer struct {
	pb.UnimplementedLedgerServer
	api *API
}

func (s ledgerServer) Append(ctx context.Context, in *pb.AppendRequest) (*pb.Entry, error) {
	entry, created, err := s.api.Ledger.Append(ctx, ledger.AppendRequest{
		IdempotencyKey: in.GetIdempotencyKey(), Account: in.GetAccount(),
		AmountMinor: in.GetAmountMinor(), Reference: in.GetReference(),
	})
	if err == nil {
		err = markReplay(ctx, created)
	}
	if err != nil {
		return nil, err
	}
	return contracts.EntryTo(entry), nil
}

func (s ledgerServer) Get(ctx context.Context, in *pb.GetEntryRequest) (*pb.Entry, error) {
	entry, err := s.api.Ledger.Get(ctx, in.GetId())
	if err != nil {
		return nil, err
	}
	return contracts.EntryTo(entry), nil
}

func (s ledgerServer) List(in *pb.ListEntriesRequest, stream grpc.ServerStreamingServer[pb.Entry]) error {
	query := ledger.Query{Account: in.GetAccount(), AfterSequence: in.GetAfterSequence(), Limit: in.GetLimit()}
	return s.api.Ledger.List(stream.Context(), query, func(entry ledger.Entry) error {
		if err := stream.Send(contracts.EntryTo(entry)); err != nil {
			return failure.Wrap(err, codes.Canceled, "the caller went away")
		}
		return nil
	})
}

type ordersServer struct {
	pb.UnimplementedOrdersServer
	api *API
}

func (s ordersServer) PlaceOrder(ctx context.Context, in *pb.PlaceOrderRequest) (*pb.Order, error) {
	order, created, err := s.api.Orders.Place(ctx, orders.PlaceRequest{
		IdempotencyKey: in.GetIdempotencyKey(), CustomerID: in.GetCustomerId(), Lines: contracts.LinesFrom(in.GetLines()),
		Currency: in.GetCurrency(),
	})
	if err == nil {
		err = markReplay(ctx, created)
	}
	if err != nil {
		return nil, err
	}
	return contracts.OrderTo(order), nil
}

func (s ordersServer) GetOrder(ctx context.Context, in *pb.GetOrderRequest) (*pb.Order, error) {
	order, err := s.api.Orders.Get(ctx, in.GetId())
	if err != nil {
		return nil, err
	}
	return contracts.OrderTo(order), nil
}

func markReplay(ctx context.Context, created bool) error {
	if created {
		return nil
	}
	return grpc.SetHeader(ctx, metadata.Pairs(contracts.ReplayHeader, "true"))
}
