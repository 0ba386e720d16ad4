package proxy

import (
	"errors"
	"fmt"
	"net/url"
)

// Settings differ between environments.
type Settings struct {
	DatabaseURL string
	Provider    *url.URL
	Token       string
	Certificate string
	Key         string
}

// SettingsFromEnvironment reads and checks the settings.
func SettingsFromEnvironment(getenv func(string) string) (Settings, error) {
	provider, err := url.Parse(getenv("PROVIDER_URL"))
	if err != nil {
		return Settings{}, fmt.Errorf("PROVIDER_URL: %w", err)
	}
	settings := Settings{
		DatabaseURL: getenv("DATABASE_URL"),
		Provider:    provider,
		Token:       getenv("GATEWAY_TOKEN"),
		Certificate: getenv("TLS_CERTIFICATE"),
		Key:         getenv("TLS_KEY"),
	}
	if settings.DatabaseURL == "" || settings.Token == "" || provider.Host == "" {
		return Settings{}, errors.New("DATABASE_URL, GATEWAY_TOKEN and PROVIDER_URL have to be set")
	}
	return settings, nil
}
