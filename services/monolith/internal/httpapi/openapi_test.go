package httpapi

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cutover.dev/monolith/internal/health"
	"cutover.dev/monolith/internal/traffic"
)

// The contract and the code must not drift apart, in either direction.
func TestRoutesAreThoseOfTheContract(t *testing.T) {
	content, err := os.ReadFile("../../../contracts/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Paths map[string]map[string]struct {
			OperationID string `yaml:"operationId"`
		}
	}
	if err := yaml.Unmarshal(content, &contract); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for path, methods := range contract.Paths {
		for method := range methods {
			want = append(want, strings.ToUpper(method)+" "+path)
		}
	}
	api := &API{Metrics: http.NotFoundHandler()}
	for _, route := range api.Routes() {
		got = append(got, route.Method+" "+route.Path)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("served:   %v\ncontract: %v", got, want)
	}
}

func TestWhatIsNotServed(t *testing.T) {
	api := &API{
		Metrics:   http.NotFoundHandler(),
		Readiness: &health.Readiness{Switch: traffic.NewSwitch(nil)},
	}
	for request, want := range map[string]struct {
		status int
		code   string
	}{
		"GET /nowhere":       {404, "NOT_FOUND"},
		"DELETE /v1/orders":  {405, "UNIMPLEMENTED"},
		"GET /admin/unknown": {404, "NOT_FOUND"},
	} {
		method, path, _ := strings.Cut(request, " ")
		recorder := httptest.NewRecorder()
		api.Handler().ServeHTTP(recorder, httptest.NewRequest(method, path, nil))
		if recorder.Code != want.status || !strings.Contains(recorder.Body.String(), `"code":"`+want.code+`"`) {
			t.Errorf("%s: %d %s", request, recorder.Code, recorder.Body)
		}
	}
}
