import { CARD_HEIGHT, cardWidth } from "./geometry.js";
import { edgeLabel } from "./graph.js";

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
  return graph.edges.map((edge) => {
    const [sourceName, targetName] = [names.get(edge.source), names.get(edge.target)];
    const data = { route: ways.get(edge.id), kind: edge.kind, label: edgeLabel(graph, edge), sourceName, targetName, mark: mark(edge.kind, sourceName, targetName) };
    return kept(old.get(edge.id), {
      id: edge.id,
      type: "arrow",
      source: edge.source,
      target: edge.target,
      selected: view.selection.has(edge.id),
      ariaRole: "presentation",
      ariaLabel: null,
      data,
    });
  });
}

function flowNode(node, view) {
  const size = { width: cardWidth(node.name), height: CARD_HEIGHT };
  const data = {
    name: node.name,
    role: node.role,
    adjusted: view.reading.adjust.includes(node.name),
    renaming: view.renaming === node.id,
    linking: linking(node.id, view.line),
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

/** The mark of an edge in the reading: (kind, source, target) -> "causal", "biasing" or null. */
export function marker(reading) {
  const key = (pair) => JSON.stringify(pair);
  const causal = new Set(reading.causal.map(key));
  const biasing = new Set(reading.biasing.map(key));
  const arcs = new Set(reading.biasing_bidirected.flatMap(([a, b]) => [key([a, b]), key([b, a])]));
  return (kind, source, target) => {
    const pair = key([source, target]);
    if (kind === "bidirected") return arcs.has(pair) ? "biasing" : null;
    if (biasing.has(pair)) return "biasing";
    return causal.has(pair) ? "causal" : null;
  };
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
