"""Figures by name, and `reproduce`: what it writes, and what it leaves alone when something goes wrong."""

import json
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

from backaction import papers
from backaction.figures import Quantity, Recipe, catalogue, find, names
from backaction.figures import reproduce as workshop
from backaction.figures.style import WIDTHS, figure, house_style
from backaction.gaussian.errors import InvalidInput


def compute(quick):
    x = np.linspace(0, 1, 3 if quick else 5)
    return xr.Dataset({"y": ("x", x**2, {"units": "m"})}, {"x": ("x", x, {"units": "s"})})


@house_style()
def draw(data):
    picture, axes = figure()
    axes.plot(data.x, data.y)
    return picture


def numbers(data):
    return {
        "end": Quantity(float(data.y[-1]), 1.0, 0.1, "m", "nowhere", "a | bar"),
        "undefined": Quantity(float("nan"), None, None, "m", "nowhere"),
    }


def fail(_):
    raise RuntimeError("no light today")


@pytest.fixture
def parabola(monkeypatch):
    """A catalogue of two figures, of which the first fails."""
    shelf = {
        "broken": Recipe("broken", "Broken", fail, draw, numbers),
        "parabola": Recipe("parabola", "A parabola", compute, draw, numbers),
    }
    monkeypatch.setattr(workshop, "find", shelf.__getitem__)
    monkeypatch.setattr(workshop, "names", lambda: tuple(shelf))
    monkeypatch.setattr(workshop, "check_names", lambda asked: None)
    return shelf


def test_listing_names_loads_nothing_heavy():
    code = (
        "import sys; from backaction.figures.catalogue import names; assert 'schweer2022-fig6' in names(); "
        "print([m for m in ('matplotlib', 'xarray', 'qutip', 'scipy', 'tqdm') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


FIGURES = names()


@pytest.mark.parametrize("name", FIGURES)
def test_every_name_has_its_recipe(name):
    recipe = find(name)
    assert recipe.name == name
    assert 10 < len(recipe.title) <= 110


def test_a_new_paper_is_one_folder(tmp_path, monkeypatch):
    gallery = tmp_path / "nobody2030" / "figures"
    gallery.mkdir(parents=True)
    for folder in (gallery, gallery.parent):
        (folder / "__init__.py").write_text("")
    (gallery / "fig1_left.py").write_text(
        '"""Nobody 2030, Fig. 1: a parabola.\n\nMore about it."""\n'
        "from backaction.figures.data import dataset\n"
        "from backaction.figures.recipe import computed\n"
        "from backaction.figures.style import figure\n"
        "def compute(quick):\n    return dataset({'y': ('x', [0, 1, 4], 'm')}, {'x': ([0, 1, 2], 's')})\n"
        "def draw(data):\n    picture, axes = figure()\n    axes.plot(data.x, data.y)\n    return picture\n"
        "def numbers(data):\n    return {'end': computed(data.y[-1], 'Fig. 1', unit='m')}\n"
    )
    (tmp_path / "plain2031").mkdir()  # a paper without figures
    (tmp_path / "plain2031" / "__init__.py").write_text("")
    monkeypatch.setattr(papers, "__path__", [*papers.__path__, str(tmp_path)])
    monkeypatch.setattr(catalogue, "_modules", catalogue._modules.__wrapped__)
    assert set(names()) - {"nobody2030-fig1-left"} == set(FIGURES)
    recipe = find("nobody2030-fig1-left")
    assert recipe.title == "Nobody 2030, Fig. 1: a parabola"
    data = recipe.compute(True)
    assert data.attrs["title"] == recipe.title
    assert recipe.numbers(data)["end"] == Quantity(4.0, None, None, "m", "Fig. 1")
    assert recipe.draw(data).axes


def test_recipes_are_all_of_them():
    assert tuple(catalogue.recipes()) == names()


def test_unknown_names_are_refused_before_any_work(tmp_path):
    with pytest.raises(InvalidInput, match="did you mean 'schweer2022-fig6'"):
        find("schweer-fig6")
    out = tmp_path / "new"
    with pytest.raises(InvalidInput, match="no figure 'moller2017-fig4'"):
        workshop.reproduce(["schweer2022-fig6", "moller2017-fig4"], out, quick=True)
    assert not out.exists()


def test_files_of_a_run(parabola, tmp_path, capsys):
    report = workshop.reproduce(["parabola"], tmp_path / "a" / "b", quick=False)
    folder = tmp_path / "a" / "b"
    assert sorted(path.name for path in folder.iterdir()) == [
        "parabola.nc",
        "parabola.pdf",
        "parabola.png",
        "report.json",
        "report.md",
    ]
    assert report.failures == {}
    with xr.open_dataset(folder / "parabola.nc", engine="h5netcdf") as data:
        xr.testing.assert_identical(data.load(), compute(False))
        assert data.y.attrs["units"] == "m"
    assert json.loads((folder / "report.json").read_text("utf-8")) == {
        "parabola": {
            "end": {
                "computed": 1.0,
                "published": 1.0,
                "uncertainty": 0.1,
                "unit": "m",
                "source": "nowhere",
                "note": "a | bar",
            },
            "undefined": {
                "computed": None,
                "published": None,
                "uncertainty": None,
                "unit": "m",
                "source": "nowhere",
                "note": "",
            },
        }
    }
    text = (folder / "report.md").read_text("utf-8")
    assert "| end | 1 | 1 ± 0.1 | m | nowhere | a \\| bar |" in text
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "parabola" in printed.err


def test_reruns_give_the_same_bytes(parabola, tmp_path):
    workshop.reproduce(["parabola"], tmp_path / "one")
    workshop.reproduce(["parabola"], tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_quick_reaches_the_recipe(parabola, tmp_path):
    workshop.reproduce(["parabola"], tmp_path, quick=True)
    with xr.open_dataset(tmp_path / "parabola.nc", engine="h5netcdf") as data:
        assert data.sizes["x"] == 3


def test_one_failure_does_not_lose_the_others(parabola, tmp_path):
    report = workshop.reproduce([], tmp_path)
    assert report.failures == {"broken": "RuntimeError: no light today"}
    assert set(report.numbers) == {"parabola"}
    assert not list(tmp_path.glob("broken*"))
    assert "no light today" in (tmp_path / "report.md").read_text("utf-8")
    assert set(json.loads((tmp_path / "report.json").read_text("utf-8"))) == {"parabola"}


@pytest.mark.parametrize("broken", ["compute", "draw", "numbers"])
def test_a_failure_leaves_the_earlier_files_alone(parabola, tmp_path, broken):
    workshop.reproduce(["parabola"], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("parabola*")}
    parts = {"compute": compute, "draw": draw, "numbers": numbers, broken: fail}
    parabola["parabola"] = Recipe("parabola", "A parabola", **parts)
    assert workshop.reproduce(["parabola"], tmp_path).failures
    assert {path.name: path.read_bytes() for path in tmp_path.glob("parabola*")} == before


def test_an_interrupted_write_leaves_no_trace(parabola, tmp_path, monkeypatch):
    workshop.reproduce(["parabola"], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupted(self, path, **_):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(xr.Dataset, "to_netcdf", interrupted)
    with pytest.raises(KeyboardInterrupt):
        workshop.reproduce(["parabola"], tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(parabola, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    parabola["parabola"] = Recipe("parabola", "A parabola", fail, fail, fail)
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InvalidInput, match="cannot be written to"):
            workshop.reproduce(["parabola"], out)
    assert (tmp_path / "file").read_text() == "not a folder"


def test_figures_have_a_journals_width():
    for width, inches in WIDTHS.items():
        picture, axes = figure(width, aspect=0.5, ncols=2)
        assert tuple(picture.get_size_inches()) == (inches, inches / 2)
        assert axes.shape == (2,)
    with pytest.raises(InvalidInput, match="'single'"):
        figure("triple")


def test_the_style_is_readable_and_leaves_the_settings_alone():
    import matplotlib as mpl

    before = mpl.rcParams["font.size"]
    with house_style():
        sizes = [mpl.rcParams[key] for key in ("font.size", "xtick.labelsize", "legend.fontsize")]
        assert min(sizes) >= 7
    assert mpl.rcParams["font.size"] == before
