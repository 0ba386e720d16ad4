module github.com/phoenix-gateway/core

go 1.22

require (
	github.com/gorilla/websocket v1.5.3
	github.com/lib/pq v1.10.9
)
