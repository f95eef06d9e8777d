"""The plan: which contingency tables will be released, at which price, registered before the answers are opened."""
