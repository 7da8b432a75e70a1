import { memo } from "react";

import { Stroke } from "./arrow.jsx";
import { useCanvas } from "./context.js";

const SPOKEN = { broken: "promise that the data break", proposed: "proposal", removed: "edge of the other version" };

/** A mark between two cards: a broken promise (waves), a proposal (dots, with its confidence), an edge that is gone (minus). */
export const MarkLine = memo(function MarkLine({ id, data, selected }) {
  const { focused } = useCanvas();
  const { route, kind, sort, label, spoken, badge, aimed, left, right } = data;
  return (
    <g
      className={["arrow", "mark", sort, (selected || aimed) && "selected"].filter(Boolean).join(" ")}
      data-testid={`graph-${sort}`}
      data-mark={sort}
      data-left={left}
      data-right={right}
      data-id={id}
      role="group"
      tabIndex={0}
      aria-label={`${label}: ${spoken}`}
      aria-roledescription={SPOKEN[sort]}
      onFocus={(event) => focused(id, event)}
    >
      <title>{spoken}</title>
      <path className="reach" d={route.path} />
      <Stroke route={route} kind={kind} />
      <Badge at={route.middle} sort={sort} text={badge} />
    </g>
  );
});

function Badge({ at, sort, text }) {
  return (
    <g className={`badge ${sort}`} transform={`translate(${at.x} ${at.y})`}>
      {sort === "broken" && <path d="M0,-13 L13,0 L0,13 L-13,0 Z" />}
      {sort === "proposed" && <rect x={-badgeWidth(text) / 2} y="-10" width={badgeWidth(text)} height="20" rx="10" />}
      {sort === "removed" && <circle r="9" />}
      <text y="4.5" textAnchor="middle">
        {text}
      </text>
    </g>
  );
}

/** The width of a proposal's pill. */
export function badgeWidth(text) {
  return Math.max(22, 8 * text.length + 12);
}
