// Package proxy takes charges and hands them to the provider.
package proxy

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/shop/gateway/internal/ledger"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

const (
	maxBody     = 64 << 10
	maxAttempts = 3
)

// ErrProvider says that the provider refused or did not answer.
var ErrProvider = errors.New("the provider failed")

// Charge is what a caller wants taken.
type Charge struct {
	Order int64 `json:"order"`
	Cents int64 `json:"cents"`
}

func (c Charge) validate() error {
	if c.Order <= 0 || c.Cents <= 0 {
		return errors.New("order and cents have to be positive")
	}
	return nil
}

// Proxy hands charges on.
type Proxy struct {
	settings Settings
	ledger   *ledger.Ledger
	client   *http.Client
	limit    *rate.Limiter
	breaker  *gobreaker.CircuitBreaker[struct{}]

	mu   sync.Mutex
	seen map[int64]time.Time
}

// New makes a proxy.
func New(settings Settings, ledger *ledger.Ledger) *Proxy {
	return &Proxy{
		settings: settings,
		ledger:   ledger,
		client: &http.Client{
			Timeout: 5 * time.Second,
			Transport: &http.Transport{
				MaxIdleConns:        20,
				MaxConnsPerHost:     20,
				IdleConnTimeout:     90 * time.Second,
				TLSHandshakeTimeout: 3 * time.Second,
			},
		},
		limit: rate.NewLimiter(50, 100),
		breaker: gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Name:    "provider",
			Timeout: 30 * time.Second,
		}),
		seen:  map[int64]time.Time{},
	}
}

// Handler gives the routes.
func (p *Proxy) Handler() http.Handler {
	private := http.NewServeMux()
	private.HandleFunc("POST /v1/charges", p.charge)
	private.HandleFunc("GET /v1/charges", p.list)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	})
	mux.Handle("/", p.authenticated(p.rateLimited(private)))
	return mux
}

func (p *Proxy) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(given), []byte(p.settings.Token)) != 1 {
			http.Error(w, "unknown token", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *Proxy) rateLimited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.limit.Allow() {
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

func (p *Proxy) charge(w http.ResponseWriter, r *http.Request) {
	var charge Charge
	body := http.MaxBytesReader(w, r.Body, maxBody)
	if err := json.NewDecoder(body).Decode(&charge); err != nil {
		http.Error(w, "not a charge", http.StatusBadRequest)
		return
	}
	if err := charge.validate(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if err := p.take(r.Context(), charge); err != nil {
		slog.ErrorContext(r.Context(), "not charged", "order", charge.Order, "error", err)
		http.Error(w, "try again later", http.StatusBadGateway)
		return
	}
	p.remember(charge.Order)
	w.WriteHeader(http.StatusAccepted)
}

func (p *Proxy) list(w http.ResponseWriter, r *http.Request) {
	charges, err := p.ledger.Latest(r.Context(), 100)
	if err != nil {
		slog.ErrorContext(r.Context(), "not listed", "error", err)
		http.Error(w, "try again later", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(charges); err != nil {
		slog.WarnContext(r.Context(), "not answered", "error", err)
	}
}

func (p *Proxy) remember(order int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for old, at := range p.seen {
		if time.Since(at) > time.Hour {
			delete(p.seen, old)
		}
	}
	p.seen[order] = time.Now()
}

// take asks the provider, a few times with a growing pause, and writes the charge down.
func (p *Proxy) take(ctx context.Context, charge Charge) error {
	var last error
	for attempt := range maxAttempts {
		_, last = p.breaker.Execute(func() (struct{}, error) {
			return struct{}{}, p.send(ctx, charge)
		})
		if last == nil {
			return p.ledger.Record(ctx, charge.Order, charge.Cents)
		}
		pause := time.Duration(100<<attempt)*time.Millisecond + rand.N(50*time.Millisecond)
		select {
		case <-ctx.Done():
			return fmt.Errorf("charge %d: %w", charge.Order, ctx.Err())
		case <-time.After(pause):
		}
	}
	return fmt.Errorf("charge %d: %w", charge.Order, last)
}

func (p *Proxy) send(ctx context.Context, charge Charge) error {
	payload, err := json.Marshal(charge)
	if err != nil {
		return fmt.Errorf("write charge: %w", err)
	}
	address := p.settings.Provider.JoinPath("charges").String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Idempotency-Key", fmt.Sprint(charge.Order))
	resp, err := p.client.Do(req)
	if err != nil {
		return fmt.Errorf("send charge: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusMultipleChoices {
		reason, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		if err != nil {
			return fmt.Errorf("read refusal: %w", err)
		}
		return fmt.Errorf("%w: %s: %q", ErrProvider, resp.Status, reason)
	}
	return nil
}

// Warm asks all providers for their certificates, four at once.
func (p *Proxy) Warm(ctx context.Context, hosts []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for _, host := range hosts {
		group.Go(func() error {
			req, err := http.NewRequestWithContext(ctx, http.MethodHead, "https://"+host, nil)
			if err != nil {
				return fmt.Errorf("warm %s: %w", host, err)
			}
			resp, err := p.client.Do(req)
			if err != nil {
				slog.WarnContext(ctx, "not warm", "host", host, "error", err)
				return nil
			}
			return resp.Body.Close()
		})
	}
	return group.Wait()
}
