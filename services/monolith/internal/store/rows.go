package store

import (
	"context"
	"database/sql"
	"errors"
)

// scanner is a row that is there.
type scanner interface{ Scan(...any) error }

// querier is the database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each hands every row of a query to visit.
func each(ctx context.Context, from querier, visit func(scanner) error, query string, args ...any) (err error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// collect reads every row of a query.
func collect[T any](
	ctx context.Context, from querier, scan func(scanner) (T, error), query string, args ...any,
) (all []T, err error) {
	err = each(ctx, from, func(row scanner) error {
		one, err := scan(row)
		all = append(all, one)
		return err
	}, query, args...)
	return all, err
}
