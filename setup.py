"""What pyproject.toml cannot say: the wheel carries the page's script and its settings, inside the package.

Streamlit looks for .streamlit/config.toml beside the script that it runs, so both lie in one folder there as here.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PAGE_FILES = ["streamlit_app.py", ".streamlit/config.toml"]


class BuildWithPage(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            for file in PAGE_FILES:
                target = Path(self.build_lib, "colorfilter", "_app", file)
                target.parent.mkdir(parents=True, exist_ok=True)
                self.copy_file(file, str(target))


setup(cmdclass={"build_py": BuildWithPage})
