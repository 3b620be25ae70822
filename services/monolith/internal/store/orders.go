package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/orders"
)

// SaveOrder stores the order unless its id is there already. An order is one document: it is written once and read
// whole, and a repeat must give the same answer to the byte.
func (s *SQL) SaveOrder(ctx context.Context, order orders.Order) (orders.Order, bool, error) {
	if !s.storable(order.CustomerID) {
		return orders.Order{}, false, unstorable()
	}
	document, err := json.Marshal(order)
	if err != nil {
		return orders.Order{}, false, fmt.Errorf("encode order: %w", err)
	}
	// The task may outlive this call, so it writes to a value of its own.
	found := new(string)
	err = s.writer.doForClient(ctx, func(tx *statements) error {
		err := tx.order.QueryRow(order.ID).Scan(found)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		_, err = tx.insertOrder.Exec(order.ID, order.CustomerID, string(document), order.CreatedAtMs)
		return err
	})
	if err != nil {
		return orders.Order{}, false, err
	}
	if *found == "" {
		return order, true, nil
	}
	stored, err := decodeOrder(*found)
	return stored, false, err
}

// Order finds one order.
func (s *SQL) Order(ctx context.Context, id string) (orders.Order, error) {
	var document string
	err := s.selectOrder.QueryRowContext(ctx, s.key(id)).Scan(&document)
	if errors.Is(err, sql.ErrNoRows) {
		return orders.Order{}, failure.New(codes.NotFound, "no order has this id")
	}
	if err != nil {
		return orders.Order{}, failed(ctx, err, "read an order")
	}
	return decodeOrder(document)
}

func decodeOrder(document string) (order orders.Order, err error) {
	if err := json.Unmarshal([]byte(document), &order); err != nil {
		return orders.Order{}, failure.Wrap(err, codes.Internal, "a stored order is unreadable")
	}
	return order, nil
}
