// Package api answers for the ledger.
package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"

	"example.com/ledger/remote"
	"example.com/ledger/store"
)

// API answers for the ledger.
type API struct {
	mu    sync.Mutex
	store *store.Store
	rates string
}

func (a *API) describe(ctx context.Context, account string) (string, error) {
	balance, err := a.store.Balance(ctx, account)
	if err != nil {
		return "", fmt.Errorf("describe: %w", err)
	}
	return fmt.Sprintf("%s: %d", account, balance), nil
}

// Overview describes accounts.
func (a *API) Overview(ctx context.Context, accounts []string) ([]string, error) {
	lines := make([]string, 0, len(accounts))
	for _, account := range accounts {
		line, err := a.describe(ctx, account)
		if err != nil {
			return nil, fmt.Errorf("overview: %w", err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// NearOverview describes accounts with a balance that was read once.
func (a *API) NearOverview(ctx context.Context, accounts []string) ([]string, error) {
	line, err := a.describe(ctx, "all")
	if err != nil {
		return nil, fmt.Errorf("overview: %w", err)
	}
	lines := make([]string, 0, len(accounts))
	for _, account := range accounts {
		lines = append(lines, account+line)
	}
	return lines, nil
}

// Named counts accounts by name.
func (a *API) Named(ctx context.Context, name string) (int64, error) {
	return a.store.Count(ctx, fmt.Sprintf("SELECT COUNT(*) FROM accounts WHERE name = '%s'", name))
}

// NearNamed counts all accounts.
func (a *API) NearNamed(ctx context.Context) (int64, error) {
	return a.store.Count(ctx, "SELECT COUNT(*) FROM accounts")
}

// Refresh fetches the rates while it holds the lock.
func (a *API) Refresh(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	resp, err := remote.Fetch(ctx, "https://rates.holidayplans.io")
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("refresh: %s", resp.Status)
	}
	a.rates = resp.Status
	return nil
}

// NearRefresh fetches first, and locks then.
func (a *API) NearRefresh(ctx context.Context) error {
	resp, err := remote.Fetch(ctx, "https://rates.holidayplans.io")
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	defer remote.Close(resp)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("refresh: %s", resp.Status)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rates = resp.Status
	return nil
}

// Page reads a page whose body nobody closes.
func Page(ctx context.Context, url string) ([]byte, error) {
	resp, err := remote.Fetch(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("page: %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, 1<<20))
}

// Ping asks with a client that another package makes.
func Ping(url string) error {
	resp, err := remote.Endless.Post(url, "text/plain", nil)
	if err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ping: %s", resp.Status)
	}
	return nil
}

// NearPing asks with a client that has a limit.
func NearPing(url string) error {
	resp, err := remote.Limited.Post(url, "text/plain", nil)
	if err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ping: %s", resp.Status)
	}
	return nil
}
