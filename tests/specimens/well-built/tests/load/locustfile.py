import os

from locust import HttpUser, between, task


class Customer(HttpUser):
    wait_time = between(1, 3)

    @task
    def orders(self):
        self.client.get("/v1/customers/1/orders", headers={"X-Api-Token": os.environ["API_TOKEN"]})
