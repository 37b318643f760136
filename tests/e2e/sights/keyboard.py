"""A page as somebody without a mouse gets through it: Tab by Tab, and what is wrong with that."""

from typing import Any

from playwright.async_api import Page

FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
MARK = """(focusable) => {
    const seen = { checkVisibilityCSS: true, contentVisibilityAuto: true };
    const all = [...document.querySelectorAll(focusable)];
    const reachable = all.filter((one) => !one.disabled && one.checkVisibility(seen));
    reachable.forEach((one, place) => (one.dataset.place = place));
    const word = (one) => one.id || one.name || one.textContent.trim().slice(0, 40) || one.tagName;
    document.activeElement.blur();
    document.body.tabIndex = -1;
    document.body.focus();
    return reachable.map(word);
}"""
FOCUSED = """() => {
    const one = document.activeElement;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    const { x, y, width, height } = one.getBoundingClientRect();
    const there = document.elementFromPoint(x + width / 2, y + height / 2);
    return {
        place: one.dataset.place === undefined ? null : Number(one.dataset.place),
        marked: (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none",
        shown: there !== null && (one.contains(there) || there.contains(one)),
    };
}"""


async def walked(page: Page) -> list[str]:
    """What is wrong when one tabs through the page, from its start until it is left again."""
    names: list[str] = await page.evaluate(MARK, FOCUSABLE)
    steps = await _steps(page, len(names))
    places = [step["place"] for step in steps]
    wrong = [f"not reached: {names[one]}" for one in range(len(names)) if one not in places]
    if places != sorted(places):
        wrong.append(f"out of order: {[names[one] for one in places]}")
    for step in steps:
        wrong += [f"focus unseen: {names[step['place']]}"] if not step["marked"] else []
        wrong += [f"out of sight: {names[step['place']]}"] if not step["shown"] else []
    return wrong


async def _steps(page: Page, expected: int) -> list[dict[str, Any]]:
    """Where the focus went. A field with parts, such as a date, has it several times in a row."""
    steps: list[dict[str, Any]] = []
    for _ in range(expected * 3 + 30):
        await page.keyboard.press("Tab")
        step = await page.evaluate(FOCUSED)
        if step["place"] is None or (len(steps) > 1 and step["place"] == steps[0]["place"]):
            return steps
        if not steps or steps[-1]["place"] != step["place"]:
            steps.append(step)
    raise AssertionError(f"The focus never leaves the page: {steps[-3:]}")
