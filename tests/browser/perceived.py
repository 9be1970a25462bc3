"""What a browser itself tells of a visit: when it first showed something, and how far things moved about."""

from dataclasses import dataclass

from playwright.sync_api import Page

# Runs before anything of the page does. Shifts that follow an input are meant (https://web.dev/articles/cls).
_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) {
        if (!shift.hadRecentInput) window.shifts.push([shift.startTime, shift.value]);
    }
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class Perceived:
    """first_paint: seconds from navigation until the first content. layout_shift: the largest window of
    shifts, without a unit: 0.1 is good, above 0.25 is poor."""

    first_paint: float
    layout_shift: float


def watch(page: Page) -> None:
    """Must come before the page is opened."""
    page.add_init_script(_WATCH)


def perceived(page: Page) -> Perceived:
    """Of a page that has settled."""
    paint, shifts = page.evaluate(
        """() => [performance.getEntriesByName("first-contentful-paint")[0].startTime, window.shifts]"""
    )
    return Perceived(paint / 1000, _largest_window(shifts))


def _largest_window(shifts: list[tuple[float, float]]) -> float:
    """Shifts count together that are less than a second apart, in at most five."""
    largest = total = 0.0
    began = last = float("-inf")
    for time, value in shifts:
        if time - last > 1000 or time - began > 5000:
            began, total = time, 0.0
        total, last = total + value, time
        largest = max(largest, total)
    return largest
