// Package llm chooses and asks language models.
package llm

import (
	"fmt"
	"sync"
	"time"
)

type scoredModel struct {
	name  string
	score float64
}

// Router chooses among models.
type Router struct {
	mu      sync.RWMutex
	client  *OpenRouter
	latency map[string]time.Duration
}

// NewRouter makes a router.
func NewRouter(client *OpenRouter) *Router {
	return &Router{client: client, latency: map[string]time.Duration{}}
}

// Ask asks the best model, and the next ones where it fails.
func (r *Router) Ask(prompt string) (string, error) {
	var last error
	for _, model := range r.ranked() {
		started := time.Now()
		answer, err := r.client.Call(model.name, prompt)
		if err != nil {
			last = fmt.Errorf("%s: %w", model.name, err)
			continue
		}
		r.record(model.name, time.Since(started))
		return answer, nil
	}
	return "", fmt.Errorf("all models failed: %w", last)
}

// AskAll asks each prompt.
func (r *Router) AskAll(prompts []string) []string {
	answers := make([]string, 0, len(prompts))
	for _, prompt := range prompts {
		answer, err := r.Ask(prompt)
		if err != nil {
			answer = ""
		}
		answers = append(answers, answer)
	}
	return answers
}

func (r *Router) record(name string, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latency[name] = took
}

func (r *Router) ranked() []scoredModel {
	r.mu.RLock()
	defer r.mu.RUnlock()
	scoredModels := make([]scoredModel, 0, len(r.latency))
	for name, took := range r.latency {
		scoredModels = append(scoredModels, scoredModel{name: name, score: 1 / (1 + took.Seconds())})
	}
	for i := 0; i < len(scoredModels)-1; i++ {
		for j := i + 1; j < len(scoredModels); j++ {
			if scoredModels[i].score < scoredModels[j].score {
				scoredModels[i], scoredModels[j] = scoredModels[j], scoredModels[i]
			}
		}
	}
	return scoredModels
}
