package remote

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/ledger"
	"cutover.dev/monolith/internal/pricing"
	"cutover.dev/monolith/internal/request"
)

// maxAnswer bounds one answer, or one line of a list; the largest quote is a tenth of it.
const maxAnswer = 1 << 20

// How a call is made, in its span.
var (
	viaGet  = attribute.String("http.request.method", http.MethodGet)
	viaPost = attribute.String("http.request.method", http.MethodPost)
)

type httpEngine struct {
	base    string
	client  *http.Client
	options Options
}

func newHTTP(base string, o Options) *httpEngine {
	return &httpEngine{base: base, options: o, client: &http.Client{
		// Following one would be another attempt; an engine does not send any.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: o.TLS,

			Proxy:       nil, // an edge is one hop; a proxy from the environment would be another
			DialContext: (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 10 * time.Second}).DialContext,
			// With the default of 2, all other connections of a burst would be closed and dialled again.
			MaxIdleConnsPerHost: 256,
			IdleConnTimeout:     90 * time.Second,
			DisableCompression:  true,
		},
	}}
}

func (e *httpEngine) Quote(ctx context.Context, asked pricing.Request) (quote pricing.Quote, err error) {
	describe(ctx, request.Quote, viaPost)
	_, err = e.call(ctx, http.MethodPost, "/v1/quotes", "", asked, &quote)
	return quote, err
}

func (e *httpEngine) Append(
	ctx context.Context, asked ledger.AppendRequest,
) (entry ledger.Entry, created bool, err error) {
	describe(ctx, request.LedgerAppend, viaPost)
	status, err := e.call(ctx, http.MethodPost, "/v1/ledger/entries", asked.IdempotencyKey, asked, &entry)
	return entry, err == nil && status == http.StatusCreated, err
}

func (e *httpEngine) Get(ctx context.Context, id string) (entry ledger.Entry, err error) {
	describe(ctx, request.LedgerGet, viaGet)
	_, err = e.call(ctx, http.MethodGet, "/v1/ledger/entries/"+url.PathEscape(id), "", nil, &entry)
	return entry, err
}

func (e *httpEngine) List(ctx context.Context, query ledger.Query, emit func(ledger.Entry) error) error {
	describe(ctx, request.LedgerList, viaGet)
	path := fmt.Sprintf("/v1/ledger/accounts/%s/entries?after=%d&limit=%d",
		url.PathEscape(query.Account), query.AfterSequence, query.Limit)
	response, err := e.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer drain(response)
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		var entry ledger.Entry
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			return failure.Wrap(err, codes.Internal, "the engine sent a line that is no entry")
		}
		if err := emit(entry); err != nil {
			return err
		}
	}
	// A stream that breaks off ends here too: an incomplete list must not look complete.
	return transportFailure(ctx, lines.Err())
}

func (e *httpEngine) Healthy(ctx context.Context) error {
	response, err := e.send(ctx, http.MethodGet, "/readyz", "", nil)
	if err != nil {
		return err
	}
	drain(response)
	return nil
}

func (e *httpEngine) Close() error {
	e.client.CloseIdleConnections()
	return nil
}

// call sends a request and decodes the answer. It returns the status.
func (e *httpEngine) call(ctx context.Context, method, path, key string, body, answer any) (int, error) {
	response, err := e.send(ctx, method, path, key, body)
	if err != nil {
		return 0, err
	}
	defer drain(response)
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, transportFailure(ctx, err)
	}
	if err := json.Unmarshal(content, answer); err != nil {
		return 0, failure.Wrap(err, codes.Internal, "the engine's answer is unreadable")
	}
	return response.StatusCode, nil
}

// send returns a successful response, whose body the caller closes; any other becomes a failure.
func (e *httpEngine) send(ctx context.Context, method, path, key string, body any) (*http.Response, error) {
	var encoded []byte
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
	}
	call, err := http.NewRequestWithContext(ctx, method, e.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	// A body that can't be rewound, an empty one too: on a used connection that breaks, net/http would else send a GET,
	// and whatever has an Idempotency-Key, once more by itself. Retries are the edge's: they must be counted.
	call.Body, call.ContentLength = io.NopCloser(bytes.NewReader(encoded)), int64(len(encoded))
	if err := e.addHeaders(ctx, call.Header, key, body != nil); err != nil {
		return nil, err
	}
	response, err := e.client.Do(call)
	if err != nil {
		return nil, transportFailure(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		defer drain(response)
		return nil, answered(response)
	}
	return response, nil
}

func (e *httpEngine) addHeaders(ctx context.Context, header http.Header, key string, hasBody bool) error {
	authorization, err := e.options.Tokens.Authorization()
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"Authorization": authorization, "Idempotency-Key": key, timeoutHeader: timeLeft(ctx),
	} {
		if value != "" {
			header.Set(name, value)
		}
	}
	if hasBody {
		header.Set("Content-Type", "application/json")
	}
	e.options.inject(ctx, propagation.HeaderCarrier(header))
	return nil
}

// answered turns an error answer into a failure. Its body may be a proxy's own page instead of ours.
func answered(response *http.Response) error {
	var body struct {
		Error struct{ Code, Message string }
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && json.Unmarshal(content, &body) == nil {
		if code, ok := failure.CodeFromName(body.Error.Code); ok {
			return failure.New(code, "%s", body.Error.Message)
		}
	}
	return failure.New(failure.CodeFromHTTP(response.StatusCode), "the engine answered HTTP %d", response.StatusCode)
}

// transportFailure: without an answer the engine is unavailable, unless our own time or patience ran out.
func transportFailure(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return failure.Wrap(err, codes.DeadlineExceeded, "the engine did not answer in time")
	case ctx.Err() != nil:
		return failure.Wrap(err, codes.Canceled, "the caller cancelled")
	}
	return failure.Wrap(err, codes.Unavailable, "the engine is not reachable")
}

// drain reads the rest, so that the connection can be used again.
func drain(response *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	_ = response.Body.Close()
}
