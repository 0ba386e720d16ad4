// Package api serves the gateway's routes.
package api

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/phoenix-gateway/core/internal/llm"
	"github.com/phoenix-gateway/core/internal/store"
)

var upgrader = websocket.Upgrader{
	CheckOrigin: func(r *http.Request) bool {
		return true
	},
}

// Server answers requests.
type Server struct {
	router *llm.Router
	store  *store.Store
}

// NewServer makes a server.
func NewServer(router *llm.Router, store *store.Store) *Server {
	return &Server{router: router, store: store}
}

// ListenAndServe serves until it fails.
func (s *Server) ListenAndServe(addr string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/think", s.think)
	mux.HandleFunc("GET /ws", s.socket)
	mux.HandleFunc("GET /api/status", s.status)
	return http.ListenAndServe(addr, mux)
}

func (s *Server) think(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	prompt := fmt.Sprint(body["prompt"])
	log.Printf("thinking about %d letters", len(prompt))
	answer, err := s.router.Ask(prompt)
	if err != nil {
		http.Error(w, "no provider answered", http.StatusBadGateway)
		return
	}
	if err := s.store.Remember(prompt, answer); err != nil {
		log.Printf("not remembered: %v", err)
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"answer": answer}); err != nil {
		log.Printf("not answered: %v", err)
	}
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	req, err := http.NewRequest(http.MethodGet, "https://status.openrouter.ai/summary", nil)
	if err != nil {
		http.Error(w, "unknown", http.StatusInternalServerError)
		return
	}
	client := &http.Client{Timeout: 5 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
}

func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	connection, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer connection.Close()
	for {
		_, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		answer, err := s.router.Ask(string(message))
		if err != nil {
			return
		}
		if err := connection.WriteMessage(websocket.TextMessage, []byte(answer)); err != nil {
			return
		}
	}
}
