package pricing

import (
	"context"
	"runtime"
)

const (
	currency     = "EUR"
	servedBy     = "monolith"
	taxBasis     = 1_900 // basis points
	wholeBasis   = 10_000
	priceRounds  = 2_000 // CPU-hot on purpose: a quote must cost enough to be worth moving
	fnvOffset    = 0xcbf29ce484222325
	fnvPrime     = 0x100000001b3
	splitMixStep = 0x9E3779B97F4A7C15
)

// Calculator is the in-process implementation. Work is how many times each quote is calculated, 0 for once: a load test
// makes quotes as costly with it as it needs them.
type Calculator struct{ Work uint32 }

// Quote validates and calculates. Between two calculations it looks at the context, as work that nobody waits for is waste,
// and lets others have the processor: without that, on a single one, requests would queue up unseen for it to be free and
// none would ever be refused for being one too many.
func (c Calculator) Quote(ctx context.Context, request Request) (Quote, error) {
	if err := request.Validate(); err != nil {
		return Quote{}, err
	}
	for range max(1, c.Work) - 1 {
		if err := ctx.Err(); err != nil {
			return Quote{}, err
		}
		runtime.KeepAlive(calculate(request.Lines)) // used, so that it is not optimised away
		runtime.Gosched()
	}
	return calculate(request.Lines), nil
}

// Combine makes one quote of quotes of its parts. Tax is of the whole: parts are rounded each by themselves.
func Combine(parts []Quote) Quote {
	quote := Quote{Currency: currency}
	for _, part := range parts {
		quote.Lines = append(quote.Lines, part.Lines...)
		quote.NetMinor += part.NetMinor
		quote.ServedBy = part.ServedBy
	}
	quote.TaxMinor = share(quote.NetMinor, taxBasis)
	quote.TotalMinor = quote.NetMinor + quote.TaxMinor
	return quote
}

func calculate(lines []Line) Quote {
	quote := Quote{Lines: make([]PricedLine, len(lines)), Currency: currency, ServedBy: servedBy}
	for i, line := range lines {
		priced := price(line)
		quote.Lines[i] = priced
		quote.NetMinor += priced.NetMinor
	}
	quote.TaxMinor = share(quote.NetMinor, taxBasis)
	quote.TotalMinor = quote.NetMinor + quote.TaxMinor
	return quote
}

func price(line Line) PricedLine {
	unit := unitPrice(line.SKU)
	gross := unit * int64(line.Quantity)
	discount := share(gross, discountBasis(line.Quantity))
	return PricedLine{
		SKU: line.SKU, Quantity: line.Quantity,
		UnitMinor: unit, DiscountMinor: discount, NetMinor: gross - discount,
	}
}

// unitPrice starts from the item's hash and moves by what many rounds of splitmix64 make of it.
func unitPrice(sku string) int64 {
	hash := uint64(fnvOffset)
	for i := range len(sku) {
		hash = (hash ^ uint64(sku[i])) * fnvPrime
	}
	x := hash
	for range priceRounds {
		x += splitMixStep
		z := x
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		x = z ^ z>>31
	}
	return max(1, 100+int64(hash%99_900)+int64(x%201)-100)
}

func discountBasis(quantity uint32) int64 {
	switch {
	case quantity >= 1_000:
		return 1_500
	case quantity >= 100:
		return 1_000
	case quantity >= 10:
		return 500
	}
	return 0
}

// share is amount × basis points, rounded half up. Amounts are never negative and far from overflow: the largest
// request is 100 lines × 10,000 × 1,000.00.
func share(amount, basis int64) int64 { return (amount*basis + wholeBasis/2) / wholeBasis }
