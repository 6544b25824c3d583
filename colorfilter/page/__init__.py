"""The parts of the page, which streamlit_app.py puts together. Nothing else in the package imports them."""
