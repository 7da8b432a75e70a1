import dagre from "@dagrejs/dagre";

import { boxOf, CARD_HEIGHT, cardWidth, covers } from "./geometry.js";
import { withEdge, withNode } from "./graph.js";

const NARROW = 520;
const STEP = 26;

/** The graph with every card laid out along its arrows: left to right, on a narrow screen top to bottom. */
export function laidOut(graph, screenWidth) {
  const narrow = screenWidth < NARROW;
  return layered(graph, { rankdir: narrow ? "TB" : "LR", nodesep: narrow ? 24 : 44, ranksep: narrow ? 64 : 96 });
}

/** The graph laid out in layers; `how` as dagre takes it. */
export function layered(graph, how) {
  const sheet = new dagre.graphlib.Graph();
  sheet.setGraph(how);
  sheet.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) {
    const { width, height } = boxOf(node);
    sheet.setNode(node.id, { width, height });
  }
  for (const { kind, source, target } of graph.edges) if (kind === "directed") sheet.setEdge(source, target);
  dagre.layout(sheet);
  return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, x: sheet.node(node.id).x, y: sheet.node(node.id).y })) };
}

/** The graph with a place for each card that has none: all by layout, a few beside what they are joined to. */
export function placed(graph, screenWidth) {
  const homeless = graph.nodes.filter((node) => node.x === null || node.y === null);
  if (homeless.length === 0) return graph;
  if (homeless.length === graph.nodes.length) return laidOut(graph, screenWidth);
  const settled = graph.nodes.filter((node) => node.x !== null && node.y !== null);
  for (const node of homeless) settled.push({ ...node, ...freePlace(settled, beside(graph, node, settled), node.name) });
  const places = new Map(settled.map((node) => [node.id, node]));
  return { ...graph, nodes: graph.nodes.map((node) => places.get(node.id)) };
}

/** The nearest place to `wanted` where a card of this name covers no other, searched on a widening spiral. */
export function freePlace(nodes, wanted, name) {
  const card = { width: cardWidth(name), height: CARD_HEIGHT };
  const taken = nodes.map(boxOf);
  for (let turn = 0; turn < 400; turn += 1) {
    const radius = STEP * Math.sqrt(turn);
    const angle = turn * 2.4;
    const point = { x: wanted.x + radius * Math.cos(angle) * 1.6, y: wanted.y + radius * Math.sin(angle) };
    const free = taken.every((box) => !covers({ ...box, width: box.width + card.width, height: box.height + card.height }, point, 14));
    if (free) return point;
  }
  return wanted;
}

/** The graph with an edge between two variables by name; one that is not drawn yet is added beside the other. */
export function joined(graph, { left, right, kind }) {
  const placed = withNamed(withNamed(graph, left, right, -200), right, left, 200);
  const idOf = (name) => placed.nodes.find((node) => node.name === name).id;
  return withEdge(placed, kind, idOf(left), idOf(right));
}

function withNamed(graph, name, neighbour, distance) {
  if (graph.nodes.some((node) => node.name === name)) return graph;
  const other = graph.nodes.find((node) => node.name === neighbour);
  const wanted = other ? { x: other.x + distance, y: other.y } : below(graph.nodes);
  return withNode(graph, name, freePlace(graph.nodes, wanted, name));
}

function beside(graph, node, settled) {
  const places = new Map(settled.map((other) => [other.id, other]));
  for (const { source, target } of graph.edges) {
    if (source === node.id && places.has(target)) return { x: places.get(target).x - 200, y: places.get(target).y };
    if (target === node.id && places.has(source)) return { x: places.get(source).x + 200, y: places.get(source).y };
  }
  return below(settled);
}

function below(nodes) {
  return nodes.length ? { x: average(nodes, "x"), y: Math.max(...nodes.map(({ y }) => y)) + 90 } : { x: 0, y: 0 };
}

function average(nodes, axis) {
  return nodes.reduce((sum, node) => sum + node[axis], 0) / nodes.length;
}
