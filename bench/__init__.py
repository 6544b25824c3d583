"""What the app costs and how quick it is, beside the stock way, in one run: `make bench`."""
