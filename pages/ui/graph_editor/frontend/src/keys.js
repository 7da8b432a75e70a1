import { roleOfKey } from "./roles.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PLAIN = {
  n: (canvas) => canvas.openAdd(),
  b: (canvas) => canvas.switchKind(),
  e: (canvas, id) => canvas.beginLink(id),
  l: (canvas) => canvas.layOut(),
  f: (canvas) => canvas.fit(),
  m: (canvas) => canvas.fullScreen(),
  p: (canvas) => canvas.turnDrawer(),
  F2: (canvas, id) => canvas.rename(id),
  Enter: (canvas, id) => canvas.rename(id),
  " ": (canvas, id) => canvas.toggle(id),
  Delete: (canvas) => canvas.remove(),
  Backspace: (canvas) => canvas.remove(),
  Escape: (canvas) => canvas.letGo(),
  "+": (canvas) => canvas.zoomIn(),
  "=": (canvas) => canvas.zoomIn(),
  "-": (canvas) => canvas.zoomOut(),
};
const COMMAND = {
  z: (canvas) => canvas.undo(),
  "shift+z": (canvas) => canvas.redo(),
  y: (canvas) => canvas.redo(),
  a: (canvas) => canvas.selectAll(),
};

/** Does what a key means on the canvas; `id` is the card or arrow in focus, null where there is none. */
export function press(event, canvas, id) {
  if (event.target.closest("input, textarea")) return;
  const onButton = event.target.closest("button") !== null;
  if (onButton && (event.key === "Enter" || event.key === " ")) return;
  const action = meaning(event, canvas, id);
  if (!action) return;
  event.preventDefault();
  action();
}

function meaning(event, canvas, id) {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return bound(COMMAND[event.shiftKey ? `shift+${letter}` : letter], canvas, id);
  if (event.altKey) return undefined;
  if (canvas.linking()) return linkMeaning(event, canvas, id);
  if (id && canvas.isMark(id)) return markMeaning(event, canvas, id) ?? bound(PLAIN[letter], canvas, null);
  if (ARROWS[event.key] && id) return () => canvas.nudge(ARROWS[event.key], event.shiftKey ? 50 : 10);
  const role = roleOfKey(event.key);
  if (role !== undefined) return () => canvas.setRole(role, id);
  return bound(PLAIN[letter], canvas, id);
}

function linkMeaning(event, canvas, id) {
  if (event.key === "Tab") return () => canvas.nextTarget(event.shiftKey ? -1 : 1);
  if (ARROWS[event.key]) return () => canvas.targetTowards(ARROWS[event.key]);
  if (event.key === "Enter" || event.key === " ") return () => canvas.endLink(id);
  if (event.key === "Escape") return () => canvas.letGo();
  return undefined;
}

/** On a mark digits draw its choices, Enter draws what it says, Delete dismisses it. */
function markMeaning(event, canvas, id) {
  if (/^[1-9]$/.test(event.key)) return () => canvas.choose(id, Number(event.key) - 1);
  if (event.key === "Enter" || event.key === " ") return () => canvas.accept(id);
  if (event.key === "Delete" || event.key === "Backspace") return () => canvas.dismiss(id);
  return undefined;
}

function bound(action, canvas, id) {
  return action && (() => action(canvas, id));
}
