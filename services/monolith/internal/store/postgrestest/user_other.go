//go:build !linux

package postgrestest

import (
	"os"
	"syscall"
)

var immediate = os.Interrupt

func attributes() *syscall.SysProcAttr { return nil }

func (s *Server) own(string) error { return nil }

func childrenOf(int) []int { return nil }
