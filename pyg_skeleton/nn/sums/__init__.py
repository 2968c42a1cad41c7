"""The one place where messages are summed: the fused forms and the choice between them."""
