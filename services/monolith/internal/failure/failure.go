// Package failure is the error that every layer speaks: a gRPC code and a message. HTTP and gRPC render the same one.
package failure

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is a failure with its code. Cause is for logs and errors.Is; it is never sent to a client.
type Error struct {
	Code    codes.Code
	Message string
	Cause   error
}

func (e *Error) Error() string {
	text := Name(e.Code) + ": " + e.Message
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Cause }

// GRPCStatus lets grpc-go send the failure as it is.
func (e *Error) GRPCStatus() *status.Status { return status.New(e.Code, e.Message) }

// New makes a failure.
func New(code codes.Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a failure that keeps its cause.
func Wrap(cause error, code codes.Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// From gives any error a code. What is not a failure yet is INTERNAL, and its text stays inside.
func From(err error) *Error {
	var failed *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return failed
	case errors.Is(err, context.DeadlineExceeded):
		return Wrap(err, codes.DeadlineExceeded, "the deadline has passed")
	case errors.Is(err, context.Canceled):
		return Wrap(err, codes.Canceled, "the caller cancelled")
	}
	return Wrap(err, codes.Internal, "internal error")
}

// CodeOf is the code of any error; OK for nil.
func CodeOf(err error) codes.Code {
	if err == nil {
		return codes.OK
	}
	return From(err).Code
}
