"""Doable: did it cause that, and what if we did something else?

`streamlit run app.py` reads this file twice: outside a session it declares the server, inside one it shows the page
that the address names. Streamlit finds the server only where `st.App` is called in this file.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx() is None:
    from pages.ui import server

    app = st.App(
        __file__,
        routes=server.ROUTES,
        middleware=server.MIDDLEWARE,
        lifespan=server.lifespan,
        on_script_error=server.show_script_error,
    )
else:
    from pages.ui import frame

    frame.show()
