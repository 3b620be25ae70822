package failure

import (
	"net/http"

	"google.golang.org/grpc/codes"
)

type codeRow struct {
	name   string
	status int
}

// The gRPC code's canonical name and the HTTP status that stands for it. 499 is the usual stand-in for a caller that
// went away: nobody reads it, but logs do.
var codeTable = map[codes.Code]codeRow{
	codes.OK:                 {"OK", http.StatusOK},
	codes.Canceled:           {"CANCELLED", 499},
	codes.Unknown:            {"UNKNOWN", http.StatusInternalServerError},
	codes.InvalidArgument:    {"INVALID_ARGUMENT", http.StatusBadRequest},
	codes.DeadlineExceeded:   {"DEADLINE_EXCEEDED", http.StatusGatewayTimeout},
	codes.NotFound:           {"NOT_FOUND", http.StatusNotFound},
	codes.AlreadyExists:      {"ALREADY_EXISTS", http.StatusConflict},
	codes.PermissionDenied:   {"PERMISSION_DENIED", http.StatusForbidden},
	codes.ResourceExhausted:  {"RESOURCE_EXHAUSTED", http.StatusTooManyRequests},
	codes.FailedPrecondition: {"FAILED_PRECONDITION", http.StatusBadRequest},
	codes.Aborted:            {"ABORTED", http.StatusConflict},
	codes.OutOfRange:         {"OUT_OF_RANGE", http.StatusBadRequest},
	codes.Unimplemented:      {"UNIMPLEMENTED", http.StatusNotImplemented},
	codes.Internal:           {"INTERNAL", http.StatusInternalServerError},
	codes.Unavailable:        {"UNAVAILABLE", http.StatusServiceUnavailable},
	codes.DataLoss:           {"DATA_LOSS", http.StatusInternalServerError},
	codes.Unauthenticated:    {"UNAUTHENTICATED", http.StatusUnauthorized},
}

// Name is the code's name as in the gRPC specification, such as INVALID_ARGUMENT.
func Name(code codes.Code) string {
	if row, ok := codeTable[code]; ok {
		return row.name
	}
	return codeTable[codes.Unknown].name
}

// HTTPStatus is the HTTP status for a code.
func HTTPStatus(code codes.Code) int {
	if row, ok := codeTable[code]; ok {
		return row.status
	}
	return http.StatusInternalServerError
}

// CodeFromName is the reverse of Name.
func CodeFromName(name string) (codes.Code, bool) {
	for code, row := range codeTable {
		if row.name == name {
			return code, true
		}
	}
	return codes.Unknown, false
}

// CodeFromHTTP is the best guess for a status whose body carries no code, such as a proxy's own error page.
func CodeFromHTTP(status int) codes.Code {
	switch status {
	case http.StatusBadRequest:
		return codes.InvalidArgument
	case http.StatusUnauthorized:
		return codes.Unauthenticated
	case http.StatusNotFound:
		return codes.NotFound
	case http.StatusConflict:
		return codes.AlreadyExists
	case http.StatusTooManyRequests:
		return codes.ResourceExhausted
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return codes.Unavailable
	case http.StatusGatewayTimeout:
		return codes.DeadlineExceeded
	}
	return codes.Internal
}
