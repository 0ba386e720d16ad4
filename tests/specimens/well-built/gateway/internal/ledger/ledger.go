// Package ledger keeps what was charged.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Entry is one charge.
type Entry struct {
	Order int64 `json:"order"`
	Cents int64 `json:"cents"`
}

// Ledger keeps charges.
type Ledger struct {
	db *sql.DB
}

// New makes a ledger.
func New(db *sql.DB) *Ledger {
	return &Ledger{db: db}
}

// Latest gives the newest charges.
func (l *Ledger) Latest(ctx context.Context, limit int) ([]Entry, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT order_id, cents FROM charges ORDER BY id DESC LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("latest charges: %w", err)
	}
	defer rows.Close()
	entries := make([]Entry, 0, limit)
	for rows.Next() {
		var entry Entry
		if err := rows.Scan(&entry.Order, &entry.Cents); err != nil {
			return nil, fmt.Errorf("read charge: %w", err)
		}
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}

// Record writes a charge and the balance that it leaves, both or none.
func (l *Ledger) Record(ctx context.Context, order, cents int64) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	if _, err := tx.ExecContext(ctx, "INSERT INTO charges (order_id, cents) VALUES ($1, $2)", order, cents); err != nil {
		return fmt.Errorf("insert charge: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE balance SET cents = cents + $1", cents); err != nil {
		return fmt.Errorf("update balance: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Charged says how much an order was charged; nothing where it was not.
func (l *Ledger) Charged(ctx context.Context, order int64) (int64, error) {
	var cents int64
	err := l.db.QueryRowContext(ctx, "SELECT cents FROM charges WHERE order_id = $1", order).Scan(&cents)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("charge of %d: %w", order, err)
	}
	return cents, nil
}
