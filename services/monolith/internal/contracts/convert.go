package contracts

import (
	pb "cutover.dev/monolith/internal/contracts/cutoverv1"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
	"cutover.dev/monolith/internal/pricing"
)

// The generated types stay at the gRPC edges; these functions are the way in and out.

// LinesFrom reads order lines.
func LinesFrom(lines []*pb.QuoteLine) []pricing.Line {
	out := make([]pricing.Line, len(lines))
	for i, line := range lines {
		out[i] = pricing.Line{SKU: line.GetSku(), Quantity: line.GetQuantity()}
	}
	return out
}

// LinesTo writes order lines.
func LinesTo(lines []pricing.Line) []*pb.QuoteLine {
	out := make([]*pb.QuoteLine, len(lines))
	for i, line := range lines {
		out[i] = &pb.QuoteLine{Sku: line.SKU, Quantity: line.Quantity}
	}
	return out
}

// QuoteFrom reads a quote.
func QuoteFrom(quote *pb.QuoteResponse) pricing.Quote {
	out := pricing.Quote{
		Lines:    make([]pricing.PricedLine, len(quote.GetLines())),
		NetMinor: quote.GetNetMinor(), TaxMinor: quote.GetTaxMinor(), TotalMinor: quote.GetTotalMinor(),
		Currency: quote.GetCurrency(), ServedBy: quote.GetServedBy(),
	}
	for i, line := range quote.GetLines() {
		out.Lines[i] = pricing.PricedLine{
			SKU: line.GetSku(), Quantity: line.GetQuantity(), UnitMinor: line.GetUnitMinor(),
			DiscountMinor: line.GetDiscountMinor(), NetMinor: line.GetNetMinor(),
		}
	}
	return out
}

// QuoteTo writes a quote.
func QuoteTo(quote pricing.Quote) *pb.QuoteResponse {
	out := &pb.QuoteResponse{
		Lines:    make([]*pb.PricedLine, len(quote.Lines)),
		NetMinor: quote.NetMinor, TaxMinor: quote.TaxMinor, TotalMinor: quote.TotalMinor,
		Currency: quote.Currency, ServedBy: quote.ServedBy,
	}
	for i, line := range quote.Lines {
		out.Lines[i] = &pb.PricedLine{
			Sku: line.SKU, Quantity: line.Quantity, UnitMinor: line.UnitMinor,
			DiscountMinor: line.DiscountMinor, NetMinor: line.NetMinor,
		}
	}
	return out
}

// EntryFrom reads a ledger entry.
func EntryFrom(entry *pb.Entry) ledger.Entry {
	return ledger.Entry{
		ID: entry.GetId(), Account: entry.GetAccount(), AmountMinor: entry.GetAmountMinor(),
		Reference: entry.GetReference(), Sequence: entry.GetSequence(), BalanceMinor: entry.GetBalanceMinor(),
		CommittedAtMs: entry.GetCommittedAtMs(), StoredBy: entry.GetStoredBy(),
	}
}

// EntryTo writes a ledger entry.
func EntryTo(entry ledger.Entry) *pb.Entry {
	return &pb.Entry{
		Id: entry.ID, Account: entry.Account, AmountMinor: entry.AmountMinor, Reference: entry.Reference,
		Sequence: entry.Sequence, BalanceMinor: entry.BalanceMinor,
		CommittedAtMs: entry.CommittedAtMs, StoredBy: entry.StoredBy,
	}
}

// OrderTo writes an order.
func OrderTo(order orders.Order) *pb.Order {
	return &pb.Order{
		Id: order.ID, CustomerId: order.CustomerID, Quote: QuoteTo(order.Quote), Entry: EntryTo(order.Entry),
		CreatedAtMs: order.CreatedAtMs,
	}
}

// ReplayHeader is the gRPC header metadata that marks the answer to a repeated idempotency key: HTTP says it with the
// status (200 instead of 201), the messages have no field for it.
const ReplayHeader = "idempotent-replay"
