"""Documents of provisioning's read models and the pure folds that keep them."""
