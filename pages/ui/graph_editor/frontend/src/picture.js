import { edgeKey, marker, pathSort, tracer } from "./flow.js";
import { boxOf, HEAD, routes, shortened } from "./geometry.js";
import { edgeLabel } from "./graph.js";
import { markLabel, percent } from "./marks.js";
import { roleOf } from "./roles.js";

const MARGIN = 40;
const PNG_SCALE = 3;
const INK = "#31333f";
const STROKES = { causal: "#008f68", biasing: "#c01027", blocked: "#6b6d76" };
const MARKS = {
  broken: { colour: "#a35200", badge: "!" },
  proposed: { colour: "#5f55d9", dash: "1 7" },
  removed: { colour: "#6b6d76", dash: "2 5", badge: "−" },
};

/**
 * The drawing with its marks and the path that is shown, as a stand-alone SVG on white: {text, width, height}. Needs no
 * font or style from elsewhere.
 */
export function svgOf({ graph, reading, added, marks, path }) {
  const ways = routes(graph.nodes, [...graph.edges, ...marks]);
  const frame = frameOf(graph.nodes.map(boxOf), [...ways.values()]);
  const strokeOf = stroker(reading, path);
  const more = new Set(added.map(([a, b, kind]) => edgeKey(kind, a, b)));
  const names = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const arrows = graph.edges.map((edge) => {
    const label = edgeLabel(graph, edge);
    const ends = [edge.kind, names.get(edge.source), names.get(edge.target)];
    const { colour, faded } = strokeOf(...ends);
    const badge = more.has(edgeKey(...ends)) ? "+" : "";
    return lineOf({ ...edge, label, colour: colour ?? "#6b6d76", width: colour ? 3.2 : 1.9, badge, faded }, ways.get(edge.id));
  });
  const overlay = marks.map((mark) => {
    const title = [markLabel(mark), mark.sentence].filter(Boolean).join(": ");
    return lineOf({ badge: percent(mark.confidence), ...MARKS[mark.sort], kind: mark.kind, label: title, width: 2.2, faded: path !== null }, ways.get(mark.id));
  });
  const cards = graph.nodes.map((node) => cardOf(node, reading.adjust.includes(node.name), path !== null && !path.nodes.includes(node.name)));
  const { left, top, width, height } = frame;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif">`;
  const paper = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#ffffff"/>`;
  return { text: [head, paper, ...arrows, ...overlay, ...cards, "</svg>"].join("\n"), width, height };
}

/** Hands the drawing to the person as a file; format is "svg" or "png". */
export async function savePicture(drawing, format) {
  const picture = svgOf(drawing);
  const svg = new Blob([picture.text], { type: "image/svg+xml" });
  download(format === "svg" ? svg : await pngOf(svg, picture), `graph.${format}`);
}

function stroker(reading, path) {
  const mark = marker(reading);
  const trace = tracer(path);
  return (...edge) => {
    if (path === null) return { colour: STROKES[mark(...edge)], faded: false };
    return { colour: trace(...edge) ? STROKES[pathSort(path)] : undefined, faded: !trace(...edge) };
  };
}

function lineOf({ kind, label, colour, width, dash, badge, faded }, route) {
  const dashes = dash ?? (kind === "bidirected" ? "7 5" : "");
  const head = ({ x, y, angle }) => `<path d="${HEAD}" fill="${colour}" transform="translate(${x} ${y}) rotate(${angle})"/>`;
  const ends = [
    kind === "undirected" || kind === "broken" ? "" : head(route.end),
    kind === "bidirected" ? head(route.start) : "",
    kind === "partly directed" ? `<circle cx="${route.start.x}" cy="${route.start.y}" r="4" fill="#ffffff" stroke="${colour}" stroke-width="2"/>` : "",
  ];
  const line = `<path d="${route.line}" fill="none" stroke="${colour}" stroke-width="${width}"${dashes ? ` stroke-dasharray="${dashes}"` : ""}/>`;
  return `<g${faded ? ' opacity="0.2"' : ""}><title>${escaped(label)}</title>${line}${ends.join("")}${badge ? badgeOf(route, badge, colour) : ""}</g>`;
}

function badgeOf({ middle, third }, text, colour) {
  const { x, y } = text === "+" ? third : middle;
  const width = Math.max(18, 8 * text.length + 12);
  const pill = `<rect x="${x - width / 2}" y="${y - 9}" width="${width}" height="18" rx="9" fill="#ffffff" stroke="${colour}" stroke-width="1.5"/>`;
  return `${pill}<text x="${x}" y="${y + 4}" font-size="12" font-weight="700" text-anchor="middle" fill="${colour}">${escaped(text)}</text>`;
}

function cardOf(node, adjusted, faded) {
  const { x, y, width, height } = boxOf(node);
  const { role, letter, colour, ink } = roleOf(node.role);
  const border = role === null ? "#b5b6bb" : colour;
  const shape = (grow, extra) =>
    `<rect x="${x - width / 2 - grow}" y="${y - height / 2 - grow}" width="${width + 2 * grow}" height="${height + 2 * grow}" rx="${12 + grow}" ${extra}/>`;
  const parts = [
    `<title>${escaped(node.name)}</title>`,
    adjusted ? shape(4.5, `fill="#ffffff" stroke="${INK}" stroke-width="2.5"`) : "",
    shape(0, `fill="#ffffff" stroke="${border}" stroke-width="1.5"${role === "unobserved" ? ' stroke-dasharray="5 4"' : ""}`),
    role === null ? "" : letterOf(x - width / 2 + 20, y, letter, colour, ink),
    `<text x="${x + (role === null ? 0 : 14)}" y="${y + 5}" font-size="14" font-weight="600" text-anchor="middle" fill="${INK}">${escaped(shortened(node.name))}</text>`,
  ];
  return `<g${faded ? ' opacity="0.3"' : ""}>${parts.join("")}</g>`;
}

function letterOf(x, y, letter, colour, ink) {
  const text = `<text x="${x}" y="${y + 4.5}" font-size="13" font-weight="700" text-anchor="middle" fill="${ink}">${escaped(letter)}</text>`;
  return `<circle cx="${x}" cy="${y}" r="12" fill="${colour}"/>${text}`;
}

function frameOf(boxes, ways) {
  const points = [
    ...boxes.flatMap(({ x, y, width, height }) => [
      [x - width / 2, y - height / 2],
      [x + width / 2, y + height / 2],
    ]),
    ...ways.map(({ middle }) => [middle.x, middle.y]),
  ];
  const [left, right] = extent(points.map(([x]) => x));
  const [top, bottom] = extent(points.map(([, y]) => y));
  return { left: left - MARGIN, top: top - MARGIN, width: right - left + 2 * MARGIN, height: bottom - top + 2 * MARGIN };
}

function extent(values) {
  return [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))];
}

/** Text for XML: no markup, and no control character that XML cannot hold. */
function escaped(text) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�").replace(/[&<>"]/g, (sign) => signs[sign]);
}

async function pngOf(svg, { width, height }) {
  const address = URL.createObjectURL(svg);
  const image = new Image();
  image.src = address;
  await image.decode();
  const paper = document.createElement("canvas");
  paper.width = width * PNG_SCALE;
  paper.height = height * PNG_SCALE;
  paper.getContext("2d").drawImage(image, 0, 0, paper.width, paper.height);
  URL.revokeObjectURL(address);
  return new Promise((done) => paper.toBlob(done, "image/png"));
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
