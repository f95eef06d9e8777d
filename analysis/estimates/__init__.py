"""From consistent counts to shares, margins of error, weights and comparisons."""
