package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// maxBody is more than the largest valid request needs.
const maxBody = 256 << 10

// reply knows whether the answer has begun: from then on a failure can only be shown by breaking off.
type reply struct {
	http.ResponseWriter
	begun bool
}

func (r *reply) json(status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	r.Header().Set("Content-Type", "application/json")
	r.begin(status)
	_, err = r.Write(append(body, '\n'))
	return gone(err)
}

func (r *reply) begin(status int) {
	r.WriteHeader(status)
	r.begun = true
}

// finish writes the failure, if there is one.
func (r *reply) finish(err error) {
	if err == nil {
		return
	}
	if r.begun {
		panic(http.ErrAbortHandler) // net/http's way to cut the connection: a part must not look like the whole
	}
	writeFailure(r.ResponseWriter, err)
}

func writeFailure(w http.ResponseWriter, err error) {
	failed := failure.From(err)
	if failed.Code == codes.ResourceExhausted {
		w.Header().Set("Retry-After", "1")
	}
	writeError(w, failure.HTTPStatus(failed.Code), failure.Name(failed.Code), failed.Message)
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message = code, message
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // nobody left to tell when this fails
}

// gone is a write that failed as the caller went away.
func gone(err error) error {
	if err == nil {
		return nil
	}
	return failure.Wrap(err, codes.Canceled, "the caller went away")
}

// decode reads one JSON value of at most maxBody bytes. Unknown fields are ignored, as in protobuf.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	return decodeUpTo(w, r, maxBody, into)
}

func decodeUpTo(w http.ResponseWriter, r *http.Request, most int64, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, most))
	err := decoder.Decode(into)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		return failure.New(codes.InvalidArgument, "the body is not the JSON that is expected: %v", err)
	}
	return nil
}

// writeUnrouted gives the mux's own refusals (unknown path, wrong method) the shape of every other error.
func writeUnrouted(w http.ResponseWriter, r *http.Request, refuse http.Handler) {
	status := &statusOnly{header: http.Header{}}
	refuse.ServeHTTP(status, r)
	if allow := status.header.Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
	}
	if status.code == http.StatusMethodNotAllowed {
		writeError(w, status.code, failure.Name(codes.Unimplemented), r.Method+" is not served here")
		return
	}
	writeError(w, http.StatusNotFound, failure.Name(codes.NotFound), "nothing is served here")
}

type statusOnly struct {
	header http.Header
	code   int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) WriteHeader(code int)        { s.code = code }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
