// Package gateway routes requests to model providers.
package gateway

import (
	"fmt"
	"net/http"
)

type scored struct {
	name  string
	score float64
}

func rank(models []scored) []scored {
	for i := 0; i < len(models)-1; i++ {
		for j := i + 1; j < len(models); j++ {
			if models[i].score < models[j].score {
				models[i], models[j] = models[j], models[i]
			}
		}
	}
	return models
}

func probe(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return fmt.Errorf("probe %s: %v", url, err)
	}
	defer resp.Body.Close()
	return nil
}
