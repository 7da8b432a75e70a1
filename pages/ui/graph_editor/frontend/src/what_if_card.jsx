import { Handle, Position } from "@xyflow/react";
import { memo } from "react";

import { ChangeControl, controlHeight, ModeMenu } from "./change_control.jsx";
import { cardWidth, textWidth } from "./geometry.js";
import { roleColours, roleOf } from "./roles.js";

const WIDTH = 240;
const WIDEST = 310;
const BESIDE_NAME = 148;
const COMPACT_WIDTH = 132;
const HEAD = 38;
const VALUE = 28;

/** The size of a variable's card: with its control, or with its value alone. */
export function sizeOf(name, info, compact) {
  if (compact) return { width: Math.ceil(Math.max(COMPACT_WIDTH, cardWidth(name), widthOfValues(info))), height: HEAD + (info?.change ? 2 : 1) * 24 + 2 };
  const width = Math.round(Math.min(WIDEST, Math.max(WIDTH, textWidth(name) + BESIDE_NAME, widthOfValues(info))));
  return { width, height: HEAD + VALUE + (info ? controlHeight(info, width) : 0) + 10 };
}

function widthOfValues(info) {
  if (!info) return 0;
  const moved = info.after === null ? 0 : textWidth(info.after) + (info.shift ? textWidth(info.shift) + 24 : 0) + 24;
  return 26 + Math.max(textWidth(info.before) + moved, info.change ? textWidth(info.change) : 0);
}

/** One variable: its mean or shares before and after, and the control that changes it. */
export const WhatIfCard = memo(function WhatIfCard({ data }) {
  const { name, role, info, change, state, compact, scenario, waiting } = data;
  const classes = ["card", "what-if-card", `role-${role ?? "none"}`, state, compact && "compact", waiting && "waiting"];
  return (
    <div
      className={classes.filter(Boolean).join(" ")}
      style={roleColours(role)}
      data-testid="what-if-node"
      data-name={name}
      data-state={state}
      role="group"
      aria-label={info?.spoken ?? name}
      title={info?.spoken ?? name}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} className="anchor" />
      <Handle type="source" position={Position.Right} isConnectable={false} className="anchor" />
      <div className="card-head">
        {role !== null && (
          <span className="letter" aria-hidden="true">
            {roleOf(role).letter}
          </span>
        )}
        <span className="name">{name}</span>
        {!compact && info && <ModeMenu name={name} info={info} change={change} scenario={scenario} />}
      </div>
      {info && <Values info={info} />}
      {compact && info?.change && <span className="told">{info.change}</span>}
      {!compact && info && <ChangeControl name={name} info={info} change={change} scenario={scenario} />}
    </div>
  );
});

/** One variable in the list under the drawing, where cards are too small for a finger. */
export function WhatIfRow({ node, info, change, state, scenario }) {
  return (
    <li className={`what-if-row ${state}`} style={roleColours(node.role)} data-testid="what-if-row" data-name={node.name} data-state={state}>
      <div className="card-head">
        <span className="name">{node.name}</span>
        <ModeMenu name={node.name} info={info} change={change} scenario={scenario} />
      </div>
      <Values info={info} />
      <ChangeControl name={node.name} info={info} change={change} scenario={scenario} />
    </li>
  );
}

function Values({ info }) {
  return (
    <div className="values" data-testid="what-if-values">
      <span className="before">{info.before}</span>
      {info.after !== null && (
        <>
          <span className="to" aria-hidden="true">
            →
          </span>
          <span className="after">{info.after}</span>
          {info.shift && <span className={`shift ${["down", "same", "up"][info.direction + 1]}`}>{info.shift}</span>}
        </>
      )}
    </div>
  );
}
