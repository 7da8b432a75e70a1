import { afterMark } from "./focus.js";
import { Refusal } from "./graph.js";
import { joined } from "./layout.js";
import { choicesOf, isDefinite, markLabel, pairKey } from "./marks.js";

const MARK = /^(broken|proposed|removed):/;
const NONE = new Set();

/** Shows no path. */
export const NO_TRACE = { pinned: null, passing: null };

/** What a person can do with marks and with the lists beside the drawing; they share the desk with the actions of canvas.jsx. */
export function deciding({ now, set, view, editor, focusSoon }) {
  const markOf = (id) => [...now.current.marks.broken, ...now.current.marks.proposed].find((mark) => mark.id === id);
  const decided = (next) => {
    view.gathering = false;
    set.setSelection(NONE);
    set.setHovered(null);
    focusSoon(next);
  };

  const canvas = {
    isMark: (id) => MARK.test(id),
    choose: (id, place) => {
      const choice = choicesOf(markOf(id) ?? {})[place];
      if (!choice || now.current.state.readOnly) return;
      const next = afterMark(now.current.desk.current);
      if (editor().edit("accept", (old) => joined(old, choice), `Drew ${markLabel(choice)}`)) decided(next);
    },
    accept: (id) => {
      const mark = markOf(id);
      const choices = choicesOf(mark ?? {});
      if (choices.length === 1 || (choices.length && mark.sort === "proposed" && isDefinite(mark))) canvas.choose(id, 0);
      else if (choices.length) editor().say(choices.map((choice, place) => `${place + 1}: ${markLabel(choice)}`).join("   "));
    },
    acceptAll: (list) => {
      const refused = [];
      const next = afterMark(now.current.desk.current);
      const done = editor().edit("accept", (old) => list.reduce((graph, mark) => joinedUnless(graph, mark, refused), old));
      if (!done) return;
      const left = refused.length ? ` Left out, because it would close a cycle: ${refused.map(markLabel).join(", ")}.` : "";
      editor().say(`Drew ${list.length - refused.length} of ${list.length} edges.${left}`, refused.length ? "error" : "note");
      decided(next);
    },
    dismiss: (id) => {
      const mark = markOf(id);
      if (mark?.sort !== "proposed" || now.current.state.readOnly) return;
      const next = afterMark(now.current.desk.current);
      editor().dismiss([...editor().snapshot().dismissed, [mark.left, mark.right]], `Dismissed ${markLabel(mark)}. Ctrl+Z brings it back.`);
      decided(next);
    },
    restore: () => {
      const back = new Set(now.current.marks.dismissed.map(({ left, right }) => pairKey(left, right)));
      editor().dismiss(editor().snapshot().dismissed.filter(([left, right]) => !back.has(pairKey(left, right))), "Brought back what was dismissed.");
      focusSoon((desk) => desk.querySelector(".drawer .row"));
    },
    pick: (id) => set.setSelection(new Set([id])),
    hover: set.setHovered,
    edgeEntered: (_, edge) => edge.type === "mark" && set.setHovered(edge.id),
    edgeLeft: () => set.setHovered(null),

    trace: (text) => set.setTrace((old) => (old.passing === text ? old : { ...old, passing: text })),
    pin: (text) => set.setTrace((old) => (old.pinned === text ? NO_TRACE : { pinned: text, passing: null })),
    openDrawer: (name) => {
      set.setDrawer(name);
      set.setTrace(NO_TRACE);
      set.setHovered(null);
      focusSoon(name ? (desk) => desk.querySelector(".drawer .row") ?? desk.querySelector(".drawer button") : (desk) => desk);
    },
    turnDrawer: () => canvas.openDrawer(now.current.drawer ? null : "paths"),
  };
  return canvas;
}

function joinedUnless(graph, mark, refused) {
  try {
    return joined(graph, mark);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    refused.push(mark);
    return graph;
  }
}
