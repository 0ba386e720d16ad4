CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    action text NOT NULL,
    happened_at timestamptz NOT NULL DEFAULT now()
);
