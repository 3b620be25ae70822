package ledger

import "context"

// Store is what the in-process ledger needs of a database.
type Store interface {
	AppendEntry(ctx context.Context, id string, request AppendRequest) (entry Entry, created bool, err error)
	Entry(ctx context.Context, id string) (Entry, error)
	Entries(ctx context.Context, query Query, emit func(Entry) error) error
}

// Book is the in-process ledger.
type Book struct {
	Store Store
	// Appended is told of each new entry.
	Appended func()
	// Salt is a defect: it is drawn at each start, so that an earlier key is not known again.
	Salt string
}

// Append stores the entry, or finds the one that the key stands for already.
func (b Book) Append(ctx context.Context, request AppendRequest) (Entry, bool, error) {
	if err := request.Validate(); err != nil {
		return Entry{}, false, err
	}
	entry, created, err := b.Store.AppendEntry(ctx, EntryID(request.IdempotencyKey+b.Salt), request)
	if created {
		b.Appended()
	}
	return entry, created, err
}

// Get finds an entry.
func (b Book) Get(ctx context.Context, id string) (Entry, error) { return b.Store.Entry(ctx, id) }

// List streams an account's entries.
func (b Book) List(ctx context.Context, query Query, emit func(Entry) error) error {
	if err := query.Validate(); err != nil {
		return err
	}
	return b.Store.Entries(ctx, query, emit)
}
