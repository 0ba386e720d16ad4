"""Fetches the catalogue before a release."""

from orders.clients import warm_up

if __name__ == "__main__":
    warm_up()
