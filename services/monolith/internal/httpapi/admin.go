package httpapi

import (
	"net/http"
	"slices"

	"google.golang.org/grpc/codes"

	"cutover.dev/monolith/internal/failure"
	"cutover.dev/monolith/internal/traffic"
)

func (a *API) getSwitch(w *reply, _ *http.Request) error {
	return w.json(http.StatusOK, a.Switch.State())
}

func (a *API) setSwitch(w *reply, r *http.Request) error {
	capability := traffic.Capability(r.PathValue("capability"))
	if !slices.Contains(traffic.Capabilities, capability) {
		return failure.New(codes.NotFound, "no capability is named %q, only pricing and ledger", capability)
	}
	var asked struct {
		Mode  traffic.Mode `json:"mode"`
		Share *int         `json:"share"`
	}
	if err := decode(w, r, &asked); err != nil {
		return err
	}
	setting, err := traffic.NewSetting(capability, asked.Mode, asked.Share)
	if err != nil {
		return failure.New(codes.InvalidArgument, "%v", err)
	}
	if setting.Mode != traffic.Off && !a.Engines[capability] {
		return failure.New(codes.InvalidArgument, "%s has no engine to switch to", capability)
	}
	state := a.Switch.Set(capability, setting)
	a.Runner.Log.Info("switch", "capability", capability, "mode", setting.Mode, "share", setting.Share)
	return w.json(http.StatusOK, state)
}

func (a *API) setKillSwitch(w *reply, r *http.Request) error {
	var asked struct {
		Engaged *bool `json:"engaged"`
	}
	if err := decode(w, r, &asked); err != nil {
		return err
	}
	if asked.Engaged == nil { // a mistyped field must not release the kill switch
		return failure.New(codes.InvalidArgument, "engaged must be true or false")
	}
	state := a.Switch.SetKill(*asked.Engaged)
	a.Runner.Log.Info("kill switch", "engaged", *asked.Engaged)
	return w.json(http.StatusOK, state)
}

func (a *API) live(w http.ResponseWriter, _ *http.Request) {
	live, status := a.Readiness.Live(), http.StatusOK
	if !live {
		status = http.StatusServiceUnavailable
	}
	out := &reply{ResponseWriter: w}
	out.finish(out.json(status, map[string]bool{"live": live}))
}

func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	report := a.Readiness.Report(r.Context())
	status := http.StatusOK
	if !report.Ready {
		status = http.StatusServiceUnavailable
	}
	out := &reply{ResponseWriter: w}
	out.finish(out.json(status, report))
}
