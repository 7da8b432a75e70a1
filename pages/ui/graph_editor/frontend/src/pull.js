import { useMemo, useRef } from "react";

import { boxOf, covers } from "./geometry.js";

const REACH = 8;
const TAP = 5;

/** Drawing by pointer: from a card's dot to anywhere on another card; a tap on the dot waits for a tap on the other card. */
export function usePull({ toFlow, nodes, kindOf, onLine, onEnd, onTap }) {
  const pull = useRef(null);
  const latest = useRef(null);
  latest.current = { toFlow, nodes, kindOf, onLine, onEnd, onTap };
  return useMemo(() => handlers(pull, latest), []);
}

function handlers(pull, latest) {
  const under = (event) => {
    const point = latest.current.toFlow({ x: event.clientX, y: event.clientY });
    const hits = latest.current.nodes().filter((node) => covers(boxOf(node), point, REACH));
    return { point, over: hits.find((node) => covers(boxOf(node), point))?.id ?? hits.at(-1)?.id ?? null };
  };
  const start = (event, from) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    pull.current = { from, kind: latest.current.kindOf(event), at: [event.clientX, event.clientY], moved: false };
  };
  const move = (event) => {
    if (!pull.current) return;
    const [x, y] = pull.current.at;
    pull.current.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > TAP;
    if (pull.current.moved) latest.current.onLine({ from: pull.current.from, kind: kind(event), ...under(event) });
  };
  const end = (event) => {
    if (!pull.current) return;
    const { from, moved } = pull.current;
    const line = { from, kind: kind(event), ...under(event) };
    cancel();
    if (!moved) latest.current.onTap(from);
    else if (line.over && line.over !== from) latest.current.onEnd(line);
  };
  const cancel = () => {
    pull.current = null;
    latest.current.onLine(null);
  };
  const kind = (event) => (event.altKey ? "bidirected" : pull.current.kind);
  return { start, move, end, cancel };
}
