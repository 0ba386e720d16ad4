// Package thought dreams.
package thought

import "log"

// Engine thinks.
type Engine struct {
	dreams *DreamManager
}

// Dream dreams once.
func (e *Engine) Dream() {
	// TODO: weigh dreams by how often they come back
	log.Println("dreaming")
	e.dreams.Next()
}

func (e *Engine) Pattern(words []string) map[string]int {
	counts := map[string]int{}
	for _, word := range words {
		counts[word]++
	}
	return counts
}
