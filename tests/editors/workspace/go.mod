module example.org/workspace

go 1.24
