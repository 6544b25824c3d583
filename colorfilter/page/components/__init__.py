"""The page's own JavaScript as Streamlit components without an iframe: a folder for each, with script and style."""
