package edge

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
)

// outcome is how an attempt ended, seen from the edge.
type outcome string

const (
	succeeded   outcome = "ok"
	clientError outcome = "client_error" // the request was at fault, the callee did its work
	failedCall  outcome = "error"
	timedOut    outcome = "timeout"
	canceled    outcome = "canceled" // the caller went away, nothing is known about the callee
)

var outcomes = []outcome{succeeded, clientError, failedCall, timedOut, canceled}

// classify looks at the caller's context too: only that tells the caller's own cancellation from the callee's.
func classify(caller context.Context, err error) outcome {
	if err == nil {
		return succeeded
	}
	if errors.Is(caller.Err(), context.Canceled) {
		return canceled
	}
	switch failure.CodeOf(err) {
	case codes.DeadlineExceeded:
		return timedOut
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.Unauthenticated:
		return clientError
	}
	return failedCall
}

// attemptError carries the outcome to the breaker and the retries; what it wraps is the callee's answer.
type attemptError struct {
	outcome outcome
	err     error
}

func (e *attemptError) Error() string { return e.err.Error() }
func (e *attemptError) Unwrap() error { return e.err }
