package failure

import (
	"unicode/utf8"

	"google.golang.org/grpc/codes"
)

// CheckText refuses a text that is not UTF-8 or whose number of characters is outside [least, most].
func CheckText(field, value string, least, most int) error {
	if !utf8.ValidString(value) {
		return New(codes.InvalidArgument, "%s must be UTF-8", field)
	}
	if n := utf8.RuneCountInString(value); n < least || n > most {
		return New(codes.InvalidArgument, "%s must have %d to %d characters, has %d", field, least, most, n)
	}
	return nil
}
