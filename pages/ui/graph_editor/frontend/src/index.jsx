import "@xyflow/react/dist/base.css";
import "./style.css";
import "./what_if.css";

import { createRoot } from "react-dom/client";

import { Canvas } from "./canvas.jsx";
import { Editor } from "./editor.js";
import { Scenario } from "./scenario.js";
import { WhatIf } from "./what_if.jsx";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta"]);
const instances = new WeakMap();

/** Streamlit calls this at the start and whenever the data or the theme changes; the instance stays the same. */
export default function mount({ parentElement, data, setStateValue }) {
  const instance = instances.get(parentElement) ?? begin(parentElement, Boolean(data.what_if));
  instance.send = setStateValue;
  instance.held.receive(data);
  return () => setTimeout(() => endIfGone(parentElement));
}

/** A drawing to work on, or one that stands still with a control on each variable. */
function begin(parentElement, isWhatIf) {
  const host = document.createElement("div");
  host.className = "graph-host";
  host.style.visibility = "hidden";
  parentElement.appendChild(host);
  for (const type of ["keydown", "keyup", "keypress"]) host.addEventListener(type, keepFromStreamlit);
  const instance = { host, send: () => {} };
  instance.root = createRoot(host);
  const send = (name, value) => instance.send(name, value);
  if (isWhatIf) {
    instance.held = new Scenario(send);
    instance.root.render(<WhatIf scenario={instance.held} />);
  } else {
    instance.held = new Editor(send);
    instance.held.screenWidth = parentElement.host?.clientWidth || host.clientWidth || 800;
    instance.root.render(<Canvas editor={instance.held} />);
  }
  instances.set(parentElement, instance);
  return instance;
}

function endIfGone(parentElement) {
  const instance = instances.get(parentElement);
  if (!instance || parentElement.isConnected) return;
  instance.root.unmount();
  instance.host.remove();
  instances.delete(parentElement);
}

/** Streamlit's own hot keys (r, c) would fire while a person types; modifiers pass, the canvas library waits for them. */
function keepFromStreamlit(event) {
  if (!MODIFIERS.has(event.key)) event.stopPropagation();
}
