// Command k6 is the stock k6, pinned by the go.mod and go.sum beside it.
package main

import "go.k6.io/k6/v2/cmd"

func main() { cmd.Execute() }
