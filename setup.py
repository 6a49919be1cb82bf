"""Packages are found, not listed: those under src, and the three folders beside it, which lie in backaction."""

from setuptools import find_packages, setup

FOLDERS = ("gaussian", "systems", "entanglement")
inner = find_packages(include=[name for folder in FOLDERS for name in (folder, f"{folder}.*")])
outer = find_packages("src", exclude=[f"backaction.{folder}*" for folder in FOLDERS])  # with links or without

setup(packages=[*outer, *(f"backaction.{name}" for name in inner)])
