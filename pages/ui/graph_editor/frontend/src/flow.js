import { boxOf, CARD_HEIGHT, cardWidth, covers } from "./geometry.js";
import { edgeLabel } from "./graph.js";
import { drawn, markLabel, percent } from "./marks.js";

const BADGE = 12;
const ABOVE_CARDS = 1001; // the canvas library puts a selected card at 1000

/** The cards in the canvas library's form; `previous` lets an unchanged card keep its identity, so that it is not drawn again. */
export function flowNodes(graph, view, previous) {
  const old = new Map(previous.map((node) => [node.id, node]));
  return graph.nodes.map((node) => kept(old.get(node.id), flowNode(node, view)));
}

/** The edges in the canvas library's form, each with its route from `ways` and its mark from the reading. */
export function flowEdges(graph, ways, view, previous) {
  const old = new Map(previous.map((edge) => [edge.id, edge]));
  const names = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const mark = marker(view.reading);
  const trace = tracer(view.trace);
  const added = new Set(view.marks.added.map(([a, b, kind]) => edgeKey(kind, a, b)));
  const numbers = new Map(view.marks.numbers.map(({ edge: [a, b, kind], text, sentence }) => [edgeKey(kind, a, b), { text, sentence }]));
  return graph.edges.map((edge) => {
    const [sourceName, targetName] = [names.get(edge.source), names.get(edge.target)];
    const data = {
      route: ways.get(edge.id),
      kind: edge.kind,
      label: edgeLabel(graph, edge),
      sourceName,
      targetName,
      mark: mark(edge.kind, sourceName, targetName),
      trace: trace(edge.kind, sourceName, targetName),
      added: added.has(edgeKey(edge.kind, sourceName, targetName)),
      number: numbers.get(edgeKey(edge.kind, sourceName, targetName))?.text ?? "",
      told: numbers.get(edgeKey(edge.kind, sourceName, targetName))?.sentence ?? "",
    };
    return kept(old.get(edge.id), line("arrow", edge, view, data));
  });
}

/** The marks that have both ends on the canvas, in the canvas library's form; above the cards where one would hide the badge. */
export function flowMarks(marks, nodes, ways, view, previous) {
  const boxes = nodes.map(boxOf);
  const old = new Map(previous.map((edge) => [edge.id, edge]));
  return marks.filter(drawn).map((mark) => {
    const data = {
      route: ways.get(mark.id),
      kind: mark.kind,
      sort: mark.sort,
      label: markLabel(mark),
      left: mark.left,
      right: mark.right,
      spoken: mark.sentence ?? "Only the other version has this edge.",
      badge: { broken: "!", removed: "−", proposed: percent(mark.confidence) || "?" }[mark.sort],
      aimed: view.hovered === mark.id,
      raised: boxes.some((box) => covers(box, ways.get(mark.id).middle, BADGE)),
    };
    const flat = line("mark", mark, view, data);
    return kept(old.get(mark.id), data.raised ? { ...flat, zIndex: ABOVE_CARDS } : flat);
  });
}

function line(type, { id, source, target }, view, data) {
  return { id, type, source, target, selected: view.selection.has(id), ariaRole: "presentation", ariaLabel: null, data };
}

function flowNode(node, view) {
  const size = { width: cardWidth(node.name), height: CARD_HEIGHT };
  const data = {
    name: node.name,
    role: node.role,
    adjusted: view.reading.adjust.includes(node.name),
    renaming: view.renaming === node.id,
    linking: linking(node.id, view.line),
    trace: traceOf(node.name, view.trace),
    readOnly: view.readOnly,
  };
  const position = { x: node.x, y: node.y };
  return { id: node.id, type: "card", position, ...size, measured: size, selected: view.selection.has(node.id), data };
}

function linking(id, line) {
  if (!line) return "";
  if (line.from === id) return "source";
  return line.over === id ? "target" : "";
}

function traceOf(name, path) {
  if (!path?.nodes.includes(name)) return "";
  return path.blocked_by.includes(name) ? "blocks" : "on";
}

/** What a path is: "causal" or "biasing" while it is open, else "blocked". */
export function pathSort(path) {
  if (!path.open) return "blocked";
  return path.causal ? "causal" : "biasing";
}

/** The mark of an edge in the reading: (kind, source, target) -> "causal", "biasing" or null. */
export function marker(reading) {
  const keys = (kind, pairs) => pairs.map(([a, b]) => edgeKey(kind, a, b));
  const causal = new Set(keys("directed", reading.causal));
  const biasing = new Set([...keys("directed", reading.biasing), ...keys("bidirected", reading.biasing_bidirected)]);
  return (kind, source, target) => {
    const key = edgeKey(kind, source, target);
    if (biasing.has(key)) return "biasing";
    return causal.has(key) ? "causal" : null;
  };
}

/** What an edge is to the path that is shown: (kind, source, target) -> the path's sort, or null. */
export function tracer(path) {
  const on = new Set((path?.edges ?? []).map(([a, b, kind]) => edgeKey(kind, a, b)));
  return (kind, source, target) => (on.has(edgeKey(kind, source, target)) ? pathSort(path) : null);
}

/** The key of an edge by names; a bidirected edge has the same in both orders. */
export function edgeKey(kind, a, b) {
  return JSON.stringify([kind, ...(kind === "bidirected" ? [a, b].sort() : [a, b])]);
}

function kept(old, next) {
  if (!old || !equal(old.data, next.data)) return next;
  const place = !next.position || (old.position.x === next.position.x && old.position.y === next.position.y);
  const same = place && old.selected === next.selected && old.width === next.width;
  return same ? old : { ...next, data: old.data };
}

function equal(a, b) {
  return Object.keys(b).every((field) => a[field] === b[field]);
}
