CREATE TABLE charges (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL UNIQUE,
    cents bigint NOT NULL
);

CREATE TABLE balance (
    cents bigint NOT NULL
);
