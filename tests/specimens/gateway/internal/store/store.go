// Package store remembers what was asked.
package store

import (
	"database/sql"
	"fmt"

	// The driver.
	_ "github.com/lib/pq"
	"github.com/phoenix-gateway/core/internal/config"
)

// Store keeps thoughts.
type Store struct {
	db *sql.DB
}

// Open connects to the database.
func Open(cfg config.Config) (*Store, error) {
	db, err := sql.Open("postgres", cfg.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("failed to open the database: %w", err)
	}
	return &Store{db: db}, nil
}

// Close closes the database.
func (s *Store) Close() error {
	return s.db.Close()
}

// Remember keeps a thought.
func (s *Store) Remember(prompt, answer string) error {
	_, err := s.db.Exec("INSERT INTO thoughts (prompt, answer) VALUES ($1, $2)", prompt, answer)
	if err != nil {
		return fmt.Errorf("failed to remember: %w", err)
	}
	return nil
}
