"""Networks that cluster actions across domains."""
