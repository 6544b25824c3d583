"""The process and who runs it: set-up, `settings`, log, metrics, `all_places`, sessions, Streamlit's inside."""
