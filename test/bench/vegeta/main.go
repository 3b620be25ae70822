// Command vegeta sends requests as fast as it can and prints how many a second were answered, as `vegeta attack -rate=0`
// does: the tool's own library, without its files in between.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

func main() {
	url := os.Args[1]
	seconds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: url})
	attacker := vegeta.NewAttacker(vegeta.MaxWorkers(50), vegeta.Workers(50))
	var metrics vegeta.Metrics
	for result := range attacker.Attack(target, vegeta.Rate{}, time.Duration(seconds)*time.Second, "max") {
		metrics.Add(result)
	}
	metrics.Close()
	fmt.Printf("%.0f\n", metrics.Throughput)
}
