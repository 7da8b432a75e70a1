import { memo } from "react";

import { useCanvas } from "./context.js";
import { HEAD } from "./geometry.js";

const MEANING = { causal: "on a causal path", biasing: "on an open biasing path" };

/** One edge: a solid arrow, or a dashed arc with two heads for an unobserved common cause. */
export const Arrow = memo(function Arrow({ id, data, selected }) {
  const { focused } = useCanvas();
  const { route, kind, label, sourceName, targetName, mark } = data;
  const spoken = mark ? `${label}, ${MEANING[mark]}` : label;
  return (
    <g
      className={["arrow", kind, mark, selected && "selected"].filter(Boolean).join(" ")}
      data-testid="graph-edge"
      data-source={sourceName}
      data-target={targetName}
      data-kind={kind}
      data-mark={mark ?? ""}
      data-id={id}
      role="group"
      tabIndex={0}
      aria-label={spoken}
      aria-roledescription={kind === "directed" ? "arrow" : "unobserved common cause"}
      onFocus={(event) => focused(id, event)}
    >
      <title>{spoken}</title>
      <path className="reach" d={route.path} />
      <Stroke route={route} bothWays={kind === "bidirected"} />
      {mark === "biasing" && <Warning at={route.middle} />}
    </g>
  );
});

/** The edge that is being drawn. */
export function LooseArrow({ route, kind }) {
  return (
    <svg className={`loose arrow ${kind}`} aria-hidden="true">
      <Stroke route={route} bothWays={kind === "bidirected"} />
    </svg>
  );
}

function Stroke({ route, bothWays }) {
  return (
    <>
      <path className="halo" d={route.path} />
      <path className="line" d={route.line} />
      <path className="head" d={HEAD} transform={placedAt(route.end)} />
      {bothWays && <path className="head" d={HEAD} transform={placedAt(route.start)} />}
    </>
  );
}

function Warning({ at }) {
  return (
    <g className="warning" transform={`translate(${at.x} ${at.y})`}>
      <circle r="9" />
      <text y="4.5" textAnchor="middle">
        !
      </text>
    </g>
  );
}

function placedAt({ x, y, angle }) {
  return `translate(${x} ${y}) rotate(${angle})`;
}
