// Package orders takes orders: quote, one ledger entry for the total, and the order itself.
package orders

import (
	"context"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/pricing"
)

// PlaceRequest asks for an order. Its JSON form is the HTTP body: there the key travels in a header.
type PlaceRequest struct {
	IdempotencyKey string         `json:"-"`
	CustomerID     string         `json:"customerId"`
	Lines          []pricing.Line `json:"lines"`
	Currency       string         `json:"currency,omitempty"` // as in pricing.Request
}

// Order is a placed order.
type Order struct {
	ID          string        `json:"id"`
	CustomerID  string        `json:"customerId"`
	Quote       pricing.Quote `json:"quote"`
	Entry       ledger.Entry  `json:"entry"`
	CreatedAtMs int64         `json:"createdAtMs"` // Unix time
}

// Store is what orders need of a database.
type Store interface {
	// SaveOrder stores the order unless its id is there already; it returns the stored one.
	SaveOrder(ctx context.Context, order Order) (stored Order, created bool, err error)
	// Order answers NOT_FOUND for an unknown id.
	Order(ctx context.Context, id string) (Order, error)
}

// Service places and finds orders.
type Service struct {
	Store   Store
	Pricing pricing.Pricer
	Ledger  ledger.Ledger
	Now     func() time.Time
	// Salt is a defect: as in ledger.Book.
	Salt string
}

// Place is idempotent by key. Every step is: a repeat after a partial failure finds what is there and goes on, so it
// ends with the same order and a single ledger entry.
func (s Service) Place(ctx context.Context, request PlaceRequest) (Order, bool, error) {
	quoteRequest := pricing.Request{CustomerID: request.CustomerID, Lines: request.Lines, Currency: request.Currency}
	if err := failure.CheckText("idempotency key", request.IdempotencyKey, 1, ledger.MaxKeyLength); err != nil {
		return Order{}, false, err
	}
	if err := quoteRequest.Validate(); err != nil {
		return Order{}, false, err
	}
	id := ledger.DeriveID("order:", request.IdempotencyKey+s.Salt)
	placed, err := s.Store.Order(ctx, id)
	if err == nil {
		return placed, false, placed.answers(request)
	}
	if failure.CodeOf(err) != codes.NotFound {
		return Order{}, false, err
	}

	quote, err := s.Pricing.Quote(ctx, quoteRequest)
	if err != nil {
		return Order{}, false, err
	}
	entry, _, err := s.Ledger.Append(ctx, ledger.AppendRequest{
		IdempotencyKey: entryKey(request.IdempotencyKey, id),
		Account:        request.CustomerID,
		AmountMinor:    quote.TotalMinor,
		Reference:      id,
	})
	if err != nil {
		return Order{}, false, err
	}
	order := Order{
		ID: id, CustomerID: request.CustomerID, Quote: quote, Entry: entry, CreatedAtMs: s.Now().UnixMilli(),
	}
	stored, created, err := s.Store.SaveOrder(ctx, order)
	if err != nil {
		return Order{}, false, err
	}
	// A concurrent request with the same key may have been faster, perhaps with another content.
	return stored, created, stored.answers(request)
}

// entryKey is the key of an order's ledger entry. With its prefix the longest order key would be longer than the ledger
// accepts; the order's id, as unique and shorter, then stands in for it.
func entryKey(orderKey, orderID string) string {
	const prefix = "order-entry:"
	if utf8.RuneCountInString(orderKey) > ledger.MaxKeyLength-len(prefix) {
		return prefix + orderID
	}
	return prefix + orderKey
}

// Get finds an order.
func (s Service) Get(ctx context.Context, id string) (Order, error) { return s.Store.Order(ctx, id) }

// answers refuses an order that the same idempotency key got for another content.
func (o Order) answers(request PlaceRequest) error {
	same := o.CustomerID == request.CustomerID && len(o.Quote.Lines) == len(request.Lines)
	for i := 0; same && i < len(request.Lines); i++ {
		line := o.Quote.Lines[i]
		same = line.SKU == request.Lines[i].SKU && line.Quantity == request.Lines[i].Quantity
	}
	if !same {
		return failure.New(codes.AlreadyExists, "the idempotency key was used for another order")
	}
	return nil
}
