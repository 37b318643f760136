"""Hand-written fakes, real servers and the given/when/then grammar that the tests share."""
