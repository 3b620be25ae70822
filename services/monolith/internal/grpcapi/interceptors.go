package grpcapi

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/request"
)

// operations names the methods of the API proper. Health and reflection are not among them: they need no token and are
// in no metric of the traffic.
var operations = map[string]string{
	pb.Pricing_Quote_FullMethodName:     request.Quote,
	pb.Ledger_Append_FullMethodName:     request.LedgerAppend,
	pb.Ledger_Get_FullMethodName:        request.LedgerGet,
	pb.Ledger_List_FullMethodName:       request.LedgerList,
	pb.Orders_PlaceOrder_FullMethodName: request.OrderPlace,
	pb.Orders_GetOrder_FullMethodName:   request.OrderGet,
}

func (a *API) unary(
	ctx context.Context, in any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (out any, err error) {
	err = a.run(ctx, info.FullMethod, func(ctx context.Context) error {
		out, err = handle(ctx, in)
		return err
	})
	return out, err
}

func (a *API) stream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return a.run(stream.Context(), info.FullMethod, func(ctx context.Context) error {
		return handle(service, &streamWithContext{stream, ctx})
	})
}

func (a *API) run(ctx context.Context, method string, handle func(context.Context) error) error {
	operation, ok := operations[method]
	if !ok {
		return handle(ctx)
	}
	headers, _ := metadata.FromIncomingContext(ctx)
	carrier := headerCarrier(headers)
	err := a.Runner.Run(ctx, request.Call{
		Operation: operation, Protocol: "grpc", Authorization: carrier.Get("authorization"), Trace: carrier,
		Tenant: carrier.Get("x-tenant-id"), Via: attribute.String("rpc.system", "grpc"),
	}, handle)
	if err != nil {
		// Without its causes: they are for the log, not for the client.
		return failure.From(err).GRPCStatus().Err()
	}
	return nil
}

type streamWithContext struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *streamWithContext) Context() context.Context { return s.ctx }

// headerCarrier reads trace context from gRPC metadata.
type headerCarrier metadata.MD

func (h headerCarrier) Get(key string) string {
	if values := metadata.MD(h).Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

func (h headerCarrier) Set(key, value string) { metadata.MD(h).Set(key, value) }

func (h headerCarrier) Keys() []string {
	keys := make([]string, 0, len(h))
	for key := range h {
		keys = append(keys, key)
	}
	return keys
}
