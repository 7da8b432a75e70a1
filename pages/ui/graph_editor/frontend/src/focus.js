const FRAMES = 20;

/** Focuses what `wish` finds; a new card is hidden for its first frames and takes no focus until then. */
export function giveFocus(desk, wish, frames = FRAMES) {
  const found = wish.current(desk);
  found?.focus({ preventScroll: true });
  if ((found && desk.getRootNode().activeElement === found) || frames === 0) wish.current = null;
  else requestAnimationFrame(() => wish.current && giveFocus(desk, wish, frames - 1));
}

/** Finds the card of a variable. */
export function cardOf(id) {
  return (desk) => desk.querySelector(`[data-testid="graph-node"][data-id="${id}"]`);
}

/** Finds what has the focus once the mark in focus is decided: the next one of the list or the drawing, else the canvas. */
export function afterMark(desk) {
  const here = desk.getRootNode().activeElement?.closest("[data-mark]");
  if (!here) return (found) => found;
  const place = here.closest(".drawer") ? ".drawer" : ".sheet";
  const all = [...desk.querySelectorAll(`${place} [data-id][data-mark="${here.dataset.mark}"]`)];
  const next = all[all.indexOf(here) + 1] ?? all[all.indexOf(here) - 1];
  const selector = next && `${place} [data-mark][data-id="${CSS.escape(next.dataset.id)}"]${place === ".drawer" ? " .row" : ""}`;
  return (found) => (selector && found.querySelector(selector)) || found;
}

/** The id of the card, the edge or the mark in focus. */
export function focusedId(desk) {
  return desk.getRootNode().activeElement?.closest("[data-id]")?.dataset.id ?? null;
}
