"""The one place that adds noise: discrete Gaussian, at the price that was paid."""
