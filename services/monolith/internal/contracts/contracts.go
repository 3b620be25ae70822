// Package contracts holds the code generated from services/contracts/proto. Change the .proto files, then run
// `go generate ./...`.
package contracts

//go:generate go -C ../../tools run ./genproto -proto ../../contracts/proto -module cutover.dev/monolith -out ..
