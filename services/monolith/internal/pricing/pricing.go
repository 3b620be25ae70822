// Package pricing calculates quotes. It is a pure calculation that another implementation must match to the last minor
// unit, so everything here is integer arithmetic.
package pricing

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// Pricer gives quotes: the in-process calculation, the engine over an edge, or the router between them.
type Pricer interface {
	Quote(ctx context.Context, request Request) (Quote, error)
}

// Line asks for a quantity of one item.
type Line struct {
	SKU      string `json:"sku"`
	Quantity uint32 `json:"quantity"`
}

// Request asks for a quote.
type Request struct {
	CustomerID string `json:"customerId"`
	Lines      []Line `json:"lines"`
	// Currency may be left out: clients of the previous contract do not know it.
	Currency string `json:"currency,omitempty"`
}

// PricedLine is a line with its price, in minor units (cents).
type PricedLine struct {
	SKU           string `json:"sku"`
	Quantity      uint32 `json:"quantity"`
	UnitMinor     int64  `json:"unitMinor"`
	DiscountMinor int64  `json:"discountMinor"`
	NetMinor      int64  `json:"netMinor"`
}

// Quote is the answer, in minor units. ServedBy tells which implementation calculated it.
type Quote struct {
	Lines      []PricedLine `json:"lines"`
	NetMinor   int64        `json:"netMinor"`
	TaxMinor   int64        `json:"taxMinor"`
	TotalMinor int64        `json:"totalMinor"`
	Currency   string       `json:"currency"`
	ServedBy   string       `json:"servedBy"`
}

// Limits of a request.
const (
	MaxNameLength = 64
	MaxLines      = 100
	MaxQuantity   = 10_000
)

// Validate refuses a request outside the contract's limits with INVALID_ARGUMENT.
func (r Request) Validate() error {
	if err := failure.CheckText("customerId", r.CustomerID, 1, MaxNameLength); err != nil {
		return err
	}
	if len(r.Lines) < 1 || len(r.Lines) > MaxLines {
		return failure.New(codes.InvalidArgument, "lines must have 1 to %d items, has %d", MaxLines, len(r.Lines))
	}
	if r.Currency != "" && r.Currency != currency {
		return failure.New(codes.InvalidArgument, "currency must be %s or left out, is %q", currency, r.Currency)
	}
	for i, line := range r.Lines {
		if err := failure.CheckText(fmt.Sprintf("lines[%d].sku", i), line.SKU, 1, MaxNameLength); err != nil {
			return err
		}
		if line.Quantity < 1 || line.Quantity > MaxQuantity {
			return failure.New(codes.InvalidArgument,
				"lines[%d].quantity must be 1 to %d, is %d", i, MaxQuantity, line.Quantity)
		}
	}
	return nil
}

// Same reports whether two quotes say the same, whoever calculated them.
func (q Quote) Same(other Quote) bool {
	if len(q.Lines) != len(other.Lines) || q.NetMinor != other.NetMinor || q.TaxMinor != other.TaxMinor ||
		q.TotalMinor != other.TotalMinor || q.Currency != other.Currency {
		return false
	}
	for i := range q.Lines {
		if q.Lines[i] != other.Lines[i] {
			return false
		}
	}
	return true
}
