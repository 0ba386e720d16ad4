CREATE TABLE orders (id bigserial PRIMARY KEY, email text);
SELECT * FROM orders o WHERE o.email = $1 LIMIT 5;
