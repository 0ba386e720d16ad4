// Package store keeps the ledger.
package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Store is the ledger's database.
type Store struct {
	DB *sql.DB
}

// Open connects.
func Open(dsn string) (*Store, error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return &Store{DB: db}, nil
}

// Balance reads an account's balance.
func (s *Store) Balance(ctx context.Context, account string) (int64, error) {
	var balance int64
	err := s.DB.QueryRowContext(ctx, "SELECT balance FROM accounts WHERE id = $1", account).Scan(&balance)
	if err != nil {
		return 0, fmt.Errorf("balance of %s: %w", account, err)
	}
	return balance, nil
}

// Count runs a query that gives a number.
func (s *Store) Count(ctx context.Context, query string) (int64, error) {
	var count int64
	if err := s.DB.QueryRowContext(ctx, query).Scan(&count); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return count, nil
}
