// Command gateway serves.
package main

import (
	"log"

	"github.com/phoenix-gateway/core/internal/api"
	"github.com/phoenix-gateway/core/internal/config"
	"github.com/phoenix-gateway/core/internal/llm"
	"github.com/phoenix-gateway/core/internal/store"
)

func main() {
	cfg := config.Load()
	kept, err := store.Open(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer kept.Close()
	server := api.NewServer(llm.NewRouter(llm.NewOpenRouter(cfg)), kept)
	if err := server.ListenAndServe(":8080"); err != nil {
		log.Printf("stopped: %v", err)
	}
}
