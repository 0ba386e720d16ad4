CREATE TABLE clients (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    email text NOT NULL,
    name text
);

CREATE TABLE quotes (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    customer_email text NOT NULL,
    total numeric,
    stage text,
    created_at timestamptz NOT NULL
);

CREATE TABLE activities (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    client_id uuid NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE tickets (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    subject text,
    status text
);

CREATE TABLE invoices (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    status text
);
