// Package remote asks other services.
package remote

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Endless has no time limit.
var Endless = &http.Client{}

// Limited has one.
var Limited = &http.Client{Timeout: 5 * time.Second}

// Fetch asks for a page; its caller closes the body.
func Fetch(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	resp, err := Limited.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", url, err)
	}
	return resp, nil
}

// Close closes a page.
func Close(resp *http.Response) {
	if err := resp.Body.Close(); err != nil {
		fmt.Printf("not closed: %v\n", err)
	}
}
