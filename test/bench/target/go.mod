module cutover.dev/bench-target

go 1.24
