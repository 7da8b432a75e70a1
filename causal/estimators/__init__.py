"""Effect estimators: one file per method, one registry, one function that runs them."""
