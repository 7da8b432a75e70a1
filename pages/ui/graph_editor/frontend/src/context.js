import { createContext, useContext } from "react";

export const CanvasContext = createContext(null);

/** What cards, arrows and bars may do: see the value given in canvas.jsx. */
export function useCanvas() {
  return useContext(CanvasContext);
}
