package proxy

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestWithoutTokenNothingIsTaken(t *testing.T) {
	provider, err := url.Parse("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	handler := New(Settings{Provider: provider, Token: "test-token"}, nil).Handler()
	request := httptest.NewRequest(http.MethodPost, "/v1/charges", strings.NewReader("{}"))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusUnauthorized {
		t.Fatalf("got %d", answer.Code)
	}
}

func TestAChargeHasToBePositive(t *testing.T) {
	if err := (Charge{Order: 1, Cents: -5}).validate(); err == nil {
		t.Fatal("a negative charge was taken")
	}
}
