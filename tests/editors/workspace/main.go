package main

import "os"

var expectedToken = os.Getenv("ADMIN_TOKEN")

func isAdmin(token string) bool {
	return token == expectedToken
}

func main() {
	if !isAdmin(os.Args[1]) {
		os.Exit(1)
	}
}
