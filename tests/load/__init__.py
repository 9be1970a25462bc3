"""Many visitors at once, who speak Streamlit's own protocol and check every answer.

    python -m tests.load --visitors 50 --seconds 120

starts the app, and prints how many page runs it makes a second, how long visitors wait, and its memory.
"""
