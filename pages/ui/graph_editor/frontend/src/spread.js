import { layered } from "./layout.js";

const GAP = { x: 46, y: 24 };
const WAYS = [
  { rankdir: "LR", nodesep: 26, ranksep: 56 },
  { rankdir: "TB", nodesep: 30, ranksep: 46 },
];
const MOST = 3.6;
const STEP = 0.15;
const LARGE = 0.85;
const WORTH = 0.9;

/**
 * The graph with cards of these sizes (id -> {width, height}), none over another: as a person placed them, pulled apart,
 * or laid out anew where that would show them much smaller on a sheet of this size.
 */
export function spread(graph, sizes, sheet) {
  const sized = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, ...sizes.get(node.id) })) };
  if (sized.nodes.length === 0) return sized;
  const zoom = (drawing) => zoomOf(drawing, sheet);
  const fresh = WAYS.map((how) => layered(sized, how)).reduce((best, each) => (zoom(each) > 1.15 * zoom(best) ? each : best));
  const pulled = sized.nodes.some(({ x, y }) => x === null || y === null) ? null : pulledApart(sized, sheet);
  return pulled && zoom(pulled) >= Math.min(LARGE, WORTH * zoom(fresh)) ? pulled : fresh;
}

/** How large a drawing is shown that fills the sheet. */
export function zoomOf(graph, sheet) {
  const left = Math.min(...graph.nodes.map(({ x, width }) => x - width / 2));
  const right = Math.max(...graph.nodes.map(({ x, width }) => x + width / 2));
  const top = Math.min(...graph.nodes.map(({ y, height }) => y - height / 2));
  const bottom = Math.max(...graph.nodes.map(({ y, height }) => y + height / 2));
  return Math.min(sheet.width / (right - left + 40), sheet.height / (bottom - top + 40));
}

function pulledApart(graph, sheet) {
  let best = null;
  for (let x = 0.7; x <= MOST; x += STEP) {
    const y = leastStretch(graph, x);
    if (y === null) continue;
    const tried = stretched(graph, x, y);
    const zoom = zoomOf(tried, sheet);
    if (best === null || zoom > best.zoom) best = { tried, zoom };
  }
  return best?.tried ?? null;
}

/** How far the drawing must be pulled upwards and downwards once it is pulled sideways by `x`; null where nothing helps. */
function leastStretch(graph, x) {
  let least = 0.7;
  for (const [place, a] of graph.nodes.entries()) {
    for (const b of graph.nodes.slice(place + 1)) {
      if (Math.abs(a.x - b.x) * x >= (a.width + b.width) / 2 + GAP.x) continue;
      const needed = ((a.height + b.height) / 2 + GAP.y) / Math.abs(a.y - b.y);
      if (!(needed <= MOST * 1.4)) return null;
      least = Math.max(least, needed);
    }
  }
  return least;
}

function stretched(graph, x, y) {
  return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, x: node.x * x, y: node.y * y })) };
}
