package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/phoenix-gateway/core/internal/config"
)

// OpenRouter asks models through OpenRouter.
type OpenRouter struct {
	httpClient *http.Client
	apiKey     string
	endpoint   string
}

// NewOpenRouter makes a client with the configured time limit.
func NewOpenRouter(cfg config.Config) *OpenRouter {
	return &OpenRouter{
		httpClient: &http.Client{Timeout: cfg.Timeout},
		apiKey:     cfg.APIKey,
		endpoint:   "https://openrouter.ai/api/v1/chat/completions",
	}
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type completion struct {
	Choices []struct {
		Message message `json:"message"`
	} `json:"choices"`
}

// Call asks a model.
func (c *OpenRouter) Call(model, prompt string) (string, error) {
	payload, err := json.Marshal(map[string]any{
		"model": model,
		"messages": []message{
			{Role: "system", Content: "You are Phoenix."},
			{Role: "user", Content: prompt},
		},
	})
	if err != nil {
		return "", fmt.Errorf("failed to write request: %w", err)
	}
	req, err := http.NewRequest(http.MethodPost, c.endpoint, bytes.NewReader(payload))
	if err != nil {
		return "", fmt.Errorf("failed to create request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.apiKey)
	resp, err := c.httpClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("failed to make request: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("provider answered %s", resp.Status)
	}
	var answer completion
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("failed to read answer: %w", err)
	}
	if len(answer.Choices) == 0 {
		return "", fmt.Errorf("no choices from %s", model)
	}
	return answer.Choices[0].Message.Content, nil
}

// Models lists what can be asked.
func (c *OpenRouter) Models() ([]string, error) {
	resp, err := http.Get("https://openrouter.ai/api/v1/models")
	if err != nil {
		return nil, fmt.Errorf("failed to list models: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("provider answered %s", resp.Status)
	}
	var models []string
	if err := json.NewDecoder(resp.Body).Decode(&models); err != nil {
		return nil, fmt.Errorf("failed to read models: %w", err)
	}
	return models, nil
}
