CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action text NOT NULL,
    note bigint,
    happened_at timestamptz NOT NULL DEFAULT now()
);
