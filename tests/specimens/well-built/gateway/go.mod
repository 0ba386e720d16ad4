module example.com/shop/gateway

go 1.23

require (
	github.com/jackc/pgx/v5 v5.7.1
	github.com/sony/gobreaker/v2 v2.0.0
	golang.org/x/sync v0.8.0
	golang.org/x/time v0.7.0
)
