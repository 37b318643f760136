"""What the product is measured against: the same work in few lines, importing nothing of ours."""
