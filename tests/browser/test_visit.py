"""What must not happen in a page is seen when it happens."""

import pytest

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html><head><link rel="icon" href="data:,"><title>wrong</title></head><body>
<p style="width: 900px">too wide for a phone</p>
<img src="not-here.png" alt=""><img src="http://127.0.0.1:9/elsewhere.png" alt="">
<script>console.warn("a warning"); setTimeout(() => { throw new Error("an error"); }, 0);</script>
</body></html>"""


def test_a_bad_page_is_seen(served, tmp_path, phone):
    (tmp_path / "bad.html").write_text(PAGE, encoding="utf-8")
    with served(tmp_path) as address:
        visit = phone(address + "bad.html")
        visit.page.wait_for_load_state("networkidle")
        found = "\n".join(visit.problems)
        for problem in ("404: ", "another origin: http://127.0.0.1:9", "a warning", "an error"):
            assert problem in found
        assert visit.overflow() > 500
        assert "too wide" in visit.widest()[0]


def test_a_good_page_has_no_problem(served, tmp_path, phone):
    (tmp_path / "good.html").write_text('<!doctype html><link rel="icon" href="data:,"><p>good</p>', encoding="utf-8")
    with served(tmp_path) as address:
        visit = phone(address + "good.html")
        assert visit.problems == []
        assert visit.overflow() <= 0
