"""The ASGI app around Streamlit: the page, POST /filter with its workers, OpenAPI, the end of the process."""
