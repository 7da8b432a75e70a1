"""Doable: did it cause that, and what if we did something else?

`streamlit run app.py` reads this file twice: outside a session it declares the server (`app`), inside one it shows the
page that the address names.
"""

from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx() is None:
    from pages.ui.server import server

    app = server(__file__)
else:
    from pages.ui import frame

    frame.show()
