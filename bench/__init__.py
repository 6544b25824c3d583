"""What the app costs and how quick it is, beside the stock way, in one run: `make bench`."""

import logging

logging.disable(logging.WARNING)  # Streamlit warns of every import outside of an app
