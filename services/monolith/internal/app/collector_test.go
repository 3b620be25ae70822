package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// spans is a collector that keeps what the monolith exports.
type spans struct {
	url   string
	mutex sync.Mutex
	all   []*trace.Span
}

func collect(t *testing.T) *spans {
	t.Helper()
	s := &spans{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var batch collector.ExportTraceServiceRequest
		content, err := io.ReadAll(r.Body)
		if err == nil {
			err = proto.Unmarshal(content, &batch)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.mutex.Lock()
		defer s.mutex.Unlock()
		for _, resource := range batch.GetResourceSpans() {
			if name := attribute(resource.GetResource().GetAttributes(), "service.name"); name.GetStringValue() != "monolith" {
				t.Errorf("spans of the service %v", name)
			}
			for _, scope := range resource.GetScopeSpans() {
				s.all = append(s.all, scope.GetSpans()...)
			}
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// find is the spans of a kind and name so far.
func (s *spans) find(kind trace.Span_SpanKind, name string) (found []*trace.Span) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, span := range s.all {
		if span.GetKind() == kind && span.GetName() == name {
			found = append(found, span)
		}
	}
	return found
}

func (s *spans) servers(name string) []*trace.Span { return s.find(trace.Span_SPAN_KIND_SERVER, name) }
func (s *spans) clients(name string) []*trace.Span { return s.find(trace.Span_SPAN_KIND_CLIENT, name) }

func attribute(all []*common.KeyValue, key string) *common.AnyValue {
	for _, one := range all {
		if one.GetKey() == key {
			return one.GetValue()
		}
	}
	return nil
}

func text(span *trace.Span, key string) string {
	return attribute(span.GetAttributes(), key).GetStringValue()
}
