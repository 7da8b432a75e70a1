import { memo } from "react";

import { useCanvas } from "./context.js";
import { HEAD } from "./geometry.js";

const MEANING = { causal: "on a causal path", biasing: "on an open biasing path" };
const TRACED = { causal: "on the causal path shown", biasing: "on the biasing path shown", blocked: "on the blocked path shown" };

/** One edge: a solid arrow, or a dashed arc with two heads for an unobserved common cause. */
export const Arrow = memo(function Arrow({ id, data, selected }) {
  const { focused } = useCanvas();
  const { route, kind, label, sourceName, targetName, mark, trace, added, number, told } = data;
  const spoken = [label, MEANING[mark], TRACED[trace], added && "not in the other version", told].filter(Boolean).join(", ");
  const classes = ["arrow", kind, trace ? `lit ${trace}` : mark, added && "added", selected && "selected"];
  return (
    <g
      className={classes.filter(Boolean).join(" ")}
      data-testid="graph-edge"
      data-source={sourceName}
      data-target={targetName}
      data-kind={kind}
      data-mark={mark ?? ""}
      data-trace={trace ?? ""}
      data-added={added}
      data-id={id}
      role="group"
      tabIndex={0}
      aria-label={spoken}
      aria-roledescription={kind === "directed" ? "arrow" : "unobserved common cause"}
      onFocus={(event) => focused(id, event)}
    >
      <title>{spoken}</title>
      <path className="reach" d={route.path} />
      <Stroke route={route} kind={kind} />
      {(trace ? trace === "biasing" : mark === "biasing") && <Sign at={route.middle} text="!" name="warning" />}
      {number && <Coefficient at={mark === "biasing" || trace === "biasing" ? route.third : route.middle} text={number} />}
      {added && <Sign at={route.third} text="+" name="plus" />}
    </g>
  );
});

/** The edge that is being drawn. */
export function LooseArrow({ route, kind }) {
  return (
    <svg className={`loose arrow ${kind}`} aria-hidden="true">
      <Stroke route={route} kind={kind} />
    </svg>
  );
}

/** A line with the ends of its kind: heads, none, or a circle where an end is undecided. */
export function Stroke({ route, kind }) {
  return (
    <>
      <path className="halo" d={route.path} />
      <path className="line" d={route.line} />
      {kind !== "undirected" && kind !== "broken" && <path className="head" d={HEAD} transform={placedAt(route.end)} />}
      {kind === "bidirected" && <path className="head" d={HEAD} transform={placedAt(route.start)} />}
      {kind === "partly directed" && <circle className="ring" cx="-4.5" r="4" transform={placedAt(route.start)} />}
    </>
  );
}

function Sign({ at, text, name }) {
  return (
    <g className={`sign ${name}`} transform={`translate(${at.x} ${at.y})`}>
      <circle r="9" />
      <text y="4.5" textAnchor="middle">
        {text}
      </text>
    </g>
  );
}

function Coefficient({ at, text }) {
  const width = 7 * text.length + 10;
  return (
    <g className="number" transform={`translate(${at.x} ${at.y})`}>
      <rect x={-width / 2} y="-9" width={width} height="18" rx="4" />
      <text y="4" textAnchor="middle">
        {text}
      </text>
    </g>
  );
}

function placedAt({ x, y, angle }) {
  return `translate(${x} ${y}) rotate(${angle})`;
}
