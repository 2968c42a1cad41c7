"""Cross-domain clustering tasks with a labeled source and an unlabeled target."""
