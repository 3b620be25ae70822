package httpapi

import (
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/orders"
	"cutover.dev/monolith/internal/pricing"
)

func (a *API) quote(w *reply, r *http.Request) error {
	var asked pricing.Request
	if err := decode(w, r, &asked); err != nil {
		return err
	}
	quote, err := a.Pricing.Quote(r.Context(), asked)
	if err != nil {
		return err
	}
	return w.json(http.StatusOK, quote)
}

func (a *API) appendEntry(w *reply, r *http.Request) error {
	asked := ledger.AppendRequest{IdempotencyKey: r.Header.Get("Idempotency-Key")}
	if err := decode(w, r, &asked); err != nil {
		return err
	}
	entry, created, err := a.Ledger.Append(r.Context(), asked)
	if err != nil {
		return err
	}
	return w.json(createdStatus(created), entry)
}

func (a *API) getEntry(w *reply, r *http.Request) error {
	entry, err := a.Ledger.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return w.json(http.StatusOK, entry)
}

func (a *API) listEntries(w *reply, r *http.Request) error {
	query, err := listQuery(r)
	if err != nil {
		return err
	}
	return lines(w, func(emit func(ledger.Entry) error) error { return a.Ledger.List(r.Context(), query, emit) })
}

func listQuery(r *http.Request) (ledger.Query, error) {
	query := ledger.Query{Account: r.PathValue("account")}
	asked := r.URL.Query()
	if text := asked.Get("after"); text != "" {
		after, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return query, failure.New(codes.InvalidArgument, "after must be a whole number, is %q", text)
		}
		query.AfterSequence = after
	}
	if text := asked.Get("limit"); text != "" {
		limit, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return query, failure.New(codes.InvalidArgument, "limit must be a whole number from 0, is %q", text)
		}
		query.Limit = uint32(limit)
	}
	return query, nil
}

func (a *API) placeOrder(w *reply, r *http.Request) error {
	asked := orders.PlaceRequest{IdempotencyKey: r.Header.Get("Idempotency-Key")}
	if err := decode(w, r, &asked); err != nil {
		return err
	}
	order, created, err := a.Orders.Place(r.Context(), asked)
	if err != nil {
		return err
	}
	return w.json(createdStatus(created), order)
}

func (a *API) getOrder(w *reply, r *http.Request) error {
	order, err := a.Orders.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return w.json(http.StatusOK, order)
}

func createdStatus(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}
