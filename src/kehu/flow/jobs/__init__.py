"""The product's steps as jobs: ordered now or by a schedule, done by a worker."""
