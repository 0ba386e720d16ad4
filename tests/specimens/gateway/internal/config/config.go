// Package config reads the gateway's settings from its environment.
package config

import (
	"os"
	"strconv"
	"time"
)

// Config is what the gateway is set to.
type Config struct {
	APIKey      string
	DatabaseURL string
	Timeout     time.Duration
}

// Load reads the settings.
func Load() Config {
	seconds, err := strconv.Atoi(os.Getenv("LLM_TIMEOUT_SECONDS"))
	if err != nil {
		seconds = 30
	}
	return Config{
		APIKey:      os.Getenv("OPENROUTER_API_KEY"),
		DatabaseURL: os.Getenv("DATABASE_URL"),
		Timeout:     time.Duration(seconds) * time.Second,
	}
}
