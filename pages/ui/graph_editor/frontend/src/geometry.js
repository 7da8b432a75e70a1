/** Where cards end, where arrows run. Points are {x, y}; a box is {x, y, width, height} around its middle. */

export const CARD_HEIGHT = 44;
/** An arrow head with its tip at the origin, pointing right. */
export const HEAD = "M0,0 L-11,-5.5 L-8.5,0 L-11,5.5 Z";
const NARROWEST = 84;
const WIDEST = 216;
const CARD_EXTRAS = 58;
const HEAD_LENGTH = 8;
const GAP = 4;
const SAMPLES = 24;
const BENDS = [0, 0.16, -0.16, 0.3, -0.3, 0.45, -0.45];
const ARCS = [0.22, -0.22, 0.36, -0.36, 0.5, -0.5];
const CURVES = { bidirected: ARCS, broken: [0.1, -0.1, 0.26, -0.26, 0.42, -0.42] };
const CUT_STARTS = new Set(["bidirected", "partly directed"]);
const CUT_ENDS = new Set(["directed", "bidirected", "partly directed"]);
const WAVE_LENGTH = 20;
const WAVE_HEIGHT = 3.6;
const HIGHEST_BOW = 120;

/** The box of a card: of its own size where it has one, else as wide as its name asks, within limits. */
export function boxOf(node) {
  return { x: node.x, y: node.y, width: node.width ?? cardWidth(node.name), height: node.height ?? CARD_HEIGHT };
}

/** The width of a card with this name, in pixels. */
export function cardWidth(name) {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, textWidth(name) + CARD_EXTRAS)));
}

/**
 * The curves of all edges and marks: id -> {path, line, start, end, middle, third}; start and end carry the angle of
 * their arrow head, line is the path without the stretches that the heads cover, so that their tips are sharp.
 * An arrow is straight unless a card stands in its way; an arc is always bowed, a broken promise is bowed and waves. While the cards `dragged` move, the
 * curves of the other edges stay as `previous` had them: rerouting hundreds in every frame would stutter.
 */
export function routes(nodes, edges, previous = new Map(), dragged = null) {
  const boxes = new Map(nodes.map((node) => [node.id, boxOf(node)]));
  const stays = ({ id, source, target }) => dragged && previous.has(id) && !dragged.has(source) && !dragged.has(target);
  const way = (edge) => (stays(edge) ? previous.get(edge.id) : unlessSame(previous.get(edge.id), route(edge, boxes)));
  return new Map(edges.map((edge) => [edge.id, way(edge)]));
}

/** Whether a point lies on the box, with `margin` pixels around it. */
export function covers(box, point, margin = 0) {
  return (
    Math.abs(point.x - box.x) <= box.width / 2 + margin && Math.abs(point.y - box.y) <= box.height / 2 + margin
  );
}

/** As much of a name as a card shows, with an ellipsis where it is cut. */
export function shortened(name) {
  const room = WIDEST - CARD_EXTRAS;
  if (textWidth(name) <= room) return name;
  const letters = [...name];
  let length = Math.min(letters.length, 60);
  while (length > 1 && textWidth(`${letters.slice(0, length).join("")}…`) > room) length -= 1;
  return `${letters.slice(0, length).join("")}…`;
}

/** The route from a card's border to a free point, while an arrow is being drawn. */
export function looseLine(box, point, kind) {
  const curve = [box, { x: (box.x + point.x) / 2, y: (box.y + point.y) / 2 }, point];
  return described(clipped(curve, exit(curve, box), 1), kind);
}

function route(edge, boxes) {
  const source = boxes.get(edge.source);
  const target = boxes.get(edge.target);
  const others = [...boxes].filter(([id]) => id !== edge.source && id !== edge.target).map(([, box]) => box);
  const bends = CURVES[edge.kind] ?? BENDS;
  const curves = bends.map((bend) => bowed(source, target, bend));
  const curve = curves.find((candidate) => clear(candidate, others)) ?? curves[0];
  const backwards = [...curve].reverse();
  return described(clipped(curve, exit(curve, source), 1 - exit(backwards, target)), edge.kind);
}

function unlessSame(old, next) {
  return old?.path === next.path ? old : next;
}

function bowed(a, b, bend) {
  const distance = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const height = Math.sign(bend) * Math.min(Math.abs(bend) * distance, HIGHEST_BOW + Math.abs(bend) * 60);
  const side = b.x >= a.x ? 1 : -1;
  const normal = { x: ((b.y - a.y) / distance) * side, y: (-(b.x - a.x) / distance) * side };
  const middle = { x: (a.x + b.x) / 2 + 2 * height * normal.x, y: (a.y + b.y) / 2 + 2 * height * normal.y };
  return [{ x: a.x, y: a.y }, middle, { x: b.x, y: b.y }];
}

function clear(curve, boxes) {
  const [a, c, b] = curve;
  const left = Math.min(a.x, c.x, b.x);
  const right = Math.max(a.x, c.x, b.x);
  const top = Math.min(a.y, c.y, b.y);
  const bottom = Math.max(a.y, c.y, b.y);
  const near = boxes.filter(
    (box) =>
      box.x + box.width / 2 > left - GAP &&
      box.x - box.width / 2 < right + GAP &&
      box.y + box.height / 2 > top - GAP &&
      box.y - box.height / 2 < bottom + GAP,
  );
  for (let i = 1; i < SAMPLES && near.length; i += 1) {
    const point = at(curve, i / SAMPLES);
    if (near.some((box) => covers(box, point, GAP))) return false;
  }
  return true;
}

function exit(curve, box) {
  let inside = 0;
  let outside = 1;
  for (let i = 0; i < 18; i += 1) {
    const middle = (inside + outside) / 2;
    if (covers(box, at(curve, middle), GAP)) inside = middle;
    else outside = middle;
  }
  return outside >= 1 ? 0 : outside;
}

function clipped(curve, from, to) {
  if (from >= to) return curve;
  const [a, c, b] = curve;
  const start = at(curve, from);
  const end = at(curve, to);
  const slope = { x: 2 * ((1 - from) * (c.x - a.x) + from * (b.x - c.x)), y: 2 * ((1 - from) * (c.y - a.y) + from * (b.y - c.y)) };
  const half = (to - from) / 2;
  return [start, { x: start.x + slope.x * half, y: start.y + slope.y * half }, end];
}

function described(curve, kind) {
  const [a, c, b] = curve;
  const head = Math.min(0.4, HEAD_LENGTH / (Math.hypot(c.x - a.x, c.y - a.y) + Math.hypot(b.x - c.x, b.y - c.y) + 1));
  const shown = clipped(curve, CUT_STARTS.has(kind) ? head : 0, CUT_ENDS.has(kind) ? 1 - head : 1);
  return {
    path: pathOf(curve),
    line: kind === "broken" ? wave(curve) : pathOf(shown),
    start: { ...a, angle: degrees(c, a) },
    end: { ...b, angle: degrees(c, b) },
    middle: at(curve, 0.5),
    third: at(curve, 0.3),
  };
}

/** A wave around the curve, flat at both ends. */
function wave(curve) {
  const [a, c, b] = curve;
  const length = Math.hypot(c.x - a.x, c.y - a.y) + Math.hypot(b.x - c.x, b.y - c.y);
  const count = Math.max(2, Math.round(length / WAVE_LENGTH)) * 8;
  const points = Array.from({ length: count + 1 }, (_, i) => {
    const point = at(curve, i / count);
    const before = at(curve, Math.max(0, (i - 1) / count));
    const after = at(curve, Math.min(1, (i + 1) / count));
    const step = Math.hypot(after.x - before.x, after.y - before.y) || 1;
    const height = WAVE_HEIGHT * Math.sin((i / 8) * 2 * Math.PI);
    return `${(point.x - ((after.y - before.y) / step) * height).toFixed(1)},${(point.y + ((after.x - before.x) / step) * height).toFixed(1)}`;
  });
  return `M${points.join(" L")}`;
}

function pathOf([a, c, b]) {
  const point = (value) => `${value.x.toFixed(1)},${value.y.toFixed(1)}`;
  return `M${point(a)} Q${point(c)} ${point(b)}`;
}

function degrees(from, to) {
  return (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
}

function at([a, c, b], t) {
  const u = 1 - t;
  return { x: u * u * a.x + 2 * u * t * c.x + t * t * b.x, y: u * u * a.y + 2 * u * t * c.y + t * t * b.y };
}

let ruler = null;

/** How wide a text is in a card's name. */
export function textWidth(text) {
  if (typeof document === "undefined") return text.length * 7.6;
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = '600 14px "Source Sans", sans-serif';
  return ruler.measureText(text.slice(0, 80)).width;
}
