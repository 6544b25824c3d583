"""The process and who runs it: settings, capacity, sessions, metrics, logs, and what is reached of Streamlit."""
