package llm

import (
	"fmt"
	"net/http"
)

// SystemPrompt is what a model is told before it answers.
func SystemPrompt(r *http.Request) []message {
	persona := r.URL.Query().Get("persona")
	return []message{
		{Role: "system", Content: fmt.Sprintf("You are Phoenix. Answer as %s.", persona)},
	}
}
