package store

import "time"

// commitLate is a defect: the group stays open for its time, while each of its client's writes is acknowledged as soon as
// it has run. Until the commit nobody else sees them, and a crash loses them.
func (w *writer) commitLate(first *task) {
	type waiting struct {
		one    *task
		result error
	}
	var others []waiting
	err := w.transaction(func() error {
		due := time.NewTimer(w.late)
		defer due.Stop()
		for one, open := first, true; open; {
			var result error
			if err := w.run(one, &result); err != nil {
				one.done <- err
				return err
			}
			if one.early {
				one.done <- result
			} else {
				others = append(others, waiting{one, result})
			}
			select {
			case one, open = <-w.tasks:
			case <-due.C:
				open = false
			}
		}
		return nil
	})
	for _, other := range others {
		if err != nil {
			other.result = err
		}
		other.one.done <- other.result
	}
}
