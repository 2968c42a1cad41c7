"""Tasks of clustering across domains: a labeled source and an unlabeled target."""
